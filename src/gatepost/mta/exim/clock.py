"""Exim's time stamps read as instants.

Owns the stamp at the start of a line: with and without milliseconds and zone, and the hour that a clock
change repeats. Minutes are cached, because thousands of lines share one.
Source: Exim specification, chapter "Log files", section "Time stamps"; src/src/tod.c.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from gatepost.core.units import Instant

LATENESS = 120.0
"""Seconds a line may be older than the newest before it: several processes write one log."""

SECONDS = {f"{second:02d}": float(second) for second in range(61)}

_MINUTE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):")
_BEHIND = re.compile(r"(?:\.([0-9]{3}))? (?:([+-])([0-9]{2})([0-9]{2}) )?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Reads stamps in the order of one log.

    An hour that the clock change repeats is read as the later one once the log has passed it, else as the
    earlier: only a zone in the stamp (`log_timezone`) can say more.

    Args:
        zone: where the stamps without a zone were written; None is the machine's own zone.
    """

    def __init__(self, zone: tzinfo | None = UTC) -> None:
        self.zone = zone
        self.newest = float("-inf")
        self.minute = ""
        self.base = 0.0
        self._zoned = ""
        self._zoned_base = 0.0

    def read(self, line: str) -> tuple[float, int] | None:
        """The instant at the start of a line, and where the text behind it begins; None without a stamp."""
        minute = line[:17]
        if minute != self.minute and not self.turn(minute):
            return None
        second = SECONDS.get(line[17:19])
        if second is None:
            return None
        if line[19:20] == " " and line[20:21] not in {"+", "-"}:
            return self.base + second, 20
        return self._behind(line, second)

    def place(self, local: datetime) -> float:
        """The instant of a wall clock time without a zone.

        Raises:
            ValueError, OverflowError, OSError: no such time can be placed.
        """
        early, late = self._at(local.replace(fold=0)), self._at(local.replace(fold=1))
        chosen = late if late > early and early < self.newest - LATENESS else early
        self.newest = max(self.newest, chosen)
        return chosen

    def turn(self, minute: str) -> bool:
        """Go to the minute of "2026-11-23 07:51:"; False when there is none such."""
        local = _local(minute)
        if local is None:
            return False
        try:
            self.base = self.place(local)
        except (ValueError, OverflowError, OSError):
            return False
        self.minute = minute
        return True

    def _at(self, local: datetime) -> float:
        if self.zone is None:
            return local.astimezone(UTC).timestamp()
        return (local.replace(tzinfo=self.zone) - _EPOCH).total_seconds()

    def _behind(self, line: str, second: float) -> tuple[float, int] | None:
        """Milliseconds and a zone, where the stamp has them."""
        found = _BEHIND.match(line, 19)
        if found is None:
            return None
        milli, sign, hours, minutes = found.groups()
        base = self._in_zone(line[:17], sign, hours, minutes) if sign else self.base
        return base + second + int(milli or 0) / 1000, found.end()

    def _in_zone(self, minute: str, sign: str, hours: str, minutes: str) -> float:
        """The instant of a minute in the zone its stamp names; the last one is remembered."""
        key = minute + sign + hours + minutes
        if key != self._zoned:
            offset = timedelta(hours=int(hours), minutes=int(minutes)).total_seconds()
            local = _local(minute) or _EPOCH
            utc = (local.replace(tzinfo=UTC) - _EPOCH).total_seconds()
            self._zoned, self._zoned_base = key, utc - (offset if sign == "+" else -offset)
            self.newest = max(self.newest, self._zoned_base)
        return self._zoned_base


def _local(minute: str) -> datetime | None:
    """ "2026-11-23 07:51:" as a time without a zone; years that no log can have are none."""
    found = _MINUTE.fullmatch(minute)
    if found is None or not "1971" <= found[1] <= "9997":
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), int(found[4]), int(found[5]))
    except ValueError:
        return None


def year_for(month: int, day: int, reference: Instant) -> int:
    """The year of a date without one: the latest that is not more than a day after the reference.

    Args:
        reference: an instant near the newest line of the log, such as the file's modification time.
    """
    horizon = _EPOCH + timedelta(seconds=min(max(reference, 0.0), 2.5e11) + 86400)
    return horizon.year if (month, day) <= (horizon.month, horizon.day) else horizon.year - 1
