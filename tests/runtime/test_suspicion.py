"""Alarms about lines that somebody tampered with (contracts 13)."""

from pathlib import Path

import pytest
from tests.runtime.scene import NIGHT, Fixed, Machine, Post, configured

from gatepost.core.units import Instant
from gatepost.runtime.desk import Desk
from gatepost.runtime.pipeline import Alarm
from gatepost.runtime.suspicion import Suspicion


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that enforces."""
    return Machine(configured(tmp_path), Fixed(), [Post()])


def alarm(at: float, client: str = "203.0.113.5", *names: str) -> Alarm:
    """Somebody wrote a name into his greeting."""
    return Alarm(Instant(at), "mx1", client, names or ("ann@example.org", "eve@example.org"), "exim")


def looks(machine: Machine, alarms: list[Alarm], *, live: bool = True) -> list[tuple[str, tuple[str, ...]]]:
    """The letters that follow from alarms."""
    desk = Desk(machine.house)
    machine.house.pipeline.alarms = alarms
    Suspicion(machine.house, desk).look(live=live)
    assert machine.house.pipeline.alarms == []
    return list(desk._letters)


def test_one_network_alarms_once_an_hour(machine: Machine) -> None:
    """Neighbours are one network; another network is told at once."""
    near = [alarm(NIGHT), alarm(NIGHT + 60, "203.0.113.77"), alarm(NIGHT + 3500)]
    assert len(looks(machine, [*near, alarm(NIGHT + 90, "192.0.2.7")])) == 2


def test_an_hour_later_it_alarms_again(machine: Machine) -> None:
    """By event time."""
    assert len(looks(machine, [alarm(NIGHT), alarm(NIGHT + 3600)])) == 2


def test_the_letter_names_client_candidates_and_remedy(machine: Machine) -> None:
    """And quotes what a stranger wrote."""
    ((_, lines),) = looks(machine, [alarm(NIGHT, "203.0.113.5", "ann@example.org", "x\x1b[2J\u202e")])
    text = "\n".join(lines)
    assert "203.0.113.5" in text and "ann[@]example[.]org" in text and "helo_accept_junk_hosts" in text
    assert "\x1b" not in text and "\u202e" not in text


def test_candidates_are_bounded(machine: Machine) -> None:
    """Ten by name, the rest as a number."""
    ((_, lines),) = looks(machine, [alarm(NIGHT, "203.0.113.5", *(f"u{n}@example.org" for n in range(500)))])
    assert "and 490 more" in "\n".join(lines)
    assert sum(map(len, lines)) < 2000


def test_old_attempts_are_no_letter(machine: Machine) -> None:
    """While a catch-up goes on, the log line is enough."""
    assert looks(machine, [alarm(NIGHT)], live=False) == []
