"""What thresholds cost: how stops are judged, what a short log is worth, which is proposed."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from tests.act.book import NOON, incident, proof

from gatepost.core.events import Cursor, Instruction
from gatepost.core.evidence import Level
from gatepost.core.incident import Incident, State
from gatepost.core.units import DAY, Account, Instant
from gatepost.judge.score import Levels
from gatepost.runtime.tuning import LEARNING, Row, Tuned, candidates, most, row, without, words

FIRST = NOON - 10 * DAY
LAST = NOON + 23 * DAY
"""With three days of learning, thirty that count."""

NOW = Levels()


def stop(account: str, at: float = NOON, level: Level = Level.BLOCK) -> Incident:
    """An account that came to a level."""
    made = incident(account, peak=level)
    return replace(made, stopped=Instant(at) if level >= Level.HOLD else Instant(0.0))


def released(account: str, how: str, state: State = State.RELEASED) -> tuple[Incident, Instruction]:
    """An incident in the state, and the word that ended it."""
    at = Instant(NOON + 3600)
    told = Instruction(
        account=Account(account),
        host="",
        at=at,
        cursor=Cursor("operator", 0, 1),
        verb="release",
        by="root",
        how=how,  # type: ignore[arg-type]
    )
    return replace(incident(account), state=state, changed=at), told


def judged(*stops: Incident, said: Sequence[tuple[Incident, Instruction]] = ()) -> Row:
    """The row of the present levels."""
    told = words([one for one, _ in said], [one for _, one in said])
    return row(NOW, stops, told, FIRST, LAST)


def test_a_stop_is_wrong_until_somebody_says_it_was_a_theft() -> None:
    """A changed password or a confirmation says so; --honest says the opposite, silence nothing."""
    said = [released("ann", "password-changed"), released("ben", "honest"), released("cleo", "", State.CONFIRMED)]
    found = judged(*map(stop, ("ann", "ben", "cleo", "dan")), said=said)
    assert (len(found.confirmed), found.honest, found.unsaid) == (2, ("ben",), ("dan",))
    assert (found.wrong, found.days, found.monthly, found.missed) == (2, 30.0, 2.0, 0)


def test_a_word_is_about_the_incident_it_was_said_of() -> None:
    """A day before its first evidence until its release; a stop of another time is judged by nobody."""
    said = [released("ann", "password-changed")]
    for at, unsaid in ((NOON - DAY, 0), (NOON + 3600, 0), (NOON - 2 * DAY, 1), (NOON + 3601, 1)):
        assert len(judged(stop("ann", at), said=said).unsaid) == unsaid


def test_a_known_theft_that_is_not_stopped_is_missed() -> None:
    """Throttle does not stop it."""
    said = [released("ann", "password-changed")]
    assert judged(said=said).missed == judged(stop("ann", level=Level.THROTTLE), said=said).missed == 1


def test_days_of_learning_are_left_out() -> None:
    """Their stops are counted apart, and their time gives no rate."""
    found = judged(stop("ann", FIRST + LEARNING * DAY - 1), stop("ben", FIRST + LEARNING * DAY))
    assert (found.early, found.unsaid) == (1, ("ben",))


@pytest.mark.parametrize(("happened", "bound"), [(0, 2.996), (1, 4.744), (2, 6.296), (5, 10.513), (10, 16.962)])
def test_what_a_number_does_not_contradict(happened: int, bound: float) -> None:
    """The upper limits of 95 % confidence of a Poisson mean, as tables have them; of nothing it is three."""
    assert most(happened) == pytest.approx(bound, abs=0.001)


def test_candidates_ascend_and_hold_the_present_levels() -> None:
    """Watch and throttle stay; every one is a configuration that can be."""
    for present in (NOW, Levels(10, 33, 62, 70), Levels(20, 40, 96, 99)):
        found = candidates(present)
        assert present in found
        assert [one.hold for one in found] == sorted({one.hold for one in found})
        for one in found:
            assert present.watch == one.watch < one.throttle == present.throttle < one.hold < one.block <= 100


def tuned(wrong: Sequence[int], wish: float) -> Tuned:
    """Rows at 55, 60 (now), 65 and 70 with so many wrong stops in thirty days."""
    rows = [
        replace(judged(*(stop(f"x{n}") for n in range(number))), levels=Levels(20, 40, hold, hold + 20))
        for hold, number in zip((55, 60, 65, 70), wrong, strict=True)
    ]
    return Tuned(tuple(rows), NOW, wish)


@pytest.mark.parametrize(
    ("wrong", "wish", "hold"),
    [
        ((9, 2, 0, 0), 2, 60),
        ((9, 3, 2, 0), 2, 65),
        ((0, 0, 0, 0), 2, 60),
        ((0, 0, 0, 0), 3, 55),
        ((9, 9, 9, 9), 2, None),
    ],
)
def test_lower_is_proposed_only_when_the_log_is_long_enough(
    wrong: tuple[int, ...], wish: float, hold: float | None
) -> None:
    """Above the present threshold the lowest that kept the wish; below it one whose upper limit keeps it."""
    found = tuned(wrong, wish).proposal
    assert (found.levels.hold if found is not None else None) == hold


def test_stops_that_nobody_judged_leave_the_wish_undecided() -> None:
    """When they alone break it: with them judged wrong it is broken, with them few it is kept."""
    assert tuned((9, 3, 2, 0), 2).undecided and not tuned((9, 2, 2, 0), 2).undecided
    said = [released(f"x{number}", "honest") for number in range(3)]
    now = judged(*(stop(f"x{number}") for number in range(3)), said=said)
    assert not Tuned((now,), NOW, 2).undecided


def test_days_that_a_promise_takes() -> None:
    """Ninety without a mishap for one a month: three divided by the rate."""
    assert tuned((0, 0, 0, 0), 1).needed == pytest.approx(89.87, abs=0.01)


def test_what_the_stops_hang_on_is_told_by_detector() -> None:
    """A stop hangs on a detector when the rest would not hold."""
    strong, weak = replace(proof("spread"), points=70.0), replace(proof("other"), points=30.0)
    made = replace(incident("ann", because=(strong, weak)), stopped=NOON)
    assert without(judged(made)) == {"spread": (1, 0)}
    said = [released("ann", "password-changed")]
    assert without(judged(made, said=said)) == {"spread": (0, 1)}
