"""Deliveries that stand before their message, as after Exim's cutthrough delivery (`>>` stands before `<=`, within the
same moment). They are not saved.
"""

from gatepost.mta.base import Record

MOST = 1_000
"""Records kept; the oldest message's go first."""


class Early:
    """What waits for its message's first line, and how much found none."""

    def __init__(self) -> None:
        self.unjoined = 0
        """Outcomes whose message is not known, so far."""
        self._records: dict[str, list[Record]] = {}
        self._number = 0

    def add(self, record: Record) -> None:
        """An outcome before its arrival line, or after its message was closed."""
        self.unjoined += 1
        if record.result != "delivered":
            return
        if self._number >= MOST:
            self._number -= len(self._records.pop(next(iter(self._records))))
        self._records.setdefault(record.queue_id, []).append(record)
        self._number += 1

    def take(self, queue_id: str) -> list[Record]:
        """What came for a message before its arrival line, which is now read."""
        if not self._records:
            return []
        found = self._records.pop(queue_id, [])
        self._number -= len(found)
        self.unjoined -= len(found)
        return found
