"""Verdict to level: what the operator decided beforehand."""

import pytest
from tests.build import ANN, START, House, habits, theft, told
from tests.judge.test_score import proof

from gatepost.core.evidence import Family, Level
from gatepost.core.units import DAY, Instant
from gatepost.judge.policy import Policy

NIGHT = START + 14 * DAY + 3 * 3600


@pytest.mark.parametrize("policy", [Policy(exempt=frozenset({ANN})), Policy(protected=frozenset({ANN}))])
def test_the_spared_are_watched_and_the_reason_is_said(policy: Policy) -> None:
    """Never stopped by evidence; the score is what it is."""
    house = House(policy=policy)
    house.see(*habits(), *theft(NIGHT))
    verdict = house.changes[-1].verdict
    assert house.page().level == Level.WATCH
    assert verdict.score >= 40
    assert "exempt" in verdict.spared or "protected" in verdict.spared
    assert not any(change.orders for change in house.changes)


@pytest.mark.parametrize("policy", [Policy(exempt=frozenset({ANN})), Policy(protected=frozenset({ANN}))])
def test_the_operators_own_block_passes(policy: Policy) -> None:
    """He knows better than his configuration."""
    house = House(policy=policy)
    house.see(told(NIGHT, "block"))
    assert house.page().level == Level.BLOCK


def test_an_exemption_does_not_undo_what_stands() -> None:
    """A block ends by a release, not by sparing the account from now on."""
    house = House()
    house.see(*habits(), *theft(NIGHT), told(NIGHT + 60, "exempt", reason="migration"))
    assert house.page().level == Level.BLOCK


def test_an_exemption_ends_a_throttle() -> None:
    """What falls with its evidence falls with the pardon."""
    house = House()
    house.see(*habits(), *theft(NIGHT, messages=2, each=3, bad=0.0))
    assert house.page().level == Level.THROTTLE
    house.see(told(NIGHT + 60, "exempt", reason="migration"))
    assert house.page().level == Level.WATCH


ROBBED = (*habits(), *theft(NIGHT))
AGAIN = START + 20 * DAY + 3 * 3600


@pytest.mark.parametrize(("how", "sooner", "level"), [
    ("password-changed", 10.0, Level.HOLD), ("password-changed", 0.0, Level.THROTTLE), ("honest", 10.0, Level.THROTTLE),
])  # fmt: skip
def test_who_was_robbed_is_held_sooner(how: str, sooner: float, level: Level) -> None:
    """Between 50 and 60 points: a hold after a theft, a throttle after a mistake of ours, or when nobody wants it."""
    house = House(policy=Policy(sooner=sooner))
    house.see(*ROBBED, told(NIGHT + 3600, "release", how=how))
    house.see(*habits(days=5, start=START + 15 * DAY))
    page = house.page()
    assert page.level == Level.CLEAR
    page.standing["spread"] = proof(Family.ORIGIN, 55.0)
    verdict = Policy(sooner=sooner).verdict(page, ANN, Instant(AGAIN))
    assert (verdict.level, "stolen within" in verdict.spared) == (level, level == Level.HOLD)
    assert Policy(sooner=sooner).verdict(page, ANN, Instant(AGAIN + 40 * DAY)).level == Level.THROTTLE


def test_a_neighbour_is_not_spared() -> None:
    """The name must be equal."""
    house = House(policy=Policy(exempt=frozenset({f"x{ANN}", "ann@example.net"})))
    house.see(*habits(), *theft(NIGHT))
    assert house.page().level == Level.BLOCK
