"""Questions that a door let pass unjudged: so many at once that somebody must hear of it (contracts 15)."""

from collections import deque

import msgspec
from msgspec import Struct

from gatepost.act.foreign import shown
from gatepost.core.units import Instant
from gatepost.runtime.desk import Desk
from gatepost.source.inline import Counts
from gatepost.store.sqlite import Sqlite

MANY = 10
"""Questions that passed unjudged."""

WITHIN = 10.0
"""Seconds in which so many are too many."""


class Alarm(Struct, frozen=True):
    """What `gatepost doctor` is told."""

    at: Instant
    passed: int
    """Questions of this process that passed unjudged until then."""
    reason: str


class Passing:
    """One door's."""

    def __init__(self, name: str, desk: Desk, store: Sqlite) -> None:
        """Nothing passed yet.

        Args:
            name: the door's.
            desk: told, once an hour.
            store: keeps the last alarm for doctor.
        """
        self._name, self._desk, self._store = name, desk, store
        self._times: deque[Instant] = deque(maxlen=MANY)

    def passed(self, at: Instant) -> None:
        """One more."""
        self._times.append(at)

    def look(self, counts: Counts, reason: str) -> None:
        """Tell, when there were too many.

        Args:
            counts: of the door.
            reason: the last thing that went wrong there; may hold what a stranger wrote.

        Raises:
            StoreError: it could not be kept for doctor; the desk has been told.
        """
        times = self._times
        if len(times) < MANY or times[-1] - times[0] > WITHIN:
            return
        last, why = times[-1], shown(reason, 300) or "the machine, or gatepost, was too slow"
        times.clear()
        lines = [
            f"door {self._name}: {counts.overloaded:,} questions came while others took too long,"
            f" {counts.failed:,} could not be judged",
            why,
            "mail flows; whoever is stopped at this door only was let through meanwhile",
        ]
        if self._desk.tell(f"unjudged {self._name}", "a door lets mail pass unjudged", lines):
            alarm = Alarm(last, counts.overloaded + counts.failed, why)
            self._store.put_meta(_key(self._name), msgspec.json.encode(alarm))


def last(store: Sqlite, name: str) -> Alarm | None:
    """The last alarm of a door.

    Raises:
        StoreError: the state cannot be read.
    """
    found = store.meta(_key(name))
    return msgspec.json.decode(found, type=Alarm) if found is not None else None


def _key(name: str) -> str:
    return f"unjudged {name}"
