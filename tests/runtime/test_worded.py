"""A word about a throttle, where somebody wants one."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, Counter, Fixed, Machine, Post, World, configured, habits, theft

from gatepost.act.tidings import News, Teller
from gatepost.core.incident import State


class Ear:
    """Hears news, and what it would be refused."""

    def __init__(self) -> None:
        self.news: list[News] = []

    async def say(self, news: News) -> str:
        """One more."""
        self.news.append(news)
        return "heard"


LOW = "[levels]\nwatch = 1\nthrottle = 2\nhold = 99\nblock = 100\n"


def robbed(folder: Path, levels: Sequence[str], more: str = LOW) -> tuple[Machine, Ear, Post]:
    """ann is robbed, and somebody wants to be told at these levels."""
    machine, ear, post = Machine(configured(folder, more=more), Fixed(), []), Ear(), Post()
    teller = Teller("hook:x", ear, machine.store, frozenset(levels))
    machine.house.actions = {action.name: action for action in (Counter(World()), teller, post)}
    machine.carrier.renew()
    machine.read(habits())
    machine.read(theft(messages=2))
    return machine, ear, post


def test_a_throttle_is_told_to_whoever_wants_to_know(tmp_path: Path) -> None:
    """Once; and its end, when the operator releases the account."""
    machine, ear, _ = robbed(tmp_path, ["throttle"])
    assert [found.peak.word for found in machine.incidents()] == ["throttle"]
    assert [(news.what, news.incident.peak.word) for news in ear.news] == [("step", "throttle")]
    assert [row.action for row in ear.news[0].measures] == ["counter"]
    machine.say("release", how="honest", reason="test")
    assert [news.what for news in ear.news] == ["step", "end"]
    assert machine.incidents()[0].state is State.RELEASED


def test_nobody_hears_of_a_throttle_who_did_not_ask(tmp_path: Path) -> None:
    """No word is ordered."""
    machine, ear, post = robbed(tmp_path, ["hold", "block"])
    assert ear.news == [] and post.letters == []
    assert not any("notified" in row for row in machine.rows())


def test_who_is_told_is_no_measure(tmp_path: Path) -> None:
    """A local user whom nothing can stop stays NOT stopped, though a hook hears of him; the news say so."""
    machine, ear, _ = robbed(tmp_path, ["block"], more="")
    del machine.house.actions["counter"]
    user = "local/web12@mx1"
    machine.say("block", user, reason="test")
    assert machine.rows()[f"{user}#1/blocked/1 nobody"] == "failed"
    assert [news.notes[0][0] for news in ear.news if news.incident.account == user] == ["NOT stopped"]


@pytest.mark.parametrize("mode", ["observe"])
def test_in_observe_mode_nobody_is_told(tmp_path: Path, mode: str) -> None:
    """The row says that he would have been."""
    machine, ear = Machine(configured(tmp_path, mode), Fixed(), []), Ear()
    teller = Teller("hook:x", ear, machine.store, frozenset({"block"}))
    machine.house.actions = {teller.name: teller}
    machine.carrier.renew()
    machine.read(habits())
    machine.read(theft())
    asyncio.run(machine.carrier.run("hook:x"))
    assert ear.news == []
    assert machine.rows()[f"{ANN}#1/notified/3 hook"] == "would"
