"""What is old is forgotten (contracts 22)."""

from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, NIGHT, Counter, Fixed, Machine, World, configured, habits, theft

from gatepost.core.units import DAY, Account, account_subject, network_subject
from gatepost.ledger.page import Page, decode, encode
from gatepost.runtime.retention import Keeper
from gatepost.store.sqlite import Sqlite


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """ann was robbed and released, ben is blocked."""
    machine = Machine(configured(tmp_path), Fixed(), [Counter(World())])
    machine.read(habits((ANN, BEN)))
    machine.read(theft(NIGHT, ANN))
    machine.say("release", ANN, how="password-changed")
    machine.read(theft(NIGHT, BEN))
    return machine


def later(machine: Machine, days: float, *, event: float | None = None) -> Sqlite:
    """The keeper looks so many days later; events are as late unless told otherwise."""
    machine.clock.at = NIGHT + days * DAY
    machine.house.pipeline.totals.last = NIGHT + (days if event is None else event) * DAY
    Keeper(machine.house).look()
    return machine.store


def known(store: Sqlite, account: Account) -> bool:
    """Whether there is a page."""
    return store.load(account_subject(account)) is not None


def test_pages_of_silent_accounts_go_after_their_time(machine: Machine) -> None:
    """400 days by default; the page of an account whose incident stands stays."""
    assert known(later(machine, 399), ANN)
    store = later(machine, 402)
    assert not known(store, ANN)
    assert known(store, BEN)


def test_pages_of_places_go_after_two_days(machine: Machine) -> None:
    """What accounts share is looked at for a day; nobody's traces stay where a thief was."""
    place = network_subject("as64500 198.51.100.0")
    machine.store.clock = NIGHT
    machine.store.save([(place, encode(Page(subject=place)))])
    assert place in later(machine, 1.9).subjects()
    assert place not in later(machine, 4.1).subjects()
    assert known(machine.store, ANN)


def test_closed_incidents_go_with_their_orders_and_instructions(machine: Machine) -> None:
    """Three years by default; what stands stays."""
    later(machine, 3 * 365 - 2)
    assert len(machine.incidents()) == 2
    store = later(machine, 3 * 365 + 2)
    assert [incident.account for incident in store.find()] == [BEN]
    assert not store.knows(f"{ANN}#1")
    assert list(store.told(0)) == []


def test_an_instruction_that_is_not_done_is_never_forgotten(machine: Machine) -> None:
    """However old it is."""
    machine.tell("block", "cleo@example.org")
    assert [told.instruction.account for told in later(machine, 4 * 365).told(0)] == ["cleo@example.org"]


def test_addresses_go_after_ninety_days(machine: Machine) -> None:
    """Values in clear within windows; the rest of the page stays."""
    subject = account_subject(ANN)
    page = decode(machine.store.load(subject) or b"")
    page.seen = {"distinct sender": {"x@example.net": NIGHT}}
    machine.store.clock = machine.clock.now()
    machine.store.save([(subject, encode(page))])
    assert decode(later(machine, 89).load(subject) or b"").seen
    after = decode(later(machine, 92).load(subject) or b"")
    assert after.seen == {}
    assert after.known == page.known


def test_a_clock_that_jumps_ahead_empties_nothing(machine: Machine) -> None:
    """Age is measured from the newest event."""
    store = later(machine, 5000, event=1)
    assert known(store, ANN)
    assert len(machine.incidents()) == 2


def test_before_a_log_was_read_nothing_is_forgotten(machine: Machine) -> None:
    """gatepost was off for years: the first line decides."""
    machine.clock.at = NIGHT + 5000 * DAY
    machine.house.pipeline.totals.last = 0.0
    Keeper(machine.house).look()
    assert known(machine.store, ANN)


def test_it_looks_once_a_day(machine: Machine) -> None:
    """Not at every turn of the loop."""
    keeper = Keeper(machine.house)
    machine.house.pipeline.totals.last = machine.clock.at
    keeper.look()
    machine.clock.at += 500 * DAY
    machine.house.pipeline.totals.last += DAY / 2
    keeper.look()
    assert known(machine.store, ANN)
