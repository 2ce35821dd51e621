"""State, pipeline and orders of one gatepost: what becomes durable together."""

from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, Counter, Fixed, Machine, World, configured, habits, mail, theft

from gatepost.core.errors import StoreError
from gatepost.core.units import Account, account_subject
from gatepost.ledger.page import decode


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that knows its accounts."""
    machine = Machine(configured(tmp_path), Fixed(), [Counter(World())])
    machine.read(habits())
    return machine


def test_octets_that_are_no_text_stop_nobody(machine: Machine) -> None:
    """A login, a sender, a greeting and a recipient of any bytes: read, judged, stored, and read back."""
    strange = "gr\udcfcn@example.org"
    lines = list(mail(NIGHT, strange, "192.0.2.1", ["x\udcff@example.net"]))
    lines += [line.replace(f"<= {ANN}", "<= gr\udcfcn@foreign.example") for line in theft(NIGHT, ANN)]
    lines.append(
        "2026-03-15 03:00:20 plain authenticator failed for (gr\udcfcn) [192.0.2.1]: 535 Incorrect authentication data"
        " (set_id=gr\udcfcn@example.org)"
    )
    machine.read(lines)
    machine.close()
    again = Machine(machine.settings, machine.clock, [])
    assert [incident.key for incident in again.incidents()] == [f"{ANN}#1"]
    assert again.store.load(account_subject(Account("gr\\xfcn@example.org"))) is not None


def test_what_is_durable_is_durable_together(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails changes nothing in the file and loses nothing: the next one has it all."""
    position = machine.store.position("mx1")
    put = machine.store.put_position
    monkeypatch.setattr(machine.store, "put_position", lambda *words: (_ for _ in ()).throw(StoreError("full")))
    with pytest.raises(StoreError):
        machine.read(theft())
    assert machine.store.position("mx1") == position
    assert machine.incidents() == []
    monkeypatch.setattr(machine.store, "put_position", put)
    machine.house.settle()
    machine.carry()
    assert machine.rows()[f"{ANN}#1/blocked/3 counter"] == "done"
    assert list(machine.store.all_messages()) == []


def test_messages_under_way_survive(machine: Machine) -> None:
    """Half a message before the end of a process, half after: its failures are its account's."""
    lines = list(mail(NIGHT, BEN, HOME[BEN], ["a@example.net", "b@example.net"], bad=2))
    machine.read(lines[:2])
    machine.close()
    again = Machine(machine.settings, machine.clock, [])
    again.read(lines[2:])
    assert again.house.threads["mx1"].early.unjoined == 0
    page = decode(again.store.load(account_subject(BEN)) or b"")
    failed = [ring for name, ring in page.rings.kept().items() if "delivery.failed.invalid_recipient" in name]
    assert failed and all(sum(ring[2:]) >= 2 for ring in failed)


def test_the_key_is_made_once(machine: Machine) -> None:
    """Hashes of one start are understood by the next; two states never share a key."""
    machine.close()
    again = Machine(machine.settings, machine.clock, [])
    assert again.house.key == machine.house.key and len(again.house.key) == 32


def test_what_the_operator_says_is_done_once(machine: Machine) -> None:
    """However often the instructions are looked through."""
    machine.say("block", BEN, reason="phone call")
    before = len(list(machine.store.rows(f"{BEN}#1")))
    assert machine.house.catch_up_with_operator() == []
    assert len(list(machine.store.rows(f"{BEN}#1"))) == before


def test_an_incident_is_contained_when_something_was_done_and_nothing_waits(machine: Machine) -> None:
    """Noted rows contain nothing."""
    machine.read(theft())
    assert machine.incidents()[0].state.value == "contained"
    machine.say("release", how="honest")
    quiet = Machine(configured(machine.store.path.parent / "quiet", "observe"), Fixed(), [Counter(World())])
    quiet.read(habits())
    quiet.read(theft())
    quiet.house.contained(f"{ANN}#1")
    assert quiet.incidents()[0].state.value == "open"
