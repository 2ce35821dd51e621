"""KumoMTA: its log of JSON records, one a line, and its log of logins.

Owns what a record of each type means. Fields are told apart by JSON, so no text of a stranger can pass for another
field. The account is `meta.authn_id`, which KumoMTA sets when a password was right; `authz_id` is what a client asked
to be, and is not looked at. A refused AUTH stands in a record with what the client had sent, which is its password:
`command` is never kept.
Source: KumoMTA, crates/kumo-log-types (JsonLogRecord), crates/kumod (smtp_server.rs), crates/kumo-server-common
(acct.rs); its documentation, "Log Record", "Predefined Metadata", "kumo.aaa.configure_acct_log".
"""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct, field

from gatepost.core.events import MAX_REPLY, Result
from gatepost.core.units import Instant
from gatepost.mta.addresses import plain
from gatepost.mta.base import Record
from gatepost.mta.selfstamped import instant
from gatepost.mta.texts import MAX_ADDRESS, MAX_HELO, MAX_NAME
from gatepost.wire.texts import kept

SERVER = "KumoMTA, of no message and no login"
UNREADABLE = "a record of KumoMTA's that is not whole"
BEFORE_MAIL = "a refusal before any mail"

EXPIRED = "too long in the queue"
MAX_RECIPIENTS = 100
"""Recipients of one delivery record; KumoMTA hands over at most 100 at once by default."""

LATEST = 32_503_680_000.0
"""The year 3000: a time behind it is none."""

_OPENING = '{"type":"'
_OUTCOMES: dict[str, Result] = {"Delivery": "delivered", "TransientFailure": "deferred", "Bounce": "bounced"}
_GONE = frozenset({"AdminBounce", "XferOut"})
"""Records after which no outcome follows: an operator deleted the message, or another node goes on with it."""


class Enhanced(Struct):
    """`enhanced_code`: 5.1.1."""

    class_: int = field(name="class", default=0)
    subject: int = 0
    detail: int = 0


class Response(Struct):
    """What a server said; in a rejection, what KumoMTA itself said."""

    code: int = 0
    enhanced_code: Enhanced | None = None
    content: str = ""
    command: str | None = None


class Peer(Struct):
    """`peer_address`: the other side, and the name it gave itself."""

    name: str = ""
    addr: str = ""


class Meta(Struct):
    """The metadata that the operator has put into the log."""

    authn_id: str | None = None


class Identity(Struct):
    """Who somebody says to be."""

    identity: str = ""


class AuthInfo(Struct):
    """The state of a session after a login."""

    peer_address: str | None = None


class Line(Struct):
    """A record of either log; fields of no interest are passed over."""

    type: str
    id: str = ""
    sender: str = ""
    recipient: str | list[str] = ""
    size: int = 0
    response: Response | None = None
    peer_address: Peer | None = None
    timestamp: float | str = 0.0
    meta: Meta | None = None
    attempted_identity: Identity | None = None
    success: bool = False
    auth_info: AuthInfo | None = None


_DECODER = msgspec.json.Decoder(Line)
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{2,45}")
_RECORDS = frozenset({*_OUTCOMES, *_GONE, "Reception", "Rejection", "Expiration", "Authentication"})


class KumoMTA:
    """Reads records of KumoMTA's.

    Args:
        tag: not used: no answer of ours is in these records.
    """

    name = "kumomta"
    vague: frozenset[str] = frozenset()

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag

    def owns(self, program: str) -> bool:
        """Whether a syslog header's program is KumoMTA's: "kumod", "kumomta", and "tailer", which prints its log."""
        return program in {"kumod", "kumomta", "tailer"}

    def begins(self, line: str) -> bool:
        """Whether a line is a record."""
        return line.startswith(_OPENING)

    def message(self, program: str, pid: str, text: str) -> Record:
        """Read a record. Never raises."""
        if not text.startswith(_OPENING):
            return Record(kind="ignored", why=SERVER)
        try:
            line = _DECODER.decode(text)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return Record(kind="unread", why=UNREADABLE)
        record = _read(line) if line.type in _RECORDS else Record(kind="ignored", why=SERVER)
        _dated(record, _time(line.timestamp))
        return record


def _read(line: Line) -> Record:
    if line.type in _OUTCOMES:
        return _outcomes(line, _OUTCOMES[line.type])
    if line.type == "Reception":
        return _accepted(line)
    if line.type == "Rejection":
        return _refused(line)
    if line.type == "Authentication":
        return _login(line)
    if line.type == "Expiration":
        return _gone(line, Record(kind="delivery", part="failed", result="bounced", status="4.4.7", reply=EXPIRED))
    return _gone(line, Record(kind="part", part="completed"))


def _time(stamp: float | str) -> Instant | None:
    if isinstance(stamp, str):
        return instant(stamp)
    return Instant(stamp) if 0.0 < stamp < LATEST else None


def _dated(record: Record, time: Instant | None) -> None:
    """Give a record and those chained to it their time."""
    each: Record | None = record
    while each is not None:
        each.time, each = time, each.also


def _accepted(line: Line) -> Record:
    """A message was taken: an account's, or nobody's."""
    account = _account(line)
    record = Record(kind="submission" if account else "part", part="" if account else "received", account=account)
    _came_from(record, line)
    record.queue_id = _id(line)
    record.envelope_sender = kept(line.sender, MAX_ADDRESS)
    record.recipients = tuple(dict.fromkeys(_recipients(line)))
    record.size = max(0, line.size)
    return record


def _outcomes(line: Line, result: Result) -> Record:
    """What became of the recipients: one record each, chained."""
    reply, status = _said(line.response)
    record: Record | None = None
    for address in reversed(_recipients(line)[:MAX_RECIPIENTS]):
        record = Record(
            kind="delivery",
            part="counted",
            queue_id=_id(line),
            envelope_sender=kept(line.sender, MAX_ADDRESS),
            address=address,
            result=result,
            status=status,
            reply=reply,
            also=record,
        )
    return record if record is not None and line.id else Record(kind="unread", why=UNREADABLE)


def _gone(line: Line, record: Record) -> Record:
    """A message is given up, by time or by the operator."""
    record.queue_id = _id(line)
    if record.part != "completed":
        record.also = Record(kind="part", part="completed", queue_id=record.queue_id)
    return record


def _refused(line: Line) -> Record:
    """KumoMTA refused something: a login, or an account's message or recipient."""
    said = line.response or Response()
    if said.code == 535:
        record = Record(kind="login", ok=False)
        _came_from(record, line)
        return record
    reply, status = _said(said)
    record = Record(kind="delivery", result="refused", account=_account(line), status=status, reply=reply)
    if not line.sender and not line.recipient:
        record = Record(kind="ignored", why=BEFORE_MAIL)
    _came_from(record, line)
    record.envelope_sender = kept(line.sender, MAX_ADDRESS)
    record.address = next(iter(_recipients(line)), "")
    return record


def _login(line: Line) -> Record:
    """A login, good or bad, from the log of logins."""
    name = kept(line.attempted_identity.identity, MAX_NAME) if line.attempted_identity else ""
    peer = line.auth_info.peer_address if line.auth_info else None
    return Record(kind="login", ok=line.success, account=name or None, client=_client(peer or ""))


def _account(line: Line) -> str | None:
    return (kept(line.meta.authn_id, MAX_NAME) if line.meta and line.meta.authn_id else "") or None


def _came_from(record: Record, line: Line) -> None:
    if line.peer_address is not None:
        record.client = _client(line.peer_address.addr)
        record.helo = kept(line.peer_address.name, MAX_HELO)


def _client(address: str) -> str:
    return plain(address) if _ADDRESS.fullmatch(address) else ""


def _id(line: Line) -> str:
    return kept(line.id, 64)


def _recipients(line: Line) -> Sequence[str]:
    found = [line.recipient] if isinstance(line.recipient, str) else line.recipient
    return [kept(address, MAX_ADDRESS) for address in found if address]


def _said(response: Response | None) -> tuple[str, str]:
    """The reply and its enhanced status code."""
    if response is None:
        return "", ""
    code = response.enhanced_code
    status = f"{code.class_}.{code.subject}.{code.detail}" if code is not None and code.class_ in (2, 4, 5) else ""
    words = (str(response.code) if response.code else "", status, response.content)
    return kept(" ".join(word for word in words if word), MAX_REPLY), status
