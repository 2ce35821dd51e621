"""The log that gatepost writes itself: one record a line, as JSON, of what it saw at a door that owns its host's facts.

Nothing a stranger chose can look like a field or a line of its own: JSON quotes it.
"""

import msgspec

from gatepost.mta.base import Record

BROKEN = "a line of ours that is not whole"

_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Record).decode


def line(record: Record) -> bytes:
    """A record as a line, without its newline."""
    return _write(record)


class Noted:
    """The dialect of such lines."""

    name = "door"
    vague = frozenset[str]()

    def read(self, line: str) -> Record:
        """The record that was written; unread when the line is none."""
        try:
            return _read(line)
        except (msgspec.DecodeError, UnicodeError):
            return Record(kind="unread", why=BROKEN)

    def skim(self, line: str) -> tuple[str, str] | None:
        """No line is that simple."""
        return None
