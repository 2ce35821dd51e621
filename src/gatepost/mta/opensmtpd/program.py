"""OpenSMTPD's log, behind the syslog header: versions 5.4 to 7.x, without the short-lived `event=` form of 6.0 to 6.3.

Owns the sessions. Every line of a connection begins with the same sixteen digits, which no other connection has: client
and login are remembered under them, bounded, and a message is the account's of its session. Names have lost their
spaces before they are logged (strnvis); commands, addresses and answers have not.
Source: OpenSMTPD's usr.sbin/smtpd/smtp_session.c, lka_filter.c.
"""

import re

from msgspec import Struct

from gatepost.core.events import MAX_REPLY
from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record
from gatepost.mta.opensmtpd.deliveries import read_delivery, read_given_up
from gatepost.mta.sessions import keep

OTHER = "OpenSMTPD's own affairs"
CONNECTION = "a connection that came or went"
TLS = "an encryption message"
PROTOCOL = "a command that was out of place"
UNCHECKED = "a login that could not be checked"
FILTER = "a note of a filter"
ANNOUNCED = "a message whose recipients follow"
ENVELOPE = "a further recipient of a message that was told"
TOO_LONG = "longer than any line OpenSMTPD writes"

MAX_TEXT = 8192
"""Characters looked at: a command has at most two thousand."""
MAX_SESSIONS = 10_000
"""Sessions remembered, and messages whose first recipient is still to come."""

_SESSION = re.compile(r"([0-9a-f]{16}) (smtp|mta|mda|filters) ")
_CONNECTED = re.compile(rf"connected address=(?:\[?(?:IPv6:)?({ADDRESS})\]?|[^ ]{{1,255}}) host=")
_LOGIN = re.compile(r"authentication user=(.*) result=(ok|permfail|tempfail)", re.DOTALL)
_RESULTS = {"ok": True, "permfail": False}
_COMMAND = re.compile(r'failed-command command="([A-Z]{0,10})')
_RCPT = re.compile(r'RCPT TO: ?<(.*)>[^<>]{0,500}" result="', re.DOTALL)
_RESULT = '" result="'
_MESSAGE = re.compile(r"message msgid=([0-9a-f]{8}) size=([0-9]{1,15}) nrcpt=([0-9]{1,9}) proto=([A-Z]{4,8})")
_ENVELOPE = re.compile(r"envelope evpid=([0-9a-f]{8})[0-9a-f]{8} from=<(.*)>", re.DOTALL)
_CODES = re.compile(r"[245][0-9]{2}[ -](?:([245]\.[0-9]{1,3}\.[0-9]{1,3}):? )?")
_AT_MAIL = frozenset({"MAIL", "RCPT", "DATA", ""})
"""An empty command is the end of a message; what a filter says to a connection has it, too, but no login."""

_OLDER = re.compile(r"smtp-in: ")
_NEW = re.compile(rf"New session ([0-9a-f]{{16}}) from host .{{0,255}} \[(?:IPv6:)?(?:({ADDRESS})|[^\]]{{1,64}})\]")
_OLD_LOGIN = re.compile(
    r"(Accepted authentication|Authentication failed|Authentication temporarily failed) for user (.*)"
    r" on session ([0-9a-f]{16})", re.DOTALL
)  # fmt: skip
_OLD_RESULTS = {"Accepted authentication": True, "Authentication failed": False}
_OLD_COMMAND = re.compile(r'Failed command on session ([0-9a-f]{16}): "([A-Z]{0,10})(.*)" => (.*)', re.DOTALL)
_OLD_MESSAGE = re.compile(
    r"Accepted message ([0-9a-f]{8}) on session ([0-9a-f]{16}): from=<(.*)>, (?:to=<.*>, )?size=([0-9]{1,15}), "
    r"(?:ndest|nrcpts)=([0-9]{1,9}), proto=([A-Z]{4,8})", re.DOTALL
)  # fmt: skip


class Session(Struct):
    """A connection of a client."""

    client: str = ""
    account: str | None = None
    tls: bool = False


class OpenSMTPD:
    """Reads what stands behind a syslog header of OpenSMTPD's, in the order of the log.

    Args:
        tag: what gatepost's own refusals start with.
    """

    name = "opensmtpd"
    vague = frozenset({OTHER, TOO_LONG})

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag
        self._sessions: dict[str, Session] = {}
        self._announced: dict[str, Record] = {}
        self._older: dict[str, None] = {}

    def owns(self, program: str) -> bool:
        """Whether a header's program is OpenSMTPD's; Postfix's of that name has the instance in front."""
        return program in {"smtpd", "opensmtpd"}

    def message(self, program: str, pid: str, text: str) -> Record:
        """What a message states. Never raises, whatever it holds.

        Args:
            program: not used: OpenSMTPD has one name for all its processes.
            pid: not used: one process serves every connection.
            text: the message behind the header.
        """
        if len(text) > MAX_TEXT:
            return Record(kind="ignored", why=TOO_LONG)
        found = _SESSION.match(text)
        if found is None:
            return self._old(text) if _OLDER.match(text) else read_given_up(text) or Record(kind="ignored", why=OTHER)
        session, agent = found.groups()
        if agent == "smtp":
            return self._smtp(text, found.end(), session)
        return Record(kind="ignored", why=FILTER) if agent == "filters" else read_delivery(text, found.start(2))

    def _smtp(self, text: str, at: int, name: str) -> Record:
        session = self._sessions.get(name) or Session()
        connected = _CONNECTED.match(text, at)
        if connected is not None:
            return self._connected(name, connected[1])
        if text.startswith("tls ", at):
            session.tls = True
            return Record(kind="ignored", why=TLS)
        if text.startswith("authentication ", at):
            return self._login(_LOGIN.fullmatch(text, at), name)
        if text.startswith("failed-command ", at):
            return self._refused(text, at, session)
        if text.startswith(("message ", "envelope "), at):
            return self._message(text, at, session)
        if text.startswith("disconnected ", at):
            self._sessions.pop(name, None)
        return Record(kind="ignored", why=PROTOCOL if text.startswith("bad-input ", at) else CONNECTION)

    def _connected(self, name: str, client: str | None) -> Record:
        keep(self._sessions, name, Session(plain(client or "")), MAX_SESSIONS)
        return Record(kind="ignored", why=CONNECTION)

    def _login(self, found: re.Match[str] | None, name: str) -> Record:
        if found is None:
            return Record(kind="ignored", why=OTHER)
        return self._tried(found[1], name, _RESULTS.get(found[2]))

    def _tried(self, account: str, name: str, ok: bool | None) -> Record:
        """A login: good, bad, or (None) one that could not be checked."""
        if ok is None:
            return Record(kind="ignored", why=UNCHECKED)
        session = self._sessions.get(name)
        if session is None:
            session = Session()
            keep(self._sessions, name, session, MAX_SESSIONS)
        if ok:
            session.account = account or None
        return Record(
            kind="login", ok=ok, account=account or None, client=session.client, tls=session.tls, protocol="smtp"
        )

    def _refused(self, text: str, at: int, session: Session) -> Record:
        """A command that was refused; the address quotes nothing of ours, or the line does not tell them apart."""
        command = _COMMAND.match(text, at)
        if command is None or command[1] not in _AT_MAIL:
            return Record(kind="ignored", why=PROTOCOL)
        alone = text.count(_RESULT, at) == 1
        words = text[text.index(_RESULT, at) + len(_RESULT) :].removesuffix('"') if alone else ""
        rcpt = _RCPT.match(text, command.start(1)) if alone else None
        return self._refusal(session, rcpt[1] if rcpt is not None else "", words)

    def _refusal(self, session: Session, address: str, words: str) -> Record:
        codes = _CODES.match(words)
        mine = bool(self.tag) and codes is not None and words.startswith(self.tag, codes.end())
        return Record(
            kind="own" if mine else "delivery",
            account=session.account,
            client=session.client,
            tls=session.tls,
            address=address,
            result=None if mine else "refused",
            status=(codes[1] or "") if codes is not None else "",
            reply=words[:MAX_REPLY],
            own=mine,
        )

    def _message(self, text: str, at: int, session: Session) -> Record:
        """A message is announced with its numbers; its sender stands on the line of its first recipient."""
        found = _MESSAGE.fullmatch(text, at)
        if found is not None:
            if session.account is None:
                return Record(kind="part", part="received" if session.client else "local", queue_id=found[1])
            keep(self._announced, found[1], _submission(session, found), MAX_SESSIONS)
            return Record(kind="ignored", why=ANNOUNCED, queue_id=found[1])
        envelope = _ENVELOPE.fullmatch(text, at)
        record = self._announced.pop(envelope[1], None) if envelope is not None else None
        if envelope is None or record is None:
            return Record(kind="ignored", why=ENVELOPE, queue_id=envelope[1] if envelope is not None else "")
        sender, between, recipient = envelope[2].partition("> to=<")
        record.envelope_sender = sender if between and "> to=<" not in recipient else None
        return record

    def _old(self, text: str) -> Record:
        """A line of a version before 6.0."""
        at = len("smtp-in: ")
        new = _NEW.fullmatch(text, at)
        if new is not None:
            return self._connected(new[1], new[2])
        login = _OLD_LOGIN.fullmatch(text, at)
        if login is not None:
            return self._tried(login[2], login[3], _OLD_RESULTS.get(login[1]))
        command = _OLD_COMMAND.fullmatch(text, at)
        if command is not None:
            return self._old_refusal(command)
        message = _OLD_MESSAGE.fullmatch(text, at)
        return self._old_message(message) if message is not None else Record(kind="ignored", why=CONNECTION)

    def _old_refusal(self, found: re.Match[str]) -> Record:
        if found[2] not in _AT_MAIL:
            return Record(kind="ignored", why=PROTOCOL)
        alone = '" => ' not in found[3] and '" => ' not in found[4]
        rcpt = re.fullmatch(r" TO: ?<(.*)>[^<>]*", found[3], re.DOTALL) if alone and found[2] == "RCPT" else None
        session = self._sessions.get(found[1]) or Session()
        return self._refusal(session, rcpt[1] if rcpt is not None else "", found[4] if alone else "")

    def _old_message(self, found: re.Match[str]) -> Record:
        """One line for each recipient: the first tells the message, the others follow with their outcomes."""
        queue_id, name, sender = found[1], found[2], found[3]
        session = self._sessions.get(name) or Session()
        if session.account is None:
            return Record(kind="part", part="received" if session.client else "local", queue_id=queue_id)
        if queue_id in self._older:
            return Record(kind="ignored", why=ENVELOPE, queue_id=queue_id)
        keep(self._older, queue_id, None, MAX_SESSIONS)
        return Record(
            kind="submission",
            queue_id=queue_id,
            account=session.account,
            client=session.client,
            tls=session.tls,
            envelope_sender=sender if ">, to=<" not in sender and ">, size=" not in sender else None,
            size=int(found[4]),
        )


def _submission(session: Session, found: re.Match[str]) -> Record:
    queue_id, size, count, protocol = found.groups()
    return Record(
        kind="submission",
        queue_id=queue_id,
        account=session.account,
        client=session.client,
        tls=session.tls,
        size=int(size),
        recipient_count=int(count),
        protocol=protocol.lower(),
    )
