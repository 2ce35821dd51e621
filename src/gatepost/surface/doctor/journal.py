"""Whether a journal can be read, and says what gatepost needs: its newest records, read as gatepost reads them."""

import pwd
from collections.abc import Iterator, Mapping
from datetime import UTC

from gatepost.config.streams import Journal
from gatepost.core.errors import ConfigError, SourceError
from gatepost.core.units import Instant
from gatepost.mta.base import Record
from gatepost.runtime.sources import chosen
from gatepost.source.journalled import Sample, newest
from gatepost.surface.doctor import log
from gatepost.surface.doctor.check import Check

FOLDER = "gpasswd -a gatepost systemd-journal: gatepost's user must be in the group that may read the journal"


def look(source: Journal, now: Instant, tag: str) -> Iterator[Check]:
    """Everything about one journal.

    Args:
        source: its settings.
        now: this host's clock.
        tag: what gatepost's own refusals start with.
    """
    title = f"journal {source.name}"
    try:
        found = newest(chosen(source), source.path)
    except (ConfigError, SourceError) as error:
        yield Check(f"{title}: readable", "fail", str(error), "run the command of docs/sources/journal.md by hand")
        return
    yield _readable(f"{title}: readable", source, found)
    if found.lines or found.others:
        yield _trusted(f"{title}: forgery", found)
    if found.lines:
        yield from log.said(title, found.lines, UTC, now, tag)


def records(source: Journal, now: Instant) -> list[Record]:
    """The newest records as lines that were read; none where it cannot be had, which `look` says."""
    try:
        return log.read(newest(chosen(source), source.path).lines, UTC, now)
    except (ConfigError, SourceError):
        return []


def _readable(name: str, source: Journal, found: Sample) -> Check:
    units = ", ".join(source.units)
    if found.hidden and not found.lines:
        return Check(name, "fail", "this user sees its own records only", FOLDER)
    if not found.lines and not found.others:
        remedy = "name the units that systemctl status shows for the mail server's processes"
        return Check(name, "warn", f"there is no record of {units}", remedy)
    return Check(name, "ok", f"{len(found.lines):,} records of {units}")


def _trusted(name: str, found: Sample) -> Check:
    """Who else writes in these units: a user of the server's own that was forgotten, or somebody's program."""
    number = sum(found.others.values())
    if not number:
        return Check(name, "ok", "the kernel names the mail server's own processes for every one of them")
    says = f"{number:,} records of these units are not read, by others than users: {_named(found.others)}"
    remedy = "name those of them that are the mail server's own in users; programs it starts for somebody are not"
    return Check(name, "warn" if found.lines else "fail", says, remedy)


def _named(others: Mapping[str, int]) -> str:
    top = sorted(others.items(), key=lambda pair: -pair[1])[:5]
    return ", ".join(f"{_user(user)} ({times:,})" for user, times in top)


def _user(text: str) -> str:
    if text == "stdout":
        return "printed, by whoever"
    try:
        return f"user {text}, {pwd.getpwuid(int(text)).pw_name}"
    except (KeyError, ValueError, OverflowError):
        return f"user {text.encode('unicode_escape').decode()}"
