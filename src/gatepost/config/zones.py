"""A time zone by the name an operator gives it."""

import os
import re
from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from gatepost.core.errors import ConfigError

LOCALTIME = Path("/etc/localtime")
"""The system's zone in TZif form (RFC 8536), see tzfile(5) and localtime(5)."""

_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)")


def load_zone(text: str) -> tzinfo:
    """The zone of "local", "UTC", an IANA name or an offset such as "+01:00".

    "local" is $TZ when it names a zone, else the system's; UTC where the system has none.

    Raises:
        ConfigError: there is no such zone; the message says what can be written.
    """
    if text == "local":
        return _local()
    if text.upper() in ("UTC", "Z"):
        return UTC
    offset = _OFFSET.fullmatch(text)
    if offset is not None and int(offset[2]) < 24:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(span if offset[1] == "+" else -span)
    zone = _named(text)
    if zone is None:
        msg = f'there is no time zone "{text}"; write "local", "UTC", a name such as "Europe/Berlin", or "+01:00"'
        raise ConfigError(msg)
    return zone


def _local() -> tzinfo:
    zone = _named(os.environ.get("TZ", "").removeprefix(":"))
    if zone is not None:
        return zone
    try:
        with LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file, key=str(LOCALTIME))
    except (OSError, ValueError):
        return UTC


def _named(text: str) -> tzinfo | None:
    try:
        return ZoneInfo(text) if text else None
    except (KeyError, ValueError, OSError):
        return None
