"""What a level means for whom, and what is written down of it."""

from pathlib import Path

import pytest
from tests.runtime.scene import NIGHT, Counter, Fixed, Machine, Post, World, configured, theft

ANN, BEN, CLEO = "ann@example.org", "ben@example.org", "cleo@example.org"
PLANS = f"""
[plan.trial]
measures = {{ hold = "block" }}
[plan.careful]
measures = {{ block = "hold", hold = "throttle" }}
[domain."example.org"]
plan = "trial"
[account."{BEN}"]
plan = "careful"
[account."{CLEO}"]
plan = "careful"
measures = {{ block = "watch" }}
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost whose customers pay for different things."""
    return Machine(configured(tmp_path, more=PLANS), Fixed(), [Counter(World()), Post()])


def given(machine: Machine, account: str) -> set[str]:
    """The measures that one account got."""
    rows = machine.store.rows(f"{account}#1")
    return {row.order.ensure for row in rows if row.action.startswith("counter")}


def test_a_plan_lowers_a_measure_and_the_letter_says_so(machine: Machine) -> None:
    """The account stands at block; what is done is a hold."""
    machine.read(theft(NIGHT, BEN, messages=20, bad=6))
    (incident,) = machine.incidents()
    assert incident.peak.word == "block"
    assert "held" in given(machine, BEN) and "blocked" not in given(machine, BEN)
    letter = [row for row in machine.store.rows(incident.key) if row.order.ensure == "notified"][-1]
    assert ("measures", "block means hold for this account, by its plan") in letter.order.detail


def test_a_plan_raises_a_measure(machine: Machine) -> None:
    """What would be held is blocked at once; the domain's plan holds for whoever has none of his own."""
    machine.read(theft(NIGHT, ANN, messages=20, bad=6))
    assert "held" not in given(machine, ANN) and "blocked" in given(machine, ANN)


def test_the_accounts_own_word_is_the_strongest(machine: Machine) -> None:
    """Watched only: nobody does anything, the abuse desk is told."""
    machine.read(theft(NIGHT, CLEO, messages=20, bad=6))
    assert not given(machine, CLEO) & {"held", "blocked"}
    assert any(row.order.ensure == "notified" for row in machine.store.rows(f"{CLEO}#1"))


def test_the_operator_passes_every_plan(machine: Machine) -> None:
    """Who says block means it."""
    machine.say("block", CLEO, reason="phone call")
    assert given(machine, CLEO) == {"blocked"}
    machine.say("release", CLEO, how="honest")
    assert {row.state for row in machine.store.rows(f"{CLEO}#1") if row.action.startswith("counter")} == {"undone"}
