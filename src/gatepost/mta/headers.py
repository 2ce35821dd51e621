"""The times of syslog headers as instants.

Owns the year that RFC 3164 leaves out and the zone that it does not name: both come from what is known of the log.
Source: RFC 3164 section 4.1.2.
"""

from datetime import UTC, datetime, tzinfo

from gatepost.core.units import Instant
from gatepost.mta.exim.clock import Clock, year_for
from gatepost.wire.syslog import in_utc


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

    def _at(self, local: datetime) -> Instant | None:
        known = in_utc(local)
        if known is not None:
            self._clock.newest = max(self._clock.newest, known)
            return Instant(known)
        if local.year < 1970:
            newest = max(self.reference if self.reference is not None else float("-inf"), self._clock.newest)
            if newest == float("-inf"):
                return None
            local = local.replace(year=year_for(local.month, local.day, Instant(newest)))
        return Instant(self._clock.place(local))
