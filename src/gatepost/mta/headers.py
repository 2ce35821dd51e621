"""The times of syslog headers as instants.

Owns the year that RFC 3164 leaves out and the zone that it does not name: both come from what is known of the log.
Source: RFC 3164 section 4.1.2.
"""

from datetime import UTC, datetime, timedelta, tzinfo

from gatepost.core.units import Instant
from gatepost.mta.exim.clock import Clock, year_for
from gatepost.wire.syslog import in_utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF = 6 * 31
"""Days; a line that seems half a year away from the one before it is in another year."""


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

    def at(self, local: datetime | None) -> Instant | None:
        """The instant of a header's time; None when it has none or it cannot be placed."""
        if local is None:
            return None
        try:
            return self._at(local)
        except (ValueError, OverflowError, OSError):
            return None

    def saw(self, time: Instant) -> None:
        """A line of this time was read without asking: another second of a minute that was asked for."""
        self._clock.newest = max(self._clock.newest, time)

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
