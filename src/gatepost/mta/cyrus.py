"""Cyrus IMAP: logins to IMAP, POP3, ManageSieve and HTTP, good and bad.

Owns the client and the name in `login:` and `badlogin:`. The client stands in front of everything a stranger wrote; of
a failed login the name is what was typed, and where more than one name could be read the line is tampered with. An
anonymous login is passed over: the "password" of such a login stands on its line.
Source: Cyrus IMAP imap/imapd.c (cmd_login, cmd_authenticate), imap/pop3d.c, imap/nntpd.c, timsieved/parser.c,
imap/httpd.c, 2.2 to 3.10; Cyrus SASL sasl_errdetail().
"""

import re
from collections.abc import Iterator

from gatepost.mta.addresses import ADDRESS, plain
from gatepost.mta.base import Record

SERVER = "Cyrus, without a login"
ANONYMOUS = "an anonymous login"

MAX_TEXT = 8192
"""Characters looked at: a name is cut at 1 kB, what SASL says at some hundred."""

_OWNED = re.compile(r"cyrus(?:[-/][a-z0-9_-]{1,32})?|imaps?|pop3s?|sieve|timsieved|lmtpunix|nntps?|https?")
_PROTOCOLS = (("pop3", "pop3"), ("sieve", "sieve"), ("http", "http"), ("nntp", "nntp"))
_CLIENT = re.compile(rf"(?:[^ \[\]]{{0,255}}) ?\[({ADDRESS})\] ")
_GOOD = re.compile(
    r"([^ ].*?) ([A-Za-z0-9_-]{1,32})(\+TLS)?(?: User logged in(?: SESSIONID=<[^<> ]{0,128}>)?)?", re.DOTALL
)
_PLAIN = "plaintext "
_SASL = re.compile(r" SASL\(-?[0-9]{1,4}\): ")
_INVALID = " invalid user"
_NAMED = re.compile(r"([A-Za-z0-9_-]{1,32}) \(")
_UNNAMED = re.compile(r"([A-Za-z0-9_-]{1,32}) .*", re.DOTALL)


class Cyrus:
    """Reads what stands behind a syslog header of Cyrus's.

    Args:
        tag: not used: nothing of ours speaks in these lines.
    """

    name = "cyrus"
    vague = frozenset({SERVER})

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag

    def owns(self, program: str) -> bool:
        """Whether a syslog header's program is one of Cyrus's: "cyrus/imaps", "imap", "timsieved"."""
        return _OWNED.fullmatch(program) is not None

    def message(self, program: str, pid: str, text: str) -> Record:
        """Read a message. Never raises.

        Args:
            program: what the header names; it tells the protocol.
            pid: not used.
            text: the message behind the header.
        """
        good, bad = text.startswith("login: "), text.startswith("badlogin: ")
        if not (good or bad) or len(text) > MAX_TEXT:
            return Record(kind="ignored", why=SERVER)
        client = _CLIENT.match(text, len("login: " if good else "badlogin: "))
        if client is None:
            return Record(kind="ignored", why=SERVER) if good else Record(kind="login", ok=False)
        rest = text[client.end() :]
        record = _good(rest) if good else _bad(rest)
        record.client = plain(client[1])
        record.protocol = next((name for part, name in _PROTOCOLS if part in program), "imap")
        return record


def _good(rest: str) -> Record:
    if rest.startswith("anonymous "):
        return Record(kind="ignored", why=ANONYMOUS)
    found = _GOOD.fullmatch(rest)
    if found is None:
        return Record(kind="ignored", why=SERVER)
    return Record(kind="login", ok=True, account=found[1], mechanism=found[2], tls=found[3] is not None)


def _bad(rest: str) -> Record:
    names = list(dict.fromkeys(_names(rest)))
    if len(names) > 1:
        return Record(kind="unread", why="tampered", candidates=tuple(names[:10]))
    mechanism = "plaintext" if rest.startswith(_PLAIN) else _mechanism(rest)
    return Record(kind="login", ok=False, account=(names[0] or None) if names else None, mechanism=mechanism)


def _mechanism(rest: str) -> str:
    found = _UNNAMED.fullmatch(rest)
    return found[1] if found and found[1] not in {"anonymous", "wrong"} else ""


def _names(rest: str) -> Iterator[str]:
    """Every name that could be read: behind it stands what SASL says, or that the name is none."""
    if rest.startswith(_PLAIN):
        for end in _SASL.finditer(rest, len(_PLAIN) - 1):
            yield rest[len(_PLAIN) : max(end.start(), len(_PLAIN))]
        if rest.endswith(_INVALID):
            yield rest[len(_PLAIN) : -len(_INVALID)]
        return
    named = _NAMED.match(rest)
    at = rest.find(") [", named.end()) if named else -1
    while named and at >= 0:
        yield rest[named.end() : at]
        at = rest.find(") [", at + 1)
