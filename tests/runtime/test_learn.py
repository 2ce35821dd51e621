"""Old logs read by hand: habits without orders."""

import gzip
import io
import sys
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, NIGHT, Counter, Fixed, Machine, World, configured, habits, theft

from gatepost.core.units import account_subject
from gatepost.ledger.page import decode
from gatepost.runtime import mode
from gatepost.runtime.learn import learn


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that knows nothing."""
    return Machine(configured(tmp_path), Fixed(), [Counter(World())])


def written(path: Path, lines: list[str]) -> str:
    """A log, packed when its name says so."""
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def recipients(machine: Machine) -> int:
    """How many recipients ann's page holds."""
    page = decode(machine.store.load(account_subject(ANN)) or b"")
    return sum(sum(diary[1::2]) for name, diary in page.diaries.items() if "recipient.accepted" in name)


def test_habits_are_learnt_and_nothing_is_ordered(machine: Machine, tmp_path: Path) -> None:
    """An incident in an old log is recorded; no row is written for it."""
    assert learn(machine.house, [written(tmp_path / "old.gz", [*habits(), *theft()])], "mx1", "UTC") == []
    machine.carry()
    assert machine.incidents()[0].peak.word == "block"
    assert machine.rows() == {}


def test_the_same_log_is_learnt_once_whatever_it_is_called(machine: Machine, tmp_path: Path) -> None:
    """Renamed, packed, or named twice."""
    lines = habits((ANN,))
    learn(machine.house, [written(tmp_path / "mainlog.1", lines)], "mx1", "UTC")
    assert recipients(machine) == 84
    learn(machine.house, [written(tmp_path / "mainlog.2.gz", lines), str(tmp_path / "mainlog.1")], "mx1", "UTC")
    assert recipients(machine) == 84


def test_another_log_of_the_same_name_is_another_log(machine: Machine, tmp_path: Path) -> None:
    """mainlog.1 of today is not mainlog.1 of last week."""
    lines = habits((ANN,))
    learn(machine.house, [written(tmp_path / "mainlog.1", lines[: len(lines) // 2])], "mx1", "UTC")
    before = recipients(machine)
    learn(machine.house, [written(tmp_path / "mainlog.1", lines[len(lines) // 2 :])], "mx1", "UTC")
    assert (before, recipients(machine)) == (42, 84)


def test_each_standard_input_is_new(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "-" has no name of its own."""
    lines = habits((ANN,))
    for part in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):
        data = "".join(f"{line}\n" for line in part).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        learn(machine.house, ["-"], "mx1", "UTC")
        machine.clock.at += 1
    assert recipients(machine) == 84


def test_what_cannot_be_read_is_told_and_the_rest_is_learnt(machine: Machine, tmp_path: Path) -> None:
    """A missing file and a truncated one."""
    lines = habits((ANN,))
    whole = written(tmp_path / "b", lines)
    cut = tmp_path / "a.gz"
    cut.write_bytes(gzip.compress(b"".join(line.encode() + b"\n" for line in lines))[:-40])
    broken = learn(machine.house, [str(tmp_path / "none"), str(cut), whole], "mx1", "UTC")
    assert sorted(str(error).partition(":")[0] for error in broken) == [str(cut), str(tmp_path / "none")]
    assert recipients(machine) >= 84


def test_what_is_fresh_is_acted_on_at_the_next_start(machine: Machine, tmp_path: Path) -> None:
    """Learnt an hour after a theft: watch stops the thief."""
    learn(machine.house, [written(tmp_path / "old", [*habits(), *theft(NIGHT - 3600)])], "mx1", "UTC")
    assert mode.enforce(machine.house) == [f"{ANN}#1"]


def test_what_is_old_is_noted_and_over(machine: Machine, tmp_path: Path) -> None:
    """A theft a week back ends, so that the next one is caught; an incident that was there before stays as it is."""
    machine.read(theft(NIGHT - 8 * 86400, "zoe@example.org"))
    machine.store.run("UPDATE journal SET state = 'would'")
    lines = sorted([*habits(), *theft(NIGHT - 7 * 86400)], key=lambda line: line[:19])
    learn(machine.house, [written(tmp_path / "old", lines)], "mx1", "UTC")
    states = {incident.key: incident.state.value for incident in machine.incidents() if incident.peak.word == "block"}
    assert states == {f"{ANN}#1": "expired", "zoe@example.org#1": "contained"}
    machine.read(theft(NIGHT, ANN))
    assert machine.incidents(ANN)[-1].number == 2 and machine.incidents(ANN)[-1].peak.word == "block"
