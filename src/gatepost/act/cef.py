"""News of an incident as one line: syslog around ArcSight's Common Event Format.

Owns the fields and their escaping. What a stranger wrote is short and without controls before it is escaped
(`foreign.py`), so that it can end neither a field nor the line.
Source: RFC 5424 section 6; "Implementing ArcSight Common Event Format (CEF)", version 25, header and extension.
"""

from collections.abc import Iterator

from gatepost import __version__
from gatepost.act.foreign import visible, word
from gatepost.act.tidings import News
from gatepost.core.incident import State
from gatepost.core.units import iso
from gatepost.judge.score import counted

MOST = 2048
"""Octets of a line: what every receiver should take (RFC 5424 section 6.1). The last fields are left out beyond it."""

FACTS = 3
"""Of the evidence, the strongest."""

NAMES = 200
"""Characters of an account or an incident."""

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "security", "console", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
"""By number (RFC 5424 section 6.2.1; the names are syslog(3)'s)."""

_SEVERITY = {"throttle": (5, 4), "hold": (4, 7), "block": (1, 9), "end": (5, 2)}
"""Syslog's severity (notice, warning, alert), and CEF's from 0 to 10."""

_NAME = {"throttle": "account throttled", "hold": "account held", "block": "account blocked"}


def line(news: News, host: str, facility: str) -> bytes:
    """The line, without an end.

    Args:
        news: what happened.
        host: who says it, printable ASCII.
        facility: one of FACILITIES.
    """
    kind = "end" if news.what == "end" else news.incident.peak.word
    syslog, severity = _SEVERITY[kind]
    priority = FACILITIES.index(facility) * 8 + syslog
    head = f"<{priority}>1 {iso(news.at)} {host or '-'} gatepost - {kind} - "
    name = "incident " + news.incident.state.value if kind == "end" else _NAME[kind]
    fields = ("CEF:0", "gatepost", "gatepost", __version__, kind, name, str(severity))
    return _filled((head + "|".join((fields[0], *map(_header, fields[1:]))) + "|").encode(), news)


def _filled(head: bytes, news: News) -> bytes:
    """As many fields as there is room for."""
    said, room = [head], MOST - len(head)
    for name, value in _fields(news):
        field = f"{' ' if len(said) > 1 else ''}{name}={_value(value)}".encode()
        if len(field) > room:
            break
        said.append(field)
        room -= len(field)
    return b"".join(said)


def _fields(news: News) -> Iterator[tuple[str, str]]:
    """Name and value, the most important first; a value and its label are one."""
    found = news.incident
    yield "suser", visible(found.account, NAMES)
    yield "externalId", visible(found.key, NAMES)
    yield "rt", str(int(news.at * 1000))
    yield "start", str(int((found.hostile_since or found.opened) * 1000))
    yield "outcome", found.state.value
    yield from _labelled("cn1", "score", f"{found.verdict.score:.0f}")
    yield from _labelled("cn2", "step", str(news.step))
    yield from _labelled("cn3", "recipients", str(found.out_before + found.out_after))
    facts = [visible(f"{proof.detector}: {proof.says}", 300) for proof in counted(found.verdict.because)[:FACTS]]
    yield from _labelled("cs1", "evidence", "; ".join(facts))
    done = [f"{visible(row.action, 80)} {row.order.ensure} {row.state}" for row in news.measures]
    yield from _labelled("cs2", "measures", "; ".join(done))
    yield from _labelled("cs3", "notes", "; ".join(visible(f"{what}: {how}") for what, how in news.notes))
    release = f"gatepost release {word(found.key)} --password-changed"
    yield from _labelled("cs4", "release", release if found.state not in (State.RELEASED, State.EXPIRED) else "")


def _labelled(field: str, label: str, value: str) -> Iterator[tuple[str, str]]:
    if value:
        yield f"{field}Label={label} {field}", value


def _header(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    """A value of the extension; there is no line end left in it."""
    return text.replace("\\", "\\\\").replace("=", "\\=")
