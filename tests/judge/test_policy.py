"""Verdict to level: what the operator decided beforehand."""

import pytest
from tests.build import ANN, START, House, habits, theft, told

from gatepost.core.evidence import Level
from gatepost.core.units import DAY
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


def test_a_neighbour_is_not_spared() -> None:
    """The name must be equal."""
    house = House(policy=Policy(exempt=frozenset({f"x{ANN}", "ann@example.net"})))
    house.see(*habits(), *theft(NIGHT))
    assert house.page().level == Level.BLOCK
