"""Haraka: the lines of the plugin `gatepost` in docs/mta/haraka.md, in any of Haraka's three log formats.

Haraka's own lines name neither the account of a message nor its delivered recipients, so the plugin writes both down:
`[NOTICE] [UUID.1] [gatepost] {"event":"queued",…}`. Level, connection and plugin stand in brackets in front of every
text, and the text is JSON: nothing a stranger says can pass for another field.
Source: Haraka's logger.js (formats DEFAULT, LOGFMT and JSON), connection.js, outbound/hmail.js and
plugins/auth/auth_base.js; tried with Haraka 3.3.4.
"""

import re

import msgspec
from msgspec import Struct

from gatepost.core.events import MAX_REPLY, Result
from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record
from gatepost.mta.selfstamped import instant
from gatepost.mta.texts import MAX_ADDRESS, MAX_HELO, MAX_NAME
from gatepost.wire.texts import kept

OTHER_PLUGIN = "a line that names no account; the plugin says it better"
NO_LINE = "not one of Haraka's lines"
UNREADABLE = "a line of the plugin's that is not whole"

PLUGIN = "gatepost"
_RESULTS: dict[str, Result] = {"delivered": "delivered", "deferred": "deferred", "bounced": "bounced"}
_LEVEL = r"(?:DATA|PROTOCOL|DEBUG|INFO|NOTICE|WARN|ERROR|CRIT|ALERT|EMERG)"
_UUID = r"-|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?:\.[0-9]{1,9}){0,2}"
_STAMP = r"(?:([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z?) +)?"
_PLAIN = re.compile(rf"{_STAMP}\[{_LEVEL}\] \[({_UUID})\] \[([^\[\]]{{1,64}})\] ?")
_LOGFMT = re.compile(rf'{_STAMP}level={_LEVEL} uuid=({_UUID}) (?:origin|source)=([^ "=]{{1,64}}) message=')
_JSON = re.compile(
    rf'{_STAMP}\{{"level":"{_LEVEL}","uuid":"({_UUID})","(?:origin|source)":"([^"\\]{{1,64}})","message":'
)
_CLIENT = re.compile(ADDRESS)


class Told(Struct):
    """What the plugin writes down."""

    event: str
    user: str = ""
    method: str = ""
    ip: str = ""
    helo: str = ""
    tls: bool = False
    sender: str = ""
    size: int = 0
    id: str = ""
    to: str | list[str] = ""
    status: str = ""
    reply: str = ""


class Wrapped(Struct):
    """A line in JSON format."""

    message: str = ""


_TOLD = msgspec.json.Decoder(Told)
_WRAPPED = msgspec.json.Decoder(Wrapped)


class Haraka:
    """Reads what Haraka's logger writes.

    Args:
        tag: not used: no answer of ours is in these lines.
    """

    name = "haraka"
    vague = frozenset({NO_LINE})

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag

    def owns(self, program: str) -> bool:
        """Whether a syslog header's program is Haraka: "haraka", "haraka-out"."""
        return program == "haraka" or program.startswith(("haraka-", "haraka_"))

    def begins(self, line: str) -> bool:
        """Whether a line is one of Haraka's logger."""
        return _opening(line) is not None

    def message(self, program: str, pid: str, text: str) -> Record:
        """Read a line. Never raises."""
        found = _opening(text)
        if found is None:
            return Record(kind="ignored", why=NO_LINE)
        record = _plugin(found) if found[3] == PLUGIN else Record(kind="ignored", why=OTHER_PLUGIN)
        record.time = instant(found[1]) if found[1] else None
        return record


def _opening(text: str) -> re.Match[str] | None:
    return _PLAIN.match(text) or _LOGFMT.match(text) or _JSON.match(text)


def _plugin(found: re.Match[str]) -> Record:
    try:
        told = _TOLD.decode(_message(found))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Record(kind="unread", why=UNREADABLE)
    queue_id = ".".join(found[2].split(".")[:2])
    if told.event == "queued":
        return _queued(told, queue_id)
    if told.event in ("login", "failed"):
        return _login(told)
    result = _RESULTS.get(told.event)
    return _outcome(told, queue_id, result) if result else Record(kind="unread", why=UNREADABLE)


def _message(found: re.Match[str]) -> str:
    """The plugin's own text, out of the format."""
    text = found.string
    if found.re is _PLAIN:
        return text[found.end() :]
    if found.re is _JSON:
        return _WRAPPED.decode(text[text.index("{") :]).message
    quoted = text[found.end() :]
    return re.sub(r'\\(["\\])', r"\1", quoted[1:].removesuffix('"')) if quoted.startswith('"') else quoted


def _queued(told: Told, queue_id: str) -> Record:
    """An account's message is in the queue."""
    addresses = [told.to] if isinstance(told.to, str) else told.to
    record = _login(told)
    record.kind, record.ok, record.queue_id = "submission", None, queue_id
    record.envelope_sender = kept(told.sender, MAX_ADDRESS)
    record.recipients = tuple(dict.fromkeys(kept(address, MAX_ADDRESS) for address in addresses if address))
    record.size, record.message_id = max(0, told.size), kept(told.id, MAX_ADDRESS)
    return record


def _login(told: Told) -> Record:
    """Somebody logged in and sent nothing, or tried to log in."""
    return Record(
        kind="login",
        ok=told.event != "failed",
        account=kept(told.user, MAX_NAME) or None,
        mechanism=kept(told.method, 32),
        client=plain(told.ip) if _CLIENT.fullmatch(told.ip) else "",
        helo=kept(told.helo, MAX_HELO),
        tls=told.tls,
    )


def _outcome(told: Told, queue_id: str, result: Result) -> Record:
    address = told.to if isinstance(told.to, str) else next(iter(told.to), "")
    return Record(
        kind="delivery",
        part="counted",
        queue_id=queue_id,
        address=kept(address, MAX_ADDRESS),
        result=result,
        status=told.status if re.fullmatch(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", told.status) else "",
        reply=kept(told.reply, MAX_REPLY),
    )
