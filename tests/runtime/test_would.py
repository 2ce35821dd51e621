"""The daily mail about what was not done."""

import asyncio
from pathlib import Path

import pytest
from tests.runtime.scene import NIGHT, Fixed, Machine, Post, configured, habits, theft

from gatepost.config.load import load
from gatepost.core.units import DAY
from gatepost.runtime.desk import Desk
from gatepost.runtime.would import LISTED, SUBJECT, Would

ANN, BEN = "ann@example.org", "ben@example.org"


def observing(folder: Path) -> Machine:
    """A gatepost that began to observe an hour ago."""
    machine = Machine(configured(folder, "observe"), Fixed(NIGHT - 3600), [Post()])
    machine.clock.at = NIGHT + 600
    return machine


def mails(machine: Machine) -> list[tuple[str, tuple[str, ...]]]:
    """What one look makes the desk write."""
    desk = Desk(machine.house)
    Would(machine.house, desk).look()

    async def send() -> None:
        task = asyncio.create_task(desk.work())
        await asyncio.sleep(0)
        while desk._letters:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(send())
    post = machine.house.actions["post"]
    assert isinstance(post, Post)
    found, post.alarms = post.alarms, []
    return found


def later(machine: Machine, seconds: float) -> None:
    """Time passes."""
    machine.clock.at += seconds


def test_one_mail_a_day_and_only_about_something(tmp_path: Path) -> None:
    """Not on the first day, once on the second, and not again for the same."""
    machine = observing(tmp_path)
    machine.read(habits((ANN, BEN)))
    machine.read(theft(NIGHT, ANN))
    assert mails(machine) == []
    later(machine, DAY)
    ((subject, lines),) = mails(machine)
    assert subject == SUBJECT and lines[0].startswith(f"{ANN}#1: block at ") and "--honest" in lines[1]
    assert mails(machine) == []
    later(machine, DAY)
    assert mails(machine) == []
    machine.close()


def test_what_old_logs_tell_is_not_news(tmp_path: Path) -> None:
    """A theft of last week, read at the first start."""
    machine = observing(tmp_path)
    machine.read(habits((ANN,), until=NIGHT - 2 * DAY))
    machine.read(theft(NIGHT - 2 * DAY, ANN))
    later(machine, DAY)
    assert machine.incidents() and mails(machine) == []
    machine.close()


@pytest.mark.parametrize("why", ["enforce", "not wanted"])
def test_nobody_is_told_twice_or_unasked(tmp_path: Path, why: str) -> None:
    """Under enforce each incident has its own letter; `daily = false` ends the mails."""
    machine = observing(tmp_path)
    text = (tmp_path / "gatepost.toml").read_text()
    if why == "not wanted":
        (tmp_path / "gatepost.toml").write_text(text.replace("observe_for", "daily = false, observe_for"))
    machine.close()
    machine = Machine(load(tmp_path / "gatepost.toml"), Fixed(NIGHT + 600), [Post()])
    machine.read(habits((ANN,)))
    machine.read(theft(NIGHT, ANN))
    later(machine, DAY)
    if why == "enforce":
        (tmp_path / "gatepost.toml").write_text(text.replace('"observe"', '"enforce"'))
        machine.close()
        machine = Machine(load(tmp_path / "gatepost.toml"), Fixed(NIGHT + DAY), [Post()])
    assert mails(machine) == []
    machine.close()


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    """Fifty by name, the others as a number."""
    machine = observing(tmp_path)
    for number in range(LISTED + 3):
        machine.read(theft(NIGHT + number, f"user{number:02d}@example.org", messages=20, bad=6))
    later(machine, DAY)
    ((_, lines),) = mails(machine)
    assert len(lines) == LISTED + 3 and lines[LISTED] == "and 3 more: gatepost incidents"
    machine.close()
