"""The difference of two configurations, account by account."""

from msgspec.structs import replace
from tests.act.book import incident

from gatepost.core.evidence import Level
from gatepost.core.incident import Incident
from gatepost.core.units import Account, Instant
from gatepost.runtime.differences import Difference, compared, sides


def of(account: str, level: Level, at: float = 100.0, out: int = 5, number: int = 1) -> Incident:
    """An incident that came to a level at a time."""
    made = incident()
    stopped = Instant(at) if level >= Level.HOLD else Instant(0.0)
    verdict = replace(made.verdict, at=Instant(at), level=level)
    return replace(
        made, account=Account(account), number=number, peak=level, stopped=stopped, out_before=out, verdict=verdict
    )


def one(here: list[Incident], there: list[Incident]) -> Difference:
    """The only account."""
    (found,) = compared(here, there)
    return found


def test_who_stops_it_is_told() -> None:
    """Hold and block stop; throttle does not."""
    held, blocked, slowed = of("ann", Level.HOLD), of("ann", Level.BLOCK), of("ann", Level.THROTTLE)
    assert one([held], [blocked]).stopped_by == "both"
    assert one([held], [slowed]).stopped_by == "here"
    assert one([], [blocked]).stopped_by == "there"
    assert one([slowed], []).stopped_by == "neither"


def test_alike_is_level_time_and_recipients() -> None:
    """Another score or other words alone are no difference in what was done."""
    held = of("ann", Level.HOLD)
    assert one([held], [replace(held, verdict=replace(held.verdict, score=1.0))]).alike
    for other in (of("ann", Level.BLOCK), of("ann", Level.HOLD, at=101), of("ann", Level.HOLD, out=6)):
        assert not one([held], [other]).alike
    assert not one([held], []).alike


def test_risen_is_higher_or_earlier() -> None:
    """Less, later or the same is not."""
    held = of("ann", Level.HOLD)
    assert one([held], [of("ann", Level.BLOCK, at=200)]).risen
    assert one([held], [of("ann", Level.HOLD, at=50)]).risen and one([], [held]).risen
    for other in ([], [held], [of("ann", Level.HOLD, at=200)], [of("ann", Level.THROTTLE, at=50)]):
        assert not one([held], other).risen


def test_of_several_incidents_the_first_of_the_highest_level_is_told() -> None:
    """And how many there were."""
    its = [of("ann", Level.THROTTLE, 1), of("ann", Level.HOLD, 2, number=2), of("ann", Level.HOLD, 3, number=3)]
    side = sides(its)[Account("ann")]
    assert (side.level, float(side.reached), side.incidents) == (Level.HOLD, 2.0, 3)


def test_accounts_come_in_the_order_of_time() -> None:
    """By whichever configuration was first."""
    here = [of("ben", Level.HOLD, 30), of("ann", Level.HOLD, 20)]
    there = [of("cleo", Level.HOLD, 10), of("ben", Level.HOLD, 5)]
    assert [found.account for found in compared(here, there)] == ["ben", "cleo", "ann"]
