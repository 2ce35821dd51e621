"""Servers that write their log themselves, each line with its own time, and may send it through syslog too.

Owns which of two readers gets a line: the server's own, when the line begins as that server begins its lines, or the
one of syslog's form. What a container's log driver put in front is taken off before.
"""

from datetime import UTC, datetime
from typing import Protocol

from gatepost.core.units import Instant
from gatepost.mta.base import Dialect, Record
from gatepost.mta.container import bare
from gatepost.mta.syslogged import Program
from gatepost.wire.syslog import in_utc


class SelfStamped(Program, Protocol):
    """A program whose lines hold their time, whoever carries them."""

    def begins(self, line: str) -> bool:
        """Whether a line is this server's own, as it is written without syslog."""


class SelfStampedFile:
    """Reads the log that a server writes itself.

    Args:
        program: whose log it is.
        beside: reads the lines in another form, such as those that went through syslog.
    """

    def __init__(self, program: SelfStamped, beside: Dialect) -> None:
        self.name = program.name
        self.vague = program.vague | beside.vague
        self._program, self._beside = program, beside

    def read(self, line: str) -> Record:
        """Read one line without its newline. Never raises, whatever the line holds."""
        text = bare(line)
        if self._program.begins(text):
            return self._program.message(self.name, "", text)
        return self._beside.read(line)

    def skim(self, line: str) -> tuple[str, str] | None:
        """What the reader of the other lines says."""
        return self._beside.skim(line)


def instant(stamp: str) -> Instant | None:
    """The instant of an ISO 8601 time; one without a zone is UTC, as these servers write it. None: it is none."""
    try:
        local = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    known = in_utc(local if local.tzinfo is not None else local.replace(tzinfo=UTC))
    return None if known is None else Instant(known)
