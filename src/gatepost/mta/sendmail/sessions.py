"""Who logged in, who failed to, and which message a client handed in.

Owns the lines of Sendmail's server. A login and a message stand on lines of their own, joined by the process id: one
process serves one connection. What a client chooses is the sender, the message id and the name of a failed login; the
relay stands behind all of them at the end of the line, and is read from there. The numbers behind a sender are believed
only when the line holds such numbers once.
Source: Sendmail's sendmail/srvrsmtp.c (AUTH, checksmtpattack), envelope.c and headers.c (logsender), tls.c.
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.sendmail.grammar import HOST, address_of, bounded

UNREADABLE = "a from= line whose fields are not in Sendmail's order"
UNREADABLE_LOGIN = "a login whose client cannot be told"
UNCHECKED = "a login that could not be checked"
TLS = "an encryption message"
ATTACK = "many commands of one kind"

MAX_NAME = 320
"""Characters of a login that somebody typed."""

_LOGIN = re.compile(
    rf"AUTH=server, relay={HOST}, authid=(.+), mech=([^ ,]{{1,32}}), bits=[0-9]{{1,5}}(?:/[0-9]{{1,5}})?", re.DOTALL
)
_FAILED = re.compile(r"AUTH failure \(([^ ()]{1,32})\): ")
_CLAIMED = ", user="
_AT_END = re.compile(rf", relay={HOST}\Z")
_TEMPORARY = ("temporary failure", "connection", "generic failure (-1) SASL(-1): generic failure: unable to open")
_ENCRYPTED = re.compile(rf"STARTTLS=server, relay={HOST}, version=")
_ATTACK = re.compile(rf"{HOST}: possible SMTP attack: command=(.{{0,40}}), count=[0-9]{{1,9}}", re.DOTALL)
_LEFT = re.compile(
    rf"{HOST} did not issue MAIL/EXPN/VRFY/ETRN during connection to "
    rf"|(?:lost input channel|timeout waiting for input) from {HOST} (?:to|during) "
)
_NUMBERS = re.compile(r", size=([0-9]{1,15}), class=-?[0-9]{1,6}, (?:pri=-?[0-9]{1,12}, )?nrcpts=([0-9]{1,9})(?=, )")
_MESSAGE_ID = re.compile(r", msgid=<([^<>, ]{1,255})>,")
_HANDED_IN = re.compile(
    r"(?:, proto=([A-Z]{3,8}))?(?:, daemon=[^,]{1,40})?(?:, tls_verify=[^ ,]{1,20})?(?:, auth=[^ ,]{1,20})?"
    rf", relay={HOST}\Z"
)
_LOCALLY = re.compile(r", relay=(?:\[RESPONSE\]|[^ \[\],]{1,255})\Z")


def read_message(text: str, at: int, queue_id: str) -> Record:
    """Read a `from=` line: a message is taken in.

    Args:
        text: the message.
        at: where "from=" begins.
        queue_id: the message's.
    """
    numbers = list(_NUMBERS.finditer(text, at))
    client = _HANDED_IN.search(text, at) if numbers else None
    if not numbers or (client is None and _LOCALLY.search(text, at) is None):
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    record = Record(kind="part", part="sent" if client else "local", queue_id=queue_id)
    if client is not None:
        record.client, record.protocol = address_of(client[2]), (client[1] or "").lower()
        record.tls = record.protocol in {"esmtps", "esmtpsa"}
    if len(numbers) == 1:
        sender = text[at + len("from=") : numbers[0].start()]
        record.envelope_sender = sender[1:-1] if sender.startswith("<") and sender.endswith(">") else sender
        record.size, record.recipient_count = int(numbers[0][1]), int(numbers[0][2])
        name = _MESSAGE_ID.match(text, numbers[0].end())
        record.message_id = name[1] if name is not None else ""
    return record


def read_session(text: str, at: int, queue_id: str) -> Record | None:
    """Read a line about a session; None when it is none of these.

    Args:
        text: the message.
        at: where its words begin.
        queue_id: of the message the session would have begun; "" when the line names none.
    """
    if text.startswith("AUTH", at):
        return _login(text, at) if text.startswith("AUTH=server, ", at) else _failed(text, at, queue_id)
    encrypted = _ENCRYPTED.match(text, at)
    if encrypted is not None:
        return Record(kind="part", part="encrypted", client=address_of(encrypted[1]), tls=True)
    if text.startswith("STARTTLS", at):
        return Record(kind="ignored", why=TLS)
    attack = _ATTACK.fullmatch(text, at)
    if attack is not None:
        return _attack(attack, queue_id)
    left = _LEFT.match(text, at)
    return Record(kind="part", part="left", client=address_of(left[1] or left[2])) if left is not None else None


def _login(text: str, at: int) -> Record:
    found = _LOGIN.fullmatch(text, at)
    if found is None:
        return Record(kind="unread", why=UNREADABLE_LOGIN)
    client, account, mechanism = found.groups()
    return Record(
        kind="login", part="entered", ok=True, account=account, mechanism=mechanism, client=address_of(client)
    )


def _failed(text: str, at: int, queue_id: str) -> Record | None:
    """A failed login: the name is what was typed, and stands in front of the relay."""
    found = _FAILED.match(text, at)
    if found is None:
        return None
    relay = _AT_END.search(text, found.end())
    reason, named, claimed = text[found.end() : relay.start() if relay else len(text)].partition(_CLAIMED)
    if reason.startswith(_TEMPORARY):
        return Record(kind="ignored", why=UNCHECKED, queue_id=queue_id)
    return Record(
        kind="login",
        ok=False,
        account=claimed[:MAX_NAME] if named and relay and claimed else None,
        mechanism=found[1],
        client=address_of(relay[1]) if relay else "",
        queue_id=queue_id,
        reply=bounded(reason),
    )


def _attack(found: re.Match[str], queue_id: str) -> Record:
    """A client sent a command too often; of logins that is all that older versions say."""
    if found[2] != "AUTH":
        return Record(kind="ignored", why=ATTACK, queue_id=queue_id)
    return Record(kind="login", ok=False, client=address_of(found[1]), queue_id=queue_id)
