"""The last messages of accounts under suspicion."""

from pathlib import Path

import pytest
from tests.runtime.scene import ANN, HOME, NIGHT, Fixed, Machine, configured, habits, mail, theft

from gatepost.core.envelope import DOMAINS, KEPT
from gatepost.core.events import Cursor, Submission
from gatepost.core.units import Account, Instant
from gatepost.runtime.recent import Recent
from gatepost.store import envelopes, forget


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that knows its accounts."""
    found = Machine(configured(tmp_path), Fixed(), [])
    found.read(habits())
    return found


def handed(number: int, *, more: bool = False, recipients: int = 1, to: tuple[str, ...] = ()) -> Submission:
    """A message."""
    return Submission(
        at=Instant(NIGHT + number), account=ANN, host="mx1", cursor=Cursor("mx1", 1, number), client="192.0.2.7",
        queue_id=f"q{number:03d}", envelope_sender=ANN, recipients=recipients, addresses=to, more=more,
    )  # fmt: skip


def test_a_theft_leaves_its_last_ten_messages(machine: Machine) -> None:
    """Newest first, with client, sender, recipients and domains; days of habit leave none."""
    assert envelopes.of(machine.store, ANN) == []
    machine.read(theft(messages=14))
    found = envelopes.of(machine.store, ANN)
    assert len(found) == KEPT
    assert [one.at for one in found] == [NIGHT + number for number in range(13, 3, -1)]
    assert (found[0].recipients, len(found[0].domains), found[0].sender) == (10, DOMAINS, ANN)
    assert found[0].domains[0] == "prey0.example.net"
    assert len(envelopes.of(machine.store, ANN, NIGHT + 12)) == 2


def test_an_honest_account_leaves_none(machine: Machine) -> None:
    """Nothing is kept of whom nothing stands against."""
    machine.read(list(mail(NIGHT, ANN, HOME[ANN], ["friend1@partner1.example.net"])))
    assert envelopes.of(machine.store, ANN) == []


def test_recipients_that_become_known_later_are_added(machine: Machine) -> None:
    """Before the message was written down, and after."""
    recent = Recent()
    recent.saw(handed(1, recipients=0))
    recent.saw(handed(1, more=True, to=("a@one.example.net",)))
    recent.drain(machine.store)
    recent.drained()
    recent.saw(handed(1, more=True, recipients=2, to=("b@two.example.net", "c@bad domain")))
    recent.saw(handed(9, more=True))
    recent.drain(machine.store)
    (one,) = envelopes.of(machine.store, ANN)
    assert (one.recipients, one.domains) == (3, ("one.example.net", "two.example.net"))


def test_what_waits_is_bounded(machine: Machine) -> None:
    """Ten messages of an account."""
    recent = Recent()
    for number in range(50):
        recent.saw(handed(number))
    recent.drain(machine.store)
    assert [one.queue_id for one in envelopes.of(machine.store, ANN)] == [f"q{n:03d}" for n in range(49, 39, -1)]


def test_they_are_forgotten(machine: Machine) -> None:
    """With their account, and when they are old."""
    machine.read(theft(messages=4))
    assert envelopes.old(machine.store, NIGHT + 1) == 1
    forget.account(machine.store, Account(ANN))
    assert envelopes.of(machine.store, ANN) == []
