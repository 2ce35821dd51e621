"""What the whole server teaches about accounts too young to have habits.

The site remembers the clean days of young accounts as a coarse histogram per signal, and with which networks and
prints accounts of the server came on more than one day. It is one page of its own, shared by all (contracts 7).
"""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from gatepost.core.units import DAY
from gatepost.ledger import habit
from gatepost.ledger.measures import NETWORKS, PRINTS, key_of

SITE_NETWORKS = 4096
SITE_PRINTS = 256
HOUR, HOSTILE = 3600.0, float(DAY)
MOST_STOPPED = 4096
"""Stopped accounts remembered; the one that was seen longest ago is forgotten first."""

ENOUGH = 20
"""Closed days below which the site's distribution says nothing."""


class Site(Struct):
    """The server's own distribution and habits."""

    days: dict[str, list[int]] = {}
    """Per signal: how many closed days of young accounts had a value of about 2**(n/2)."""
    networks: habit.Sights = {}
    prints: habit.Sights = {}
    stopped: dict[str, float] = {}
    """Accounts at hold or block, and until when the places they were misused from are hostile."""
    dirty: bool = False
    """Changed since it was saved."""

    def teach(self, signal: str, value: int) -> None:
        """One closed clean day of a young account."""
        rooms = self.days.setdefault(signal, [0] * 48)
        rooms[_room(value)] += 1
        self.dirty = True

    def usual(self, signal: str) -> float | None:
        """The 95th percentile of such days; None while the site knows fewer than 20."""
        rooms = self.days.get(signal)
        return None if rooms is None else _usual(tuple(rooms))

    def meet(self, known: Mapping[str, habit.Sights], network: str, print_: str, at: float) -> None:
        """An access of an account: what it was seen with on an earlier day is written, once a day for each value.

        What many thieves have in common in many accounts, each for a day, teaches nothing.
        """
        self._see(self.networks, known.get(_NETWORKS), network, at, SITE_NETWORKS)
        self._see(self.prints, known.get(_PRINTS), print_, at, SITE_PRINTS)

    def _see(self, sights: habit.Sights, own: habit.Sights | None, value: str, at: float, cap: int) -> None:
        sight = sights.get(value)
        if own is None or not value or (sight is not None and sight[3] == at // DAY):
            return
        if habit.before(own, value, at):
            habit.see(sights, value, at, (), cap, 120 * DAY)
            self.dirty = True

    def stop(self, account: str, at: float) -> None:
        """An account at hold or block came from a strange place; written once an hour."""
        before = self.stopped.pop(account, 0.0)
        self.stopped[account] = max(before, at + HOSTILE) if at + HOSTILE > before + HOUR else before
        if self.stopped[account] != before:
            self.dirty = True
            if len(self.stopped) > MOST_STOPPED:
                del self.stopped[next(iter(self.stopped))]

    def forgive(self, account: str) -> None:
        """It was no theft."""
        if self.stopped.pop(account, None) is not None:
            self.dirty = True

    def used_to(self, network: str, print_: str, at: float) -> bool:
        """Whether accounts came with both network and print on two days, today left out."""
        return habit.before(self.networks, network, at) and habit.before(self.prints, print_, at)


_NETWORKS, _PRINTS = key_of(NETWORKS), key_of(PRINTS)


@lru_cache(maxsize=64)
def _usual(rooms: tuple[int, ...]) -> float | None:
    """The top of the room that 95 % of the days do not leave."""
    total = sum(rooms)
    if total < ENOUGH:
        return None
    below = 0
    for room, held in enumerate(rooms):
        below += held
        if below >= 0.95 * total:
            return _top(room)
    return None


def _room(value: int) -> int:
    """Half-octave rooms: 0, 1, 1.4, 2, 2.8, 4 …"""
    room = 0
    while room < 47 and _top(room) < value:
        room += 1
    return room


def _top(room: int) -> float:
    """The largest value of a room."""
    return 0.0 if room == 0 else float(2 ** ((room - 1) / 2))
