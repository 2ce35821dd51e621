"""The circuit breaker: how many accounts gatepost may block by itself.

Above the limit, accounts are held instead of blocked, so that tripping it on purpose protects nobody. What the operator
asks for is never counted and never held back.
"""

from gatepost.config.settings import Breaker as Limits
from gatepost.core.incident import Incident
from gatepost.core.ports import Clock
from gatepost.judge.policy import OPERATOR
from gatepost.store.sqlite import Sqlite

HOUR = 3600.0
ACTIVE = 30 * 86400.0
"""Seconds: an account seen within is active."""


class Breaker:
    """Counts the accounts blocked in the last 60 minutes."""

    def __init__(self, limits: Limits, store: Sqlite, clock: Clock) -> None:
        self._limits, self._store, self._clock = limits, store, clock

    def trips(self, incident: str) -> bool:
        """Whether to block the account of one more incident would be too many."""
        now = self._clock.now()
        given = [key for key in self._store.planned_since("blocked", now - HOUR) if key != incident]
        if len(given) < self._limits.blocks_per_hour:
            return False
        mine = sum(1 for key in given if (found := self._store.get(key)) is None or not asked(found))
        most = max(float(self._limits.blocks_per_hour), self._limits.share * self._store.active(now - ACTIVE))
        return mine >= most


def asked(incident: Incident) -> bool:
    """Whether the operator himself asked for it."""
    return any(proof.detector == OPERATOR for proof in incident.verdict.because)
