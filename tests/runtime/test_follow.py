"""One followed source: times that cannot be, and how far it has come."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, HOME, NIGHT, Fixed, Machine, configured, habits, mail

from gatepost.runtime import follow
from gatepost.runtime.follow import Followed
from gatepost.source.given import Lines
from gatepost.source.tail import Tail


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that has read nothing yet."""
    return Machine(configured(tmp_path), Fixed(), [])


def test_times_far_ahead_become_now(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Five minutes are a clock that is a little wrong; a year is a lie, and is told once."""
    machine.read(list(mail(NIGHT + 299, ANN, HOME[ANN], ["x@example.net"])))
    assert machine.source.feed.newest == NIGHT + 299
    machine.read(list(mail(NIGHT + 365 * 86400, ANN, HOME[ANN], ["x@example.net"])))
    assert machine.source.feed.newest == NIGHT + 299
    machine.source.report()
    machine.source.report()
    assert capsys.readouterr().out.count("the clock of this host is ahead") == 1


def test_a_source_that_is_not_read_to_its_end_is_not_idle(machine: Machine) -> None:
    """Its watermark is the newest line, however long that is ago (contracts 4)."""
    machine.read(habits((ANN,)))
    newest = machine.source.feed.newest
    assert newest < NIGHT - 3600
    assert machine.source.watermark == newest
    assert not machine.source.caught_up


def test_an_idle_source_follows_the_clock(machine: Machine) -> None:
    """At its end, and its file was not written to for a minute."""
    machine.read(habits((ANN,)))
    log = Path(machine.settings.logs[0].path)
    log.write_text("")
    machine.source.tail.at_end = True
    os.utime(log, (NIGHT - 59, NIGHT - 59))
    assert machine.source.watermark == machine.source.feed.newest
    os.utime(log, (NIGHT - 61, NIGHT - 61))
    assert machine.source.watermark == NIGHT


def test_blocks_that_wait_are_no_idleness(machine: Machine) -> None:
    """Lines are in the queue: nothing ends before they are read."""
    machine.read(habits((ANN,)))
    machine.source.tail.at_end, machine.source.waiting = True, 1
    assert machine.source.watermark == machine.source.feed.newest
    assert not machine.source.caught_up
    assert not machine.source.behind
    machine.source.waiting = 3
    assert machine.source.behind


def test_a_log_that_breaks_off_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An I/O error is trouble with a name; reading goes on behind the last line."""
    settings = configured(tmp_path)
    log = tmp_path / "mainlog"
    log.write_text("one\n")
    monkeypatch.setattr(follow, "AGAIN", 0.01)
    machine = Machine(settings, Fixed(), [])
    broken = iter([False, True, True, False])
    tail = machine.source.tail
    assert isinstance(tail, Tail)
    look = tail._next

    def next_() -> Lines | None:
        if next(broken, False):
            raise OSError(5, "Input/output error")
        return look()

    monkeypatch.setattr(tail, "_next", next_)
    troubles: list[str] = []

    async def pump() -> list[str]:
        queue: asyncio.Queue[tuple[Followed, Lines]] = asyncio.Queue()
        task = asyncio.create_task(machine.source.pump(queue))
        found: list[str] = []
        async with asyncio.timeout(10):
            found += (await queue.get())[1].lines
            while "Input/output error" not in machine.source.tail.trouble:
                await asyncio.sleep(0.002)
            troubles.append(machine.source.tail.trouble)
            with log.open("a") as file:
                file.write("two\n")
            found += (await queue.get())[1].lines
        task.cancel()
        return found

    assert asyncio.run(pump()) == ["one", "two"]
    assert str(log) in troubles[0]


def test_trouble_is_said_once_each_time(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """A log that is away for a day is one line in our log."""
    for _ in range(3):
        machine.source.tail.trouble = "mainlog: No such file or directory; waiting for it"
        machine.source.report()
    machine.source.tail.trouble = ""
    machine.source.report()
    machine.source.tail.trouble = "mainlog: No such file or directory; waiting for it"
    machine.source.report()
    assert capsys.readouterr().out.count("the log cannot be read") == 2
