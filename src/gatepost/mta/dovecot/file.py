"""The file that Dovecot writes itself (`log_path`), line by line.

Owns its stamps: "Nov 23 07:51:52 " by default, or an ISO date (`log_timestamp = "%Y-%m-%d %H:%M:%S "`). No host stands
on these lines.
Source: Dovecot settings log_path, info_log_path and log_timestamp.
"""

import re
from datetime import UTC, datetime, tzinfo

from gatepost.core.units import Instant
from gatepost.mta.base import Dialect, Record
from gatepost.mta.container import bare
from gatepost.mta.dovecot.program import Dovecot
from gatepost.mta.headers import HeaderClock

UNSTAMPED = "no stamp of Dovecot's own log"

_STAMP = re.compile(
    r"(?:([A-Z][a-z]{2}) ([ 0-3]?[0-9])|([0-9]{4})-([0-9]{2})-([0-9]{2})) ([0-9]{2}):([0-9]{2}):([0-9]{2}) "
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEVEL = r"(?:Debug|Info|Warning|Error|Fatal|Panic): "
_WRITER = re.compile(
    rf"{_LEVEL}(?:[a-z0-9-]+[:(]|dovecot: |Dovecot v)|[a-z0-9-]+(?:\(.{{0,200}}?\))?(?:<[^<>]*>){{0,2}}: {_LEVEL}"
)


class DovecotFile:
    """Reads Dovecot's own log.

    Args:
        zone: where stamps were written; None is the machine's own.
        tag: what gatepost's own refusals start with.
        reference: an instant near the newest line, for stamps without a year; without it, and before any line with a
            year was read, such lines have no time.
        beside: reads the lines in another form, such as those that went through syslog.
    """

    name = "dovecot"

    def __init__(
        self,
        zone: tzinfo | None = UTC,
        tag: str = "[gatepost]",
        reference: Instant | None = None,
        beside: Dialect | None = None,
    ) -> None:
        self.vague = frozenset({UNSTAMPED}).union(beside.vague if beside is not None else ())
        self._clock = HeaderClock(zone, reference)
        self._program = Dovecot(tag)
        self._beside = beside

    def read(self, line: str) -> Record:
        """Read one line without its newline. Never raises, whatever the line holds.

        Without a reader beside it, a line without a stamp is passed over, never unread: it can be the rest of a damaged
        one, with a password in it.
        """
        text = line
        stamp = _STAMP.match(text) or _STAMP.match(text := bare(line))
        if stamp is None or _WRITER.match(text, stamp.end()) is None:
            return Record(kind="ignored", why=UNSTAMPED) if self._beside is None else self._beside.read(line)
        record = self._program.message("dovecot", "", text[stamp.end() :])
        record.time = self._clock.at(_local(stamp))
        return record

    def skim(self, line: str) -> tuple[str, str] | None:
        """What the reader of the other lines says: none of Dovecot's is of delivered mail of an account."""
        return self._beside.skim(line) if self._beside is not None else None


def _local(stamp: re.Match[str]) -> datetime | None:
    """The wall clock time; in year 1 (or 4, for the 29th of February) when the stamp names none."""
    hour, minute, second = (int(part) for part in stamp.group(6, 7, 8))
    try:
        if stamp[3]:
            return datetime(int(stamp[3]), int(stamp[4]), int(stamp[5]), hour, minute, second)
        month, day = _MONTHS.index(stamp[1]) + 1, int(stamp[2])
        return datetime(4 if (month, day) == (2, 29) else 1, month, day, hour, minute, second)
    except ValueError:
        return None
