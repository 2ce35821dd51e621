"""The detector `complaints`: a case that raises it, and cases that look alike and must not.

No log tells of complaints, so it has no scenario.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, BOTNET, HOME, NIGHT, Counter, Fixed, Machine, World, configured, habits, mail
from tests.wire.mails import arf, original

from gatepost.core.reports import Report
from gatepost.core.units import account_subject
from gatepost.runtime.inbox import Inbox
from gatepost.wire import reports


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that knows ann's habits and remembers what she sent."""
    machine = Machine(configured(tmp_path, more='[reports]\nkeep = "7d"\n'), Fixed(), [Counter(World())])
    machine.read(habits((ANN,)))
    return machine


def sent(machine: Machine, clients: Sequence[str], print_: str, each: int) -> Iterator[str]:
    """A message from each client; their queue ids."""
    for number, client in enumerate(clients):
        to = [f"v{number}x{n}@example.net" for n in range(each)]
        lines = list(mail(NIGHT + number, ANN, client, to, print_=print_))
        machine.read(lines)
        yield lines[0].split()[2]


def points(machine: Machine, queue_ids: Sequence[str]) -> float:
    """What stands after somebody complained about each message; -1.0: nothing."""
    for number, queue_id in enumerate(queue_ids):
        about = original(queue_id, "").replace("Message-ID: \n", "")
        found = reports.read(arf(about, client=f"198.51.100.{number}"))
        assert isinstance(found, Report)
        heard, _ = Inbox(machine.house).take(found)
        assert [one.became for one in heard] == ["counted"]
    proof = machine.house.pipeline.shelf.page(account_subject(ANN)).standing.get("complaints")
    return proof.points if proof is not None else -1.0


def test_complaints_about_strange_mail_speak(machine: Machine) -> None:
    """Four complaints about thirty recipients that four bots wrote to: more than a warning of its own."""
    assert points(machine, list(sent(machine, BOTNET[:4], "bot", 8))) > 40


def test_complaints_about_the_owners_mail_weigh_nothing(machine: Machine) -> None:
    """Fifteen complaints about what came from home are shown, and raise no level by themselves."""
    assert points(machine, list(sent(machine, [HOME[ANN]] * 15, "desk", 2))) == 4
    assert machine.incidents() == []


def test_few_complaints_about_much_mail_are_usual(machine: Machine) -> None:
    """Two complaints about a newsletter of two thousand say nothing."""
    assert points(machine, list(sent(machine, [HOME[ANN]] * 4, "desk", 500))[:2]) == -1
