"""Logins a line of its own tells of: `authenticator failed for` and `no MAIL in SMTP connection from`.

Owns the client and the name in them. A failed login's name is what the stranger typed, never proof of an account;
where the greeting or the typed name is built so that another client could be read, the line is tampered with.
A login that our own condition put off (docs/mta/exim.md, "Refuse the login") is no failure but our own refusal.
Source: Exim specification, chapter "Log files", log selector smtp_no_mail; src/src/smtp_in.c (smtp_log_no_mail,
and the AUTH command, whose line names the host with "H=" from 4.99 on).
"""

import re
from collections.abc import Iterator

from gatepost.core.events import MAX_REPLY
from gatepost.mta.base import TAMPERED, Record
from gatepost.mta.exim.grammar import (
    Client,
    Scan,
    TooManyWays,
    ciphers,
    clients,
    distinct,
    idents,
    logins,
)
from gatepost.mta.exim.readings import settled, too_many

FAILED = " authenticator failed for "
NO_MAIL = "no MAIL in "
UNREADABLE_FAILURE = "a failed login whose client cannot be told"
UNREADABLE_SESSION = "a session without mail whose fields are not in Exim's order"
WITHOUT_LOGIN = "a session without mail or login"

_ANSWER = re.compile(r": ([0-9]{3}) ")
_DENIED = re.compile(r"\(set_id=(.*)\)\Z", re.DOTALL)
_UNSURE = re.compile(r"\(set_id=(.*?)\)(?:: |\Z)", re.DOTALL)
_PUT_OFF = "435 Unable to authenticate at present (set_id="
_BEHIND_NAME = "): "
_NO_MAIL = re.compile(r"no MAIL in (?:TFO\*? )?SMTP connection (?:Ci=[^ ]++ )?from ")
_LASTED = re.compile(r"(?: Ci=[^ ]++)? D=[0-9.wdhms]++(?= |\Z)")
_BEHIND_LOGIN = re.compile(r" (?=X=|CV=|DN=\"|SNI=|C=)|\Z")
_COMMANDS = re.compile(r"(?: C=(?:\.\.\.)?[A-Z0-9,]*+)?\Z")


def read_failure(line: str, at: int, tag: str) -> Record:
    """Read a failed login.

    Args:
        line: the whole line.
        at: where the authenticator's name begins.
        tag: what gatepost's own refusals start with.
    """
    middle = line.index(FAILED, at)
    start = middle + len(FAILED)
    scan = Scan(line)
    found: list[Record] = []
    try:
        for client in _clients(scan, start):
            for end in idents(scan, client.end, _ANSWER):
                record = _failure(line, end, client, tag)
                if record is not None and record not in found:
                    found.append(record)
    except TooManyWays:
        return Record(kind="unread", why=TAMPERED, candidates=_claims(line))
    if not found:
        return Record(kind="unread", why=UNREADABLE_FAILURE)
    record = settled(found, "")
    record.mechanism = line[at:middle] if record.kind != "unread" else ""
    return record


def _clients(scan: Scan, at: int) -> Iterator[Client]:
    """Every client behind "for "; a local user has no host, only an ident."""
    host = scan.text.startswith("H=", at)
    if not host and "[" not in scan.text:
        yield from (Client("", "", found.start()) for found in _ANSWER.finditer(scan.text, at))
        return
    yield from clients(scan, at + 2 if host else at)


def _claims(line: str) -> tuple[str, ...]:
    return distinct(re.findall(r"\(set_id=([^)]{0,256})", line))


def _failure(line: str, at: int, client: Client, tag: str) -> Record | None:
    answer = _ANSWER.match(line, at)
    if answer is None:
        return None
    owner = _put_off(line, answer.start(1), tag)
    if owner is not None:
        return Record(
            kind="own",
            own=True,
            account=owner,
            client=client.address,
            helo=client.helo,
            reply=line[answer.start(1) : answer.start(1) + MAX_REPLY],
        )
    claimed = (_DENIED if answer[1][0] == "5" else _UNSURE).search(line, answer.end())
    return Record(
        kind="login",
        ok=False,
        account=claimed[1] if claimed else None,
        client=client.address,
        helo=client.helo,
        reply=line[answer.start(1) : answer.start(1) + MAX_REPLY],
    )


def _put_off(line: str, at: int, tag: str) -> str | None:
    """The login our own condition put off; None when it was not ours.

    The name is what was typed, so the tag counts in one place alone: behind the only "): " there is.
    """
    if not tag or not line.startswith(_PUT_OFF, at):
        return None
    start = at + len(_PUT_OFF)
    end = line.find(_BEHIND_NAME, start)
    ours = end > start and line.startswith(tag, end + len(_BEHIND_NAME))
    return line[start:end] if ours and line.find(_BEHIND_NAME, end + 1) < 0 else None


def read_no_mail(line: str, at: int) -> Record:
    """Read a session that sent nothing: a login that worked, or of no interest."""
    opening = _NO_MAIL.match(line, at)
    if opening is None:
        return Record(kind="unread", why=UNREADABLE_SESSION)
    scan = Scan(line)
    found: list[Record] = []
    try:
        for record in _sessions(scan, opening.end()):
            if record not in found:
                found.append(record)
    except TooManyWays:
        return too_many(line)
    return settled(found, "") if found else Record(kind="unread", why=UNREADABLE_SESSION)


def _sessions(scan: Scan, at: int) -> Iterator[Record]:
    named = False
    for client in clients(scan, at):
        named = True
        for end in idents(scan, client.end, _LASTED):
            yield from _behind_client(scan, end, client)
    lasted = None if named else _LASTED.search(scan.text, at)
    if lasted is not None:
        yield from _behind_client(scan, lasted.start(), Client("", "", 0))


def _behind_client(scan: Scan, at: int, client: Client) -> Iterator[Record]:
    lasted = _LASTED.match(scan.text, at)
    if lasted is None:
        return
    for login in logins(scan, lasted.end(), _BEHIND_LOGIN):
        for tls, end in ciphers(scan, login.end):
            if _COMMANDS.match(scan.text, end) is None:
                continue
            if not login.mechanism:
                yield Record(kind="ignored", why=WITHOUT_LOGIN, client=client.address, helo=client.helo, tls=tls)
            else:
                yield Record(
                    kind="login",
                    ok=True,
                    account=login.account,
                    mechanism=login.mechanism,
                    client=client.address,
                    helo=client.helo,
                    tls=tls,
                )
            return
