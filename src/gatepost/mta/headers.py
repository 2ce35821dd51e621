"""The times of syslog headers as instants.

Owns the year that RFC 3164 leaves out and the zone that it does not name: both come from what is known of the log. And
the short way to another moment of a minute that was read before, which thousands of lines share.
Source: RFC 3164 section 4.1.2.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from gatepost.core.units import Instant
from gatepost.mta.exim.clock import Clock, year_for
from gatepost.wire.syslog import in_utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF = 6 * 31
"""Days; a line that seems half a year away from the one before it is in another year."""

_SECONDS = {f"{second:02}": second for second in range(60)}
_OLD = re.compile(r"([A-Z][a-z]{2} [ 0-3]?[0-9] [0-9]{2}:[0-9]{2}:)[0-9]{2}() ")
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:)[0-9]{2}(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}) ")
_PART = re.compile(r"(?:\.([0-9]{3}|[0-9]{6}))?(Z|[+-][0-9]{2}:[0-9]{2}) (?![A-Z][a-z]{2} [ 0-9]|[0-9]{4}-|[<{]|std)")
"""The rest of an ISO stamp, unless it is one that a container's log driver put in front of a line (container.py)."""


class HeaderClock:
    """Reads the times of one log's headers, in their order.

    Args:
        zone: where times without a zone were written; None is the machine's own.
        reference: an instant near the newest line, for dates without a year; without it, and before any line with a
            year was read, such lines have no time.
    """

    def __init__(self, zone: tzinfo | None = UTC, reference: Instant | None = None) -> None:
        self.reference = reference
        self._clock = Clock(zone)
        self.time: Instant | None = None
        """What the last stamp said that was kept, or found behind it."""
        self._stamp: str | tuple[str, ...] = ()
        """With the space behind it; () is none, and so is what no line begins with."""
        self._begins: str | tuple[str, ...] = ()
        """How the stamps of its minute begin, "Mar  2 10:00:" or "2026-03-02T10:00:"."""
        self._end, self._first, self._zone = 0, 0, ""
        """Where the text behind it begins; the first second of the minute; what ends its stamps, "" of the old form."""

    def keep(self, line: str, local: datetime | None, time: Instant | None) -> None:
        """Keep a stamp that was read whole, for the lines that share it or its minute.

        Args:
            line: with the header at its beginning.
            local: what the stamp says, as it is written.
            time: the instant it is; None when it cannot be placed.
        """
        found = _OLD.match(line) or _ISO.match(line)
        self.time, self._stamp, self._begins = time, (), ()
        if found is None or local is None or time is None:
            return
        self._begins, self._zone = found[1], found[2] or ""
        self._end, self._first = len(found[1]) + 3, round(time - local.second - local.microsecond / 1e6)

    def behind(self, line: str) -> int:
        """Where the text behind a stamp begins, if it is of the minute that was kept; `time` is what it says.

        Returns:
            0 when the header must be read whole.
        """
        if line.startswith(self._stamp):
            return self._end
        if not line.startswith(self._begins):
            return 0
        end = self._end
        second = _SECONDS.get(line[end - 3 : end - 1])
        if second is None:
            return 0
        if self._zone:
            return self._iso(line, end - 1, self._first + second)
        if line[end - 1 : end] != " ":
            return 0
        self._stamp = line[:end]
        self._saw(float(self._first + second))
        return end

    def _iso(self, line: str, at: int, whole: int) -> int:
        """The rest of an ISO stamp, behind its second; such stamps differ from line to line."""
        part = _PART.match(line, at)
        if part is None or part[2] != self._zone:
            return 0
        micro = int(part[1].ljust(6, "0")) if part[1] else 0
        self._saw((whole * 10**6 + micro) / 10**6)
        return part.end()

    def _saw(self, time: float) -> None:
        self.time = Instant(time)
        if time > self._clock.newest:
            self._clock.newest = time

    def at(self, local: datetime | None) -> Instant | None:
        """The instant of a header's time; None when it has none or it cannot be placed."""
        if local is None:
            return None
        try:
            return self._at(local)
        except (ValueError, OverflowError, OSError):
            return None

    def _at(self, local: datetime) -> Instant | None:
        known = in_utc(local)
        if known is not None:
            self._clock.newest = max(self._clock.newest, known)
            return Instant(known)
        if local.year >= 1970:
            return Instant(self._clock.place(local))
        year = self._year(local)
        return None if year is None else Instant(self._clock.place(local.replace(year=year)))

    def _year(self, local: datetime) -> int | None:
        """The year that brings a date nearest to the line before it; of the first line, to the reference."""
        if self._clock.newest == float("-inf"):
            return None if self.reference is None else year_for(local.month, local.day, self.reference)
        newest = _EPOCH + timedelta(seconds=self._clock.newest)
        day = newest.month * 31 + newest.day - local.month * 31 - local.day
        return newest.year + (day > _HALF) - (day < -_HALF)
