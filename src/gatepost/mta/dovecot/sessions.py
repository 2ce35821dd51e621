"""Lines of Dovecot's login processes: `imap-login`, `pop3-login`, `managesieve-login`, `submission-login`.

Owns the client and the name in them. A name is what was typed, at most 80 characters of anything, and stands in front
of the client; so a line in the default order is read from its end, where a stranger cannot write. A line in another
order (`login_log_format_elements`) is read only when each field stands in it once.
Source: Dovecot src/login-common/client-common.c (client_get_log_str, client_get_extra_disconnect_reason) and
client-common-auth.c (client_proxy_finish_destroy_client), 2.2, 2.3 and 2.4.
"""

import re
from typing import NamedTuple

from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record
from gatepost.mta.dovecot.memory import Memory, spend
from gatepost.mta.dovecot.wording import AGAIN, NO_LOGIN

MAX_ATTEMPTS = 100
"""Failures one session can have: Dovecot closes it after a few."""

PROTOCOLS = {"managesieve": "sieve"}
"""Login processes whose protocol has another name."""

_FIELDS = re.compile(r": (?=user=<|method=|rip=)")
_PLAIN_OK = frozenset({"Login", "Logged in"})
_OK = re.compile(
    r"Started proxying to [^ ]+(?: \([0-9.]+ secs\))?"
    r"|proxy\([^\s()]+\): started proxying to [^ ]+(?: \((?:master [^()]+|[0-9.]+ secs)\))*"
)
_FAILED = re.compile(r" \((?:auth failed|tried to use dis(?:allowed|abled) [^ ]+ auth|proxy dest auth failed)[,)]")
_ATTEMPTS = re.compile(r"\(auth failed, ([0-9]{1,4}) attempts")
_BARE_ABORT = re.compile(r"Aborted login(?: \[[0-9]+\])?")
_REFUSED = " (user disabled"
_REST = (
    r"(?:method=(?P<method>[A-Za-z0-9_-]{1,64}), )?"
    rf"rip=(?P<rip>{ADDRESS}), lip={ADDRESS}(?:, mpid=[0-9]+)?"
    r"(?:, (?P<layer>TLS(?: handshaking)?(?:: [^<>=]*)?|secured))?(?:, session=<(?P<session>[^<>, ]*)>)?"
)
_USUAL = re.compile(rf"(?:user=<(?P<user>[^<>]*+)>, )?{_REST}", re.DOTALL)
"""The default order, for names that end where they seem to: most lines, and read without looking back."""
_DEFAULT = re.compile(rf"(?:user=<(?P<user>.*)>, )?{_REST}", re.DOTALL)
_RIP = re.compile(rf"(?:\A|, )rip=({ADDRESS})(?=, |\Z)")
_USER = re.compile(r"(?:\A|, )user=<([^<>]*)>")
_METHOD = re.compile(r"(?:\A|, )method=([A-Za-z0-9_-]{1,64})(?=, |\Z)")
_SESSION = re.compile(r"(?:\A|, )session=<([^<>, ]*)>")


class Fields(NamedTuple):
    """What stands behind the message of a login process."""

    user: str
    method: str
    client: str
    tls: bool
    session: str


def read_session(service: str, text: str, memory: Memory) -> Record:
    """Read a login process's line.

    Args:
        service: the process without "-login": "imap".
        text: what stands behind the process's name and the level.
        memory: told of sessions that begin, asked about those that end.
    """
    found = _FIELDS.search(text)
    if found is None:
        return Record(kind="ignored", why=NO_LOGIN)
    fields = _default(text, found.end()) or _any_order(text[found.end() :])
    meaning = _meaning(text[: found.start()], fields)
    if not meaning:
        return Record(kind="ignored", why=NO_LOGIN)
    if isinstance(fields, Record):
        return fields
    if meaning == "ok" and ("rip=" in fields.user or ">, " in fields.user):
        return _tampered([fields.user, *_USER.findall(text[found.end() :])], [fields.client])
    record = _record(PROTOCOLS.get(service, service), meaning, fields)
    if meaning == "ok":
        return _begun(record, fields, memory)
    attempts = _ATTEMPTS.search(text, 0, found.start())
    return _ended(record, fields, int(attempts[1]) if attempts else 1, memory)


def _meaning(message: str, fields: "Fields | Record") -> str:
    """ "ok", "failed", "own" for a login that a deny table refused, or "" when nobody tried to log in."""
    if message in _PLAIN_OK or _OK.fullmatch(message):
        return "ok"
    if _REFUSED in message:
        return "own"
    named = isinstance(fields, Record) or bool(fields.user)
    failed = _FAILED.search(message) or (named and _BARE_ABORT.fullmatch(message))
    return "failed" if failed else ""


def _default(text: str, at: int) -> Fields | None:
    """The fields in Dovecot's own order, of which only the last client counts; None when they are in another."""
    found = _USUAL.fullmatch(text, at) or _DEFAULT.fullmatch(text, at)
    if found is None or (found["session"] is None and ">, session=<" in (found["user"] or "")):
        return None
    layer = found["layer"] or ""
    return Fields(
        found["user"] or "", found["method"] or "", plain(found["rip"]), layer.startswith("TLS"), found["session"] or ""
    )


def _any_order(text: str) -> Fields | Record:
    """The fields in the operator's order; tampered with when two clients or names could be read."""
    clients, users = _RIP.findall(text), _USER.findall(text)
    if len(clients) > 1 or text.count("rip=") > 1 or text.count("user=<") > 1:
        return _tampered(users, clients)
    method, session = _METHOD.search(text), _SESSION.search(text)
    return Fields(
        users[0] if users else "",
        method[1] if method else "",
        plain(clients[0]) if clients else "",
        ", TLS" in text,
        session[1] if session else "",
    )


def _record(protocol: str, meaning: str, fields: Fields) -> Record:
    own = meaning == "own"
    return Record(
        kind="own" if own else "login",
        own=own,
        ok=None if own else meaning == "ok",
        account=fields.user or None,
        client=fields.client,
        mechanism=fields.method,
        tls=fields.tls,
        protocol=protocol,
    )


def _begun(record: Record, fields: Fields, memory: Memory) -> Record:
    """A login; the submission service's lines will not say again where it came from."""
    if record.protocol == "submission" and fields.session:
        memory.clients.put(fields.session, fields.client)
    return record


def _ended(record: Record, fields: Fields, attempts: int, memory: Memory) -> Record:
    """What the end of a session adds to the failures that the auth process and PAM told of it."""
    attempts = min(max(attempts, 1), MAX_ATTEMPTS)
    told = spend(memory.told, fields.session, MAX_ATTEMPTS) if fields.session else 0
    told += spend(memory.pam, (fields.user, fields.client), max(attempts - told, 0))
    if told >= attempts:
        return Record(kind="ignored", why=AGAIN)
    record.count = attempts - told
    return record


def _tampered(users: list[str], clients: list[str]) -> Record:
    return Record(
        kind="unread",
        why="tampered",
        candidates=tuple(dict.fromkeys(users))[:10],
        clients=tuple(dict.fromkeys(map(plain, clients)))[:10],
    )
