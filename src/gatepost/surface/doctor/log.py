"""Whether a log says what gatepost needs: its newest lines, read as gatepost reads them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from gatepost.core.units import Instant, iso, spoken
from gatepost.mta import DIALECTS, UNKNOWN, detect
from gatepost.mta.base import Record
from gatepost.mta.passwords import hidden
from gatepost.surface.doctor.advice import Advice, advice
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.newest import newest, readable
from gatepost.wire.syslog import read_header

AHEAD = 300
"""Seconds a line may be ahead of this host's clock (architecture, section 5)."""

SILENT = 6 * 3600
"""Seconds without a line after which a busy server is worth a look."""

PASSWD = Path("/etc/passwd")

UNREAD_SHARE = 0.02
NAMED_SHARE = 0.9
SHOWN = 5

_ZONED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z| ?[+-]\d\d:?\d\d) ")


def look(
    name: str, path: Path, zone: tzinfo, now: Instant, tag: str = "[gatepost]", dialect: str = "auto"
) -> Iterator[Check]:
    """Everything about one log.

    Args:
        name: of the source, or the path.
        path: the file.
        zone: of stamps that name none.
        now: this host's clock.
        tag: what gatepost's own refusals start with.
        dialect: what the configuration says it is.
    """
    title = f"log {name}"
    first = readable(f"{title}: readable", path)
    yield first
    if first.state != "ok":
        return
    written = path.stat().st_mtime
    yield from said(title, newest(path), zone, now, tag, dialect, written)


def said(
    title: str,
    lines: Sequence[str],
    zone: tzinfo,
    now: Instant,
    tag: str = "[gatepost]",
    dialect: str = "auto",
    written: float | None = None,
) -> Iterator[Check]:
    """Everything that lines say about the log they are of.

    Args:
        title: of the log.
        lines: its newest ones.
        zone: of stamps that name none.
        now: this host's clock.
        tag: what gatepost's own refusals start with.
        dialect: what the configuration says it is.
        written: when the file they are from was last written to; None when they are from no file.
    """
    found = detect(lines)
    chosen = found if dialect == "auto" else dialect
    if chosen == UNKNOWN:
        says = f"none of the newest {len(lines):,} lines looks like a mail server's"
        remedy = "name the mail server's log; gatepost parse shows what each line is read as"
        yield Check(f"{title}: language", "fail", says, remedy)
        return
    records, told = _read(lines, zone, tag, chosen, written or now), advice(chosen)
    yield _language(f"{title}: language", records, lines, chosen, found)
    yield from _tampered(f"{title}: forgery", records, told)
    yield _time(f"{title}: time", records, now, told, written or 0.0)
    yield _zone(f"{title}: zone", lines, zone, now, told)
    yield _logins(f"{title}: logins", records, told)
    if told.recipients:
        yield _recipients(f"{title}: recipients", records, told)
    if written is not None:
        yield from _wrapped(f"{title}: syslog", lines, told)


def language(path: Path, dialect: str = "auto") -> str:
    """Which server's log it is: as the configuration says, or by its newest lines; "unknown" where nothing tells.

    Raises:
        OSError: the file cannot be read.
        SourceError: a packed file breaks off.
    """
    return detect(newest(path)) if dialect == "auto" else dialect


def records(path: Path, zone: tzinfo, dialect: str = "auto") -> list[Record]:
    """The newest lines of a log as records; none where it is in no language we know.

    Raises:
        OSError: the file cannot be read.
        SourceError: a packed file breaks off.
    """
    return read(newest(path), zone, path.stat().st_mtime, dialect)


def read(lines: Sequence[str], zone: tzinfo, written: float, dialect: str = "auto") -> list[Record]:
    """Lines as records; none where they are in no language we know."""
    chosen = detect(lines) if dialect == "auto" else dialect
    return _read(lines, zone, "[gatepost]", chosen, written) if chosen != UNKNOWN else []


def _read(lines: Sequence[str], zone: tzinfo, tag: str, dialect: str, written: float) -> list[Record]:
    reader = DIALECTS[dialect](zone=zone, tag=tag, reference=Instant(written))
    return [reader.read(line) for line in lines]


def _language(name: str, records: Sequence[Record], lines: Sequence[str], dialect: str, found: str) -> Check:
    if found not in (dialect, UNKNOWN):
        says = f"set to {dialect}, but the newest lines are {found}'s"
        return Check(name, "fail", says, f'set dialect = "{found}" for this source, or leave it out')
    pairs = zip(records, lines, strict=True)
    unread = [(record.why, line) for record, line in pairs if record.kind == "unread" and record.why != "tampered"]
    says = f"{dialect}; {len(unread):,} of the newest {len(records):,} lines could not be read"
    if len(unread) <= UNREAD_SHARE * len(records):
        return Check(name, "ok", says)
    why = Counter(reason for reason, _ in unread).most_common(1)[0][0]
    sample = next(line for reason, line in unread if reason == why)
    shown = hidden(sample)[:120].encode("unicode_escape").decode("ascii")
    return Check(name, "warn", f"{says}, most because: {why}", f"look with gatepost parse; one of them: {shown}")


def _tampered(name: str, records: Sequence[Record], told: Advice) -> Iterator[Check]:
    found = [record for record in records if record.why == "tampered"]
    if not found:
        return
    clients = _few(client for record in found for client in record.clients)
    accounts = _few(account for record in found for account in record.candidates)
    says = f"{len(found):,} lines contain log syntax that a client sent, from {clients}; they name {accounts}"
    yield Check(name, "warn", says, told.forgery)


def _few(values: Iterator[str]) -> str:
    counted = [value[:100].encode("unicode_escape").decode("ascii") for value, _ in Counter(values).most_common()]
    shown = ", ".join(counted[:SHOWN]) or "nobody"
    return shown if len(counted) <= SHOWN else f"{shown} and {len(counted) - SHOWN} more"


def _time(name: str, records: Sequence[Record], now: Instant, told: Advice, written: float) -> Check:
    times = [record.time for record in records if record.time is not None]
    if not times:
        remedy = "log with the mail server's own stamp, or syslog's"
        return Check(name, "fail", "no line has a time that can be read", remedy)
    last = max(times)
    says = f"newest line {iso(last)}"
    if last > now + AHEAD:
        remedy = f"set `zone` of this source to the zone {told.server} logs in, or set the server's clock"
        return Check(name, "fail", f"{says}, {_ago(last - now)} ahead of this host's clock", remedy)
    if written <= now + AHEAD and min(written, now) > last + AHEAD and now - written <= SILENT:
        says = f"{says}, {_ago(min(written, now) - last)} before the log was written to"
        remedy = f"set `zone` of this source to the zone {told.server} logs in, or set the clock of the host that logs"
        return Check(name, "warn", says, remedy)
    if now - last > SILENT:
        remedy = f"look whether {told.server} still logs here; a rotated file, or a zone that is wrong, looks the same"
        return Check(name, "warn", f"{says}, {_ago(now - last)} ago", remedy)
    return Check(name, "ok", f"{says}, {_ago(now - last)} ago")


def _ago(seconds: float) -> str:
    """Roughly how long: the largest unit that fits."""
    units = ((86400, "d"), (3600, "h"), (60, "m"))
    return next((f"{seconds / size:.1f}{unit}" for size, unit in units if seconds >= 2 * size), spoken(int(seconds)))


def _zone(name: str, lines: Sequence[str], zone: tzinfo, now: Instant, told: Advice) -> Check:
    """Stamps without a zone are told twice in the hour in which daylight saving ends."""
    zoned = sum(bool(_ZONED.match(line) or _ZONED.match(_message(line))) for line in lines)
    if 2 * zoned > len(lines):
        return Check(name, "ok", "stamps name their zone")
    here = datetime.fromtimestamp(now, UTC)
    offsets = {zone.utcoffset((here + timedelta(days=days)).replace(tzinfo=None)) for days in range(0, 366, 7)}
    if len(offsets) == 1:
        return Check(name, "ok", "stamps name no zone; the one that is set has no daylight saving")
    says = "stamps name no zone, so one hour in autumn is written twice"
    return Check(name, "warn", says, told.zone)


def _message(line: str) -> str:
    header = read_header(line)
    return line[header.end :] if header else line


def _logins(name: str, records: Sequence[Record], told: Advice) -> Check:
    """Who authenticated: contracts 27, `A=plain` without an id."""
    mails = [record for record in records if record.kind == "submission" or (record.mechanism and record.queue_id)]
    logins = sum(record.kind == "login" and bool(record.ok and record.account) for record in records)
    if not (mails or logins):
        says = f"no login and no message of an authenticated client among the newest {len(records):,} lines"
        return Check(name, "unknown", says, "run doctor again after some mail, or name a fuller log with --log")
    nameless = Counter(record.mechanism for record in mails if not record.account)
    if not nameless:
        what = f"all {len(mails):,} authenticated messages name" if mails else f"{logins:,} logins name"
        return Check(name, "ok", f"{what} their account")
    names = ", ".join(nameless)
    says = f"{nameless.total():,} of {len(mails):,} authenticated messages do not say who logged in (A={names})"
    return Check(name, "fail", says, told.logins.format(names=names))


def _recipients(name: str, records: Sequence[Record], told: Advice) -> Check:
    mails = [record for record in records if record.kind == "submission"]
    named = sum(record.recipients is not None for record in mails)
    if not mails:
        return Check(name, "unknown", "no authenticated message to look at", "run doctor again after some mail")
    if named >= NAMED_SHARE * len(mails):
        return Check(name, "ok", "messages name their recipients when they are accepted")
    says = f"{len(mails) - named:,} of {len(mails):,} messages do not name their recipients when they are accepted"
    return Check(name, "warn", f"{says}: gatepost counts them at delivery, later", told.recipients)


def _wrapped(name: str, lines: Sequence[str], told: Advice) -> Iterator[Check]:
    """Files written by syslog take lines from every local user (contracts 12)."""
    if 2 * sum(read_header(line) is not None for line in lines) <= len(lines):
        return
    people = _with_shells()
    if not people:
        yield Check(name, "ok", "written by syslog; no other user of this host has a shell")
        return
    says = f"written by syslog: every local user can add lines to it ({len(people)} have a shell: {_few(iter(people))})"
    yield Check(name, "warn", says, told.own)


def _with_shells() -> list[str]:
    fields = [line.split(":") for line in PASSWD.read_text("utf-8", "replace").splitlines()]
    return [
        field[0]
        for field in fields
        if len(field) == 7 and field[2].isdigit() and 1000 <= int(field[2]) < 65534 and not _shut(field[6])
    ]


def _shut(shell: str) -> bool:
    return shell.rpartition("/")[2] in ("nologin", "false", "sync", "true")
