"""Syslog headers: RFC 3164, RFC 5424, the ISO form that rsyslog writes into files, and those of journalctl.

Owns where a header ends and what it says; whose program wrote the line, and what the text means, is the
dialect's to say. The host name is text inside the message: shown, never believed.
Source: RFC 3164 section 4.1, RFC 5424 section 6, rsyslog's RSYSLOG_FileFormat; journalctl(1), output formats short,
short-precise (a fraction behind the seconds), short-iso and short-full ("Mon 2026-03-02 10:00:00 UTC").
"""

import re
from datetime import UTC, datetime

from msgspec import Struct

MAX_HEADER = 1024
"""Characters looked at: RFC 5424 allows 255 for the host, 48 and 128 for program and pid, and structured data."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PRIORITY = r"(?:<[0-9]{1,3}>)?"
_PROGRAM = r"([^ \[:]{1,48})(?:\[([0-9]{1,10})\])?: ?"
_ISO = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)"
_DATA = r'(?:-|(?>(?:\[(?>(?:(?>[^\]"\\]+)|"(?>(?:(?>[^"\\]+)|\\.)*)"|\\.)*)\])+))'
_OLD = re.compile(
    _PRIORITY
    + r"([A-Z][a-z]{2}) ([ 0-3]?[0-9]) ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))? ([^ ]{1,255}) "
    + _PROGRAM
)
_FULL = re.compile(
    r"[A-Z][a-z]{2} ([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) (?:(UTC)|[A-Z]{2,5}|([+-][0-9]{2,4})) "
    r"([^ ]{1,255}) " + _PROGRAM
)
_FILE = re.compile(_PRIORITY + _ISO + r" ([^ ]{1,255}) " + _PROGRAM)
_NAMES = r") ([^ ]{1,255}) ([^ ]{1,48}) (?:-|([^ ]{1,128})) [^ ]{1,32} "
_NEW = re.compile(r"<[0-9]{1,3}>1 (?:-|" + _ISO + _NAMES + _DATA + r" ?\ufeff?")


class Header(Struct, frozen=True):
    """What a syslog header says of its line."""

    local: datetime | None
    """The time as written, with a zone or without; in year 1 or 4 when no year is named; None without a time."""
    host: str
    program: str
    pid: str
    """"" when the header names none."""
    end: int
    """Where the message begins."""


def read_header(line: str) -> Header | None:
    """The header of a syslog line; None when the line has none. Never raises."""
    head = line[:MAX_HEADER]
    found = _OLD.match(head)
    if found is not None:
        return Header(_old_time(found), found[7], found[8], found[9] or "", found.end())
    found = _NEW.match(head) or _FILE.match(head)
    if found is not None:
        return Header(_iso_time(found[1]), found[2], found[3], found[4] or "", found.end())
    found = _FULL.match(head)
    if found is not None:
        zone = "Z" if found[2] else found[3] or ""
        return Header(_iso_time(found[1] + zone), found[4], found[5], found[6] or "", found.end())
    return None


def _old_time(found: re.Match[str]) -> datetime | None:
    """ "Mar  2 09:44:33": the year is missing, so it is year 1 here (or 4, for the 29th of February)."""
    if found[1] not in _MONTHS:
        return None
    month, day = _MONTHS.index(found[1]) + 1, int(found[2])
    try:
        year = 4 if (month, day) == (2, 29) else 1
        fraction = int((found[6] or "")[:6].ljust(6, "0"))
        return datetime(year, month, day, int(found[3]), int(found[4]), int(found[5]), fraction)
    except ValueError:
        return None


def _iso_time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def in_utc(local: datetime) -> float | None:
    """Seconds since the epoch of a time with a zone; None when it has none or cannot be placed."""
    if local.tzinfo is None:
        return None
    return (local - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
