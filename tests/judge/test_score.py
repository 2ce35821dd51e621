"""Evidence to score and level, with its guards."""

from gatepost.core.evidence import Evidence, Family, Level
from gatepost.core.units import Instant
from gatepost.judge.score import Levels, weigh


def proof(family: Family, points: float, *, acted: bool = True, demands: Level = Level.CLEAR) -> Evidence:
    """Evidence of one family."""
    return Evidence(
        detector=f"{family.value}{points}", family=family, points=points, since=Instant(0), until=Instant(9),
        says="", measured=1, limit=1, acted=acted, demands=demands,
    )  # fmt: skip


def test_the_strongest_of_each_family_counts() -> None:
    """Facts of one family are the same fact seen twice."""
    score, level, _ = weigh([proof(Family.ORIGIN, 30), proof(Family.ORIGIN, 25), proof(Family.VOLUME, 12)], Levels())
    assert (score, level) == (42.0, Level.THROTTLE)


def test_one_family_alone_needs_ninety_for_block() -> None:
    """85 points of one family hold; 90 block."""
    assert weigh([proof(Family.ORIGIN, 85)], Levels())[1] == Level.HOLD
    assert weigh([proof(Family.ORIGIN, 90)], Levels())[1] == Level.BLOCK


def test_what_strangers_can_cause_reaches_throttle_at_most() -> None:
    """Half of what hold needs must come from authenticated acts."""
    strangers = [proof(Family.CREDENTIALS, 50, acted=False), proof(Family.RECIPIENTS, 50, acted=False)]
    assert weigh(strangers, Levels())[1] == Level.THROTTLE
    assert weigh([*strangers, proof(Family.ORIGIN, 12)], Levels())[1] == Level.THROTTLE
    assert weigh([*strangers, proof(Family.ORIGIN, 30)], Levels())[1] == Level.HOLD


def test_a_demand_needs_no_points() -> None:
    """A hard limit asks for its level whatever the score."""
    assert weigh([proof(Family.VOLUME, 0, demands=Level.THROTTLE)], Levels())[:2] == (0.0, Level.THROTTLE)


def test_more_suspicion_never_lowers_a_level() -> None:
    """Evidence is monotone."""
    levels = [weigh([proof(Family.ORIGIN, 50), proof(Family.VOLUME, float(n))], Levels())[1] for n in range(60)]
    assert levels == sorted(levels)
