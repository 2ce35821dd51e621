"""The abuse desk: told what needs a human, not too often, and never in observe mode."""

import asyncio
from pathlib import Path

import pytest
from tests.runtime.scene import Fixed, Machine, Post, configured

from gatepost.core.errors import ActionError
from gatepost.runtime import desk as desks
from gatepost.runtime.desk import Desk

HOUR = 3600.0


def post(machine: Machine) -> Post:
    """The machine's letter box."""
    found = machine.house.actions["post"]
    assert isinstance(found, Post)
    return found


def sent(machine: Machine, desk: Desk, number: int) -> list[str]:
    """Let the desk work until so many letters went out; their subjects."""

    async def work() -> None:
        task = asyncio.create_task(desk.work())
        async with asyncio.timeout(10):
            while len(post(machine).alarms) < number:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(work())
    return [subject for subject, _ in post(machine).alarms]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A gatepost that enforces."""
    return Machine(configured(tmp_path), Fixed(), [Post()])


def test_one_matter_is_told_once_an_hour(machine: Machine) -> None:
    """Another matter is not delayed by it."""
    desk = Desk(machine.house)
    assert desk.tell("disk", "the disk is full", [])
    assert not desk.tell("disk", "the disk is full", [])
    assert desk.tell("other", "another thing", ["a line"])
    machine.clock.at += HOUR
    assert desk.tell("disk", "the disk is full", [])
    assert sent(machine, desk, 3) == ["the disk is full", "another thing", "the disk is full"]


def test_what_was_told_once_is_not_told_after_a_restart(machine: Machine) -> None:
    """Until something about it is new."""
    Desk(machine.house).tell_once("kept", "kept", ["ann"])
    desk = Desk(machine.house)
    desk.tell_once("kept", "kept", ["ann"])
    machine.clock.at += HOUR
    desk.tell_once("kept", "kept", ["ann, ben"])
    assert sent(machine, desk, 1) == ["kept"]
    assert post(machine).alarms[0][1] == ("ann, ben",)


def test_in_observe_mode_the_log_line_is_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing leaves the house."""
    machine = Machine(configured(tmp_path, "observe"), Fixed(), [Post()])
    desk = Desk(machine.house)
    assert desk.tell("disk", "the disk is full", ["make room"])
    desk.tell_once("kept", "kept", ["ann"])
    assert machine.store.meta("told kept") is None
    assert "the disk is full" in capsys.readouterr().out
    desk.tell("end", "end", [])
    assert not desk._letters


def test_a_letter_that_cannot_be_sent_waits(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of letters stays; when the mail server is back they go out."""
    monkeypatch.setattr(desks, "AGAIN", 0.005)
    refusals = iter([True, True])

    class Late(Post):
        async def alarm(self, subject: str, lines: object) -> str:
            if next(refusals, False):
                raise ActionError("no mail server", retry=True)
            return await super().alarm(subject, ())

    machine.house.actions = {"post": Late()}
    desk = Desk(machine.house)
    desk.tell("a", "first", [])
    desk.tell("b", "second", [])
    assert sent(machine, desk, 2) == ["first", "second"]


def test_letters_that_wait_are_bounded(machine: Machine) -> None:
    """The oldest go; their log lines stand."""
    desk = Desk(machine.house)
    for number in range(desks.WAITING + 5):
        desk.tell(f"matter {number}", f"matter {number}", [])
    assert sent(machine, desk, desks.WAITING)[0] == "matter 5"
