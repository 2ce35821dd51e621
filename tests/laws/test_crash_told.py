"""Whoever is told of incidents hears every step and every end, wherever gatepost is cut (contracts 11)."""

from collections.abc import Callable

from tests.laws.test_crash import FATE, Doomed, Life, Mortal, learnt, settings, story
from tests.runtime.scene import Machine

from gatepost.act.tidings import News, Teller
from gatepost.config.settings import Settings

__all__ = ["learnt", "settings"]


class Listener:
    """Hears; the process can die before that, and after."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def say(self, news: News) -> str:
        """One more."""
        FATE.moment()
        self.heard.append(news.key)
        FATE.moment()
        return "heard"


class Told(Life):
    """The story, told to somebody."""

    listener: Listener

    def machine(self) -> Machine:
        """A process that tells."""
        machine = Machine(self.settings, self.clock, [], store=Mortal)
        teller = Teller("hook:x", self.listener, machine.store, frozenset({"hold", "block"}))
        machine.house.actions = {action.name: action for action in (Doomed(self.world), teller)}
        machine.carrier.renew()
        return machine


def heard(settings: Settings, *at: int) -> tuple[list[str], list[str], int]:
    """What was heard, each once; what was heard twice; how many moments there were."""
    FATE.at, FATE.passed = frozenset(at), 0
    life = Told(settings, story())
    life.listener = Listener()
    life.live()
    assert life.crashes == len(at)
    moments, FATE.at = FATE.passed, frozenset()
    life.end.close()
    once = list(dict.fromkeys(life.listener.heard))
    return once, [key for key in once if life.listener.heard.count(key) > 1], moments


def test_every_step_and_end_is_told_wherever_it_is_cut(settings: Callable[[], Settings]) -> None:
    """In the same order and under the same ids; only what the cut hit may come twice."""
    whole, twice, moments = heard(settings())
    assert twice == [] and moments > 90
    assert [key for key in whole if key.endswith("/ended")] == ["ann@example.org#1/ended", "ann@example.org#2/ended"]
    for at in range(1, moments + 1, 3):
        cut, twice, _ = heard(settings(), at)
        assert cut[-1] == whole[-1] and _ends(cut) == _ends(whole), f"cut at moment {at}"
        assert len(twice) <= 1, f"cut at moment {at}"


def _ends(keys: list[str]) -> list[list[str]]:
    """Of each incident that was told at all: its last step, then its end."""
    names = dict.fromkeys(key.partition("/")[0] for key in keys)
    return [[key for key in keys if key.startswith(f"{name}/")][-2:] for name in names]
