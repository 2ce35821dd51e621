"""The circuit breaker: how many blocks gatepost may make by itself.

Above the limit, accounts are held instead of blocked, so that tripping it on purpose protects nobody.
"""

from gatepost.config.settings import Breaker as Limits
from gatepost.core.ports import Clock
from gatepost.store.sqlite import Sqlite

HOUR = 3600.0
ACTIVE = 30 * 86400.0
"""Seconds: an account seen within is active."""


class Breaker:
    """Counts blocks of the last 60 minutes."""

    def __init__(self, limits: Limits, store: Sqlite, clock: Clock) -> None:
        self._limits, self._store, self._clock = limits, store, clock
        self.trippings = 0

    def trips(self) -> bool:
        """Whether one more block would be too many."""
        now = self._clock.now()
        most = max(self._limits.blocks_per_hour, self._limits.share * self._store.active(now - ACTIVE))
        tripped = self._store.planned_since("blocked", now - HOUR) >= most
        self.trippings += tripped
        return tripped
