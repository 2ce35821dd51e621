"""Messages taken in: the lines with "<=" and "(=".

Owns the order of their fields: sender, R=, H=, I=, TFO, U=, Ci=, P=, L, X=, CV=, DN=, SNI=, A=, PRDR, PRX=, K, S=,
M8S=, DKIM=, ARC, DMARC=, RT=, Q=, id=, T=, from, for. A line that could be cut in two ways is read in every way, and
called tampered unless all ways name one account, client and protocol (readings.py).
Source: Exim specification, chapter "Log files", section "Logging message reception"; src/src/receive.c.
"""

import re
from collections.abc import Iterator

from gatepost.mta.base import Record
from gatepost.mta.exim.grammar import (
    ADDRESS,
    BARE,
    QUOTED,
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

UNREADABLE = "an arrival whose fields are not in Exim's order"

_REFERENCE = re.compile(r" R=([^ ]{1,64})")
_HOST = re.compile(r" (?:DS )?H=")
_LOCAL_USER = re.compile(r" U=([A-Za-z0-9_.][A-Za-z0-9_.$-]{0,63})(?= (?:Ci|P)=)")
"""A name as systems give them, and what Exim writes behind it: what its user wrote stands further on."""
_PROTOCOL = re.compile(r" P=([0-9A-Za-z-]{1,64})(?>(?: L[*.-]*+)?)")
_BEHIND_IDENT = re.compile(r" (?:P|Ci)=")
_CONNECTION = re.compile(r"(?: Ci=[^ ]++)?")
_BEHIND_LOGIN = re.compile(r" (?=PRDR |PRX=|K S=|S=)")
_TAIL = re.compile(
    r"(?: PRDR)?(?: PRX=[0-9A-Za-z.:]++)?(?: K)? S=([0-9a-z]++)"
    r"(?>(?: (?:M8S|DKIM|DMARC|SPF|RT|Q)=[^ \"]++| ARC)*)"
    rf"(?: id\*?=((?>(?:[^ \"]++|{QUOTED})+)))?"
    rf"(?: T={QUOTED})?"
    rf"(?: from <(?:{ADDRESS})?>)?(?: for (?=[^ ])|\Z)",
    re.DOTALL,
)
_ONE = re.compile(rf"({ADDRESS})(?: |\Z)", re.DOTALL)
_UNQUALIFIED = re.compile(r"[^ =()\[\]:;,]+")

_MUST_NOT = frozenset({"esmtp", "esmtps", "essmtp", "utf8esmtp", "utf8esmtps"})
_MUST = frozenset({"esmtpa", "esmtpsa", "essmtpa", "utf8esmtpa", "utf8esmtpsa"})
"""Exim names the protocol of a session after EHLO by whether it authenticated (smtp_in.c, `protocols`);
after HELO it says plain "smtp", so there A= may stand or not."""


def read_arrival(line: str, at: int, queue_id: str, flag: str = "<= ") -> Record:
    """Read an arrival.

    Args:
        line: the whole line.
        at: where the sender begins, behind "<= ".
        queue_id: the message's.
        flag: "<= ", or "(= " when the client was told that the message was refused.
    """
    sender = BARE.match(line, at)
    if line.startswith("<>", at):
        name, end = "", at + 2
    elif sender is not None:
        name, end = sender[0], sender.end()
    else:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    scan = Scan(line)
    found: list[Record] = []
    try:
        for record in _readings(scan, end):
            if not any(_facts(record) == _facts(other) for other in found):
                found.append(record)
    except TooManyWays:
        return too_many(line, queue_id)
    if not found:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    record = settled(found, queue_id)
    record.envelope_sender = name if record.kind != "unread" else None
    return record


def _facts(record: Record) -> tuple[str | None, str, str, str]:
    return record.account, record.client, record.protocol, record.user


def _readings(scan: Scan, at: int) -> Iterator[Record]:
    """Every record the text from behind the sender on can be read as."""
    reference = _REFERENCE.match(scan.text, at)
    parent = reference[1] if reference else ""
    start = reference.end() if reference else at
    host = _HOST.match(scan.text, start)
    user = _LOCAL_USER.match(scan.text, start) if host is None else None
    if user is not None:
        yield from _behind_ident(scan, user.end(), Client("", "", start), parent, user[1])
        return
    sources = clients(scan, host.end()) if host else iter((Client("", "", start),))
    for client in sources:
        for end in idents(scan, client.end, _BEHIND_IDENT):
            yield from _behind_ident(scan, end, client, parent)


def _behind_ident(scan: Scan, at: int, client: Client, parent: str, user: str = "") -> Iterator[Record]:
    connection = _CONNECTION.match(scan.text, at)
    protocol = _PROTOCOL.match(scan.text, connection.end() if connection else at)
    if protocol is None:
        return
    for tls, end in ciphers(scan, protocol.end()):
        record = _first(_finish(scan, login, tls) for login in logins(scan, end, _BEHIND_LOGIN))
        if record is None or not lawful(protocol[1], record.mechanism):
            continue
        record.protocol = protocol[1]
        record.client = client.address
        record.helo = client.helo
        record.parent = parent
        if record.kind == "part":
            record.part, record.user = ("received", "") if client.address else ("local", user)
        yield record


def _first(records: Iterator[Record | None]) -> Record | None:
    """The first reading of A= that completes the line: ids are not the client's to choose."""
    return next((record for record in records if record is not None), None)


def lawful(protocol: str, mechanism: str | None) -> bool:
    """Whether P= may stand beside this A=, or beside none."""
    return protocol not in (_MUST_NOT if mechanism else _MUST)


def _finish(scan: Scan, login: Login, tls: bool) -> Record | None:
    """What stands behind A=, to the end of the line."""
    found = _TAIL.match(scan.text, login.end)
    if found is None:
        return None
    names = () if found.end() == len(scan.text) else _recipients(scan.text, found.end())
    if names is None:
        return None
    return Record(
        kind="submission" if login.mechanism else "part",
        account=login.account,
        mechanism=login.mechanism,
        tls=tls,
        recipients=names or None,
        message_id=found[2] or "",
        size=int(found[1][:15]) if found[1].isdecimal() else None,
    )


def _recipients(text: str, at: int) -> tuple[str, ...] | None:
    """The addresses behind " for ", up to the end of the line; None when they are none."""
    names: list[str] = []
    while at < len(text):
        found = _ONE.match(text, at)
        if found is None or ("@" not in found[1] and not _UNQUALIFIED.fullmatch(found[1])):
            return None
        names.append(found[1])
        at = found.end()
    return tuple(names)
