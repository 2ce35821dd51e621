"""Dead addresses from the log into the state."""

from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, Counter, Fixed, Machine, World, configured, habits, mail, theft

from gatepost.core.errors import StoreError
from gatepost.core.units import DAY
from gatepost.runtime import refused
from gatepost.runtime.retention import Keeper
from gatepost.store import dead, forget


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that knows its accounts."""
    machine = Machine(configured(tmp_path), Fixed(), [Counter(World())])
    machine.read(habits((ANN, BEN)))
    return machine


def listed(machine: Machine) -> list[str]:
    """ann's dead addresses."""
    return [found.address for found in dead.of(machine.store, ANN)]


def test_a_refused_recipient_is_listed_with_its_words(machine: Machine) -> None:
    """First and latest refusal, the cause, what the receiver said; those that took the mail are not there."""
    machine.read(list(mail(NIGHT, ANN, HOME[ANN], ["gone@Example.NET", "fine@example.net"], bad=1)))
    machine.read(list(mail(NIGHT + 60, ANN, HOME[ANN], ["gone@example.net"], bad=1)))
    (found,) = dead.of(machine.store, ANN)
    assert (found.address, found.first, found.last) == ("gone@example.net", NIGHT, NIGHT + 60)
    assert (found.cause, found.status) == ("invalid_recipient", "5.1.1")
    assert "no such user" in found.reply
    assert dead.of(machine.store, BEN) == []


def test_what_could_not_be_written_is_written_later(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists, pages and positions are one transaction."""
    put = machine.store.put_position
    monkeypatch.setattr(machine.store, "put_position", lambda *words: (_ for _ in ()).throw(StoreError("full")))
    with pytest.raises(StoreError):
        machine.read(list(mail(NIGHT, ANN, HOME[ANN], ["gone@example.net"], bad=1)))
    assert listed(machine) == []
    monkeypatch.setattr(machine.store, "put_position", put)
    machine.house.settle()
    assert listed(machine) == ["gone@example.net"]


def test_what_waits_is_bounded(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the state cannot be written."""
    monkeypatch.setattr(refused, "WAITING", 3)
    machine.read(list(mail(NIGHT, ANN, HOME[ANN], [f"gone{n}@example.net" for n in range(10)], bad=10)))
    assert len(listed(machine)) == 3


def test_after_a_theft_the_thiefs_addresses_are_not_the_owners(machine: Machine) -> None:
    """A release with a new password takes them off; the owner's own stay, and an honest release takes nothing."""
    machine.read(list(mail(NIGHT - 3600, ANN, HOME[ANN], ["mine@example.net"], bad=1)))
    machine.read(theft())
    assert len(listed(machine)) > 10
    machine.say("release", ANN, how="password-changed")
    assert listed(machine) == ["mine@example.net"]
    machine.read(theft(NIGHT + DAY))
    machine.say("release", ANN, how="honest")
    assert len(listed(machine)) > 10


def test_old_addresses_are_forgotten(machine: Machine) -> None:
    """Ninety days after the last refusal by default."""
    machine.read(list(mail(NIGHT, ANN, HOME[ANN], ["gone@example.net"], bad=1)))
    for days, left in ((89, 1), (92, 0)):
        machine.clock.at = machine.house.pipeline.totals.last = NIGHT + days * DAY
        Keeper(machine.house).look()
        assert len(listed(machine)) == left


def test_an_account_that_is_forgotten_has_no_list(machine: Machine) -> None:
    """Nothing of it stays."""
    machine.read(list(mail(NIGHT, ANN, HOME[ANN], ["gone@example.net"], bad=1)))
    forget.account(machine.store, ANN)
    assert listed(machine) == []
