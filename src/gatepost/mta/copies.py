"""Messages that came from a filter, until it is known which message each of them copies.

Owns what their lines said meanwhile. Bounded: the oldest copy goes first, and is nobody's.
"""

from gatepost.mta.base import Record
from gatepost.mta.sessions import keep

MAX_COPIES = 1_000
MAX_LINES = 100
"""Records kept of one copy."""


class Copies:
    """The copies of one host, by queue id."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Record]] = {}

    def __contains__(self, queue_id: str) -> bool:
        return queue_id in self._lines

    def begin(self, queue_id: str) -> None:
        """A filter brings a message."""
        keep(self._lines, queue_id, [], MAX_COPIES)

    def wait(self, queue_id: str, record: Record) -> bool:
        """Keep a record of a copy; False when there is no such copy."""
        lines = self._lines.get(queue_id)
        if lines is not None and len(lines) < MAX_LINES:
            lines.append(record)
        return lines is not None

    def take(self, queue_id: str) -> list[Record]:
        """What was kept of a copy, which is one no longer."""
        return self._lines.pop(queue_id, [])
