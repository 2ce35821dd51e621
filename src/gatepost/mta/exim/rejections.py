"""What Exim refused in a session: `rejected RCPT/MAIL/DATA/after DATA` and `temporarily rejected`.

Owns the order of their fields (H=, I=, U=, X=, CV=, DN=, SNI=, F=, A=, SPF=, DMARC=, the verdict and the reason) and
the one place where gatepost's own tag counts: the start of the local reason (contracts 2). Refusals before a
sender is known (connections, greetings) are of no interest unless they are our own.
Source: Exim specification, chapter "Log files", section "Reject log"; src/src/smtp_in.c (smtp_handle_acl_fail).
"""

import re
from collections.abc import Iterator

from gatepost.core.events import MAX_REPLY
from gatepost.mta.base import Record
from gatepost.mta.exim.deliveries import status_of
from gatepost.mta.exim.grammar import (
    ADDRESS,
    Client,
    Login,
    Scan,
    TooManyWays,
    ciphers,
    clients,
    idents,
    logins,
)
from gatepost.mta.exim.readings import settled, too_many

UNREADABLE = "a refusal whose fields are not in Exim's order"
BEFORE_MAIL = "a refusal before any mail"

MAX_COMMAND = 100
"""Characters of the client's command that Exim logs."""

_HOST = re.compile(r"(?:DS )?H=")
_BEHIND_IDENT = re.compile(r" (?=X=|CV=|DN=\"|SNI=|F=<|A=|SPF=|rejected |temporarily rejected )")
_BEHIND_LOGIN = re.compile(r" (?=SPF=|DMARC=|rejected |temporarily rejected )")
_SENDER = re.compile(rf" F=(?:<({ADDRESS}|)>|([^ <>\"]++))", re.DOTALL)
_LOCAL_SCAN = re.compile(rf"F=(?:<({ADDRESS}|)>|([^ <>\"]++)) ?", re.DOTALL)
_PROTOCOL = re.compile(r"(?: P=([0-9A-Za-z-]++))?(?>(?: L[*.-]*+)?)")
_CHECKS = re.compile(
    r"(?>(?: (?:SPF|DMARC)=[^ ]++)*) (temporarily )?rejected (?=[A-Z]{4,8}\b|after |during |by |connection )"
)
_SENDERLESS = re.compile(_CHECKS.pattern + r"(?!RCPT |after DATA(?! PRDR)|during MIME )")
_MESSAGE = re.compile(
    r"(after DATA(?: PRDR)?|DATA|during MIME ACL checks|by non-SMTP ACL|by local_scan\(\))(?=: |\Z| )"
)
_ADDRESSED = re.compile(rf"(RCPT|MAIL) (?:<({ADDRESS}|)>|({ADDRESS}))?", re.DOTALL)
_REASON = re.compile(r"(?>(?: \([^()]*+\))*)(?:: |\Z| ?\Z)")
_UNNAMED = ("MAIL", "DATA")
"""Commands at whose refusal Exim does not say who has logged in."""
_STOPPED = re.compile(r" stopped: ([^ ]{1,256})\Z")
"""Behind our tag, to the end of the line: the login, as the page's access rule lets Exim write it."""
_CODED = re.compile(r'"?(?:[45][0-9]{2} (?:[45]\.[0-9]{1,3}\.[0-9]{1,3} )?)?')


def read_rejection(line: str, at: int, queue_id: str, tag: str) -> Record:
    """Read a refusal.

    Args:
        line: the whole line.
        at: where its text begins, behind stamp and queue id.
        tag: what gatepost's own refusals start with.
    """
    scan = Scan(line)
    found: list[Record] = []
    try:
        for record in _readings(scan, at, tag):
            if not any(_facts(record) == _facts(other) for other in found):
                found.append(record)
    except TooManyWays:
        return too_many(line, queue_id)
    if not found:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    return settled(found, queue_id)


def _facts(record: Record) -> tuple[object, ...]:
    return record.kind, record.account, record.client, record.address


def _readings(scan: Scan, at: int, tag: str) -> Iterator[Record]:
    text = scan.text
    if text.startswith("F=", at):
        yield from _by_local_scan(scan, at, tag)
        return
    host = _HOST.match(text, at)
    if host is not None:
        for client in clients(scan, host.end()):
            for end in idents(scan, client.end, _BEHIND_IDENT):
                yield from _behind_client(scan, end, client, tag)
        return
    for end in idents(scan, at - 1, _BEHIND_IDENT):
        yield from _behind_client(scan, end, Client("", "", end), tag)


def _behind_client(scan: Scan, at: int, client: Client, tag: str) -> Iterator[Record]:
    for tls, end in ciphers(scan, at):
        sender = _SENDER.match(scan.text, end)
        start = sender.end() if sender else end
        for login in logins(scan, start, _BEHIND_LOGIN):
            record = _verdict(scan, login.end, client, login, tag)
            if record is not None and _complete(scan.text, login.end, sender is not None):
                record.tls = tls
                record.envelope_sender = _sender(sender) if sender else record.envelope_sender
                yield record
                break


def _by_local_scan(scan: Scan, at: int, tag: str) -> Iterator[Record]:
    """ "F=sender H=host [address] P=protocol rejected by local_scan(): text", or without a host."""
    sender = _LOCAL_SCAN.match(scan.text, at)
    if sender is None:
        return
    host = _HOST.match(scan.text, sender.end())
    sources = clients(scan, host.end()) if host else iter((Client("", "", sender.end() - 1),))
    for client in sources:
        protocol = _PROTOCOL.match(scan.text, client.end)
        record = _verdict(scan, protocol.end() if protocol else client.end, client, Login("", None, 0), tag)
        if record is not None:
            record.envelope_sender = _sender(sender)
            record.protocol = (protocol[1] or "") if protocol else ""
            yield record


def _sender(found: re.Match[str]) -> str:
    return found[1] if found[1] is not None else found[2]


def _verdict(scan: Scan, at: int, client: Client, login: Login, tag: str) -> Record | None:
    """What was refused, and why; None when no verdict stands here."""
    checks = _CHECKS.match(scan.text, at)
    if checks is None:
        return None
    record = Record(
        kind="delivery",
        account=login.account,
        mechanism=login.mechanism,
        client=client.address,
        helo=client.helo,
        result="refused",
    )
    command, argument, end = _command(scan.text, checks.end())
    if command == "":
        record.kind, record.why, record.result = "ignored", BEFORE_MAIL, None
    elif command == "RCPT":
        record.address = argument
    elif command == "MAIL":
        record.envelope_sender = argument
    record = _reasoned(record, scan.text, end, tag)
    if record.own and record.account is None and command in _UNNAMED:
        named = _STOPPED.fullmatch(record.reply[len(tag) :]) if record.reply.startswith(tag) else None
        record.account = named[1] if named else None
    return record


def _complete(text: str, at: int, sender: bool) -> bool:
    """Exim names the sender with exactly these verdicts (smtp_handle_acl_fail, `sender_info`)."""
    found = _SENDERLESS.match(text, at)
    return sender if found is None else not sender


def _command(text: str, at: int) -> tuple[str, str, int]:
    """The command refused, its address, and where the reason may begin (-1: it cannot be told from the command)."""
    message = _MESSAGE.match(text, at)
    if message is not None:
        return message[1], "", message.end()
    found = _ADDRESSED.match(text, at)
    if found is None:
        colon = text.find(": ", at)
        return "", "", colon
    if len(text[at + 5 : found.end()].encode("utf-8", "replace")) >= MAX_COMMAND:
        return found[1], "", -1
    bare = found[3] or ""
    return found[1], found[2] if found[2] is not None else bare, found.end()


def _reasoned(record: Record, text: str, at: int, tag: str) -> Record:
    """The reason behind the verdict; ours when it starts with the tag."""
    found = _REASON.match(text, at) if at >= 0 else None
    return because(record, text[found.end() : found.end() + MAX_REPLY] if found else "", tag)


def because(record: Record, reason: str, tag: str) -> Record:
    """The record with its reason; our own refusal when the reason begins with the tag, or with codes and the tag."""
    record.reply = reason
    record.status = status_of(reason)
    if not tag or tag not in reason:
        return record
    coded = _CODED.match(reason)
    if reason.startswith(tag, coded.end() if coded else 0):
        record.kind, record.why, record.own, record.result = "own", "", True, None
    return record
