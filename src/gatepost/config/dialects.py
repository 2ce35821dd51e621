"""Which dialect reads a log, a pipe, or what comes as syslog."""

from collections.abc import Callable
from datetime import tzinfo

from gatepost.core.units import Instant
from gatepost.mta import DIALECTS, UNKNOWN, detect
from gatepost.mta.auto import Auto
from gatepost.mta.base import Dialect
from gatepost.source.sample import first_lines


def reader(path: str, name: str, zone: tzinfo | None, tag: str, reference: Instant | None) -> Callable[[], Dialect]:
    """Makes fresh dialects for one log, which is looked at once.

    Args:
        path: the log.
        name: a dialect's name; "auto" is found out from the first lines, or while reading when they tell nothing.
        zone: zone of stamps without one.
        tag: what our own refusals begin with.
        reference: an instant near the newest line, for stamps without a year.
    """
    chosen = detect(first_lines(path)) if name == "auto" else name
    made = Auto if chosen == UNKNOWN else DIALECTS[chosen]
    return lambda: made(zone, tag, reference)


def received(zone: tzinfo | None, tag: str, reference: Instant) -> Dialect:
    """Reads the lines of one host that come as syslog, whichever mail servers it runs.

    Args:
        zone: zone of stamps without one.
        tag: what our own refusals begin with.
        reference: an instant near the first line, for stamps without a year.
    """
    return DIALECTS["postfix"](zone, tag, reference)


def piped(name: str, zone: tzinfo | None, tag: str, reference: Instant) -> Dialect:
    """Reads lines that come one after the other and cannot be looked at before.

    Args:
        name: a dialect's name; "auto" is found out from the first line that tells.
        zone: zone of stamps without one.
        tag: what our own refusals begin with.
        reference: an instant near the first line, for stamps without a year.
    """
    return (Auto if name == "auto" else DIALECTS[name])(zone, tag, reference)
