"""The pieces every Exim log line is made of, and all the ways a forged one can be cut.

Owns the address grammar and the fields whose end a stranger can blur: the greeting stands between "(" and
") [address]", an ident or a certificate name stands before the next field, and any of them may hold text that
looks like Exim's own. Each of those is read in every way the grammar allows; the caller compares the readings.
Source: Exim's src/src/host.c (host_build_sender_fullhost), smtp_in.c (add_tls_info_for_log), parse.c.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

QUOTED = r'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"'
"""A quoted string. Groups are made atomic, never possessive: before 3.11.5 Python misreads `(?:…)*+` (gh-106052)."""

LOCAL = rf'(?>(?:[^ "<>@]++|{QUOTED})+)'
DOMAIN = r'@(?:\[[^ "\]]*+\]|[^ "<>:,()]++)'
ADDRESS = rf"{LOCAL}(?:{DOMAIN})?"
"""What parse_extract_address lets through: quoted strings may hold anything, the rest no space, quote or bracket."""

QUEUE_ID = r"([0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4}))"
"""16 characters, from 4.97 on 23."""

MESSAGE_ID = re.compile(rf"{QUEUE_ID}(?: |\Z)")

BARE = re.compile(ADDRESS, re.DOTALL)

MAX_STEPS = 400
"""Ways tried before a line is called tampered: honest lines need one or two."""

MAX_CANDIDATES = 10

_NAME = re.compile(r'([^ ()\[\]"]++) ')
_END = ") ["
_ADDRESS = re.compile(
    r"\[([0-9A-Za-z.:%]{2,64})\](?>(?::[0-9A-Za-z_]{1,6})?)(?= |:|\Z)"
    r"((?>(?: I=\[[^ \]]*+\](?>(?::[0-9A-Za-z_]{1,6})?)| TFO\*?| Ci=[^ ]++)*))"
)
_CIPHER = re.compile(r'(?: X=([^ "]++))?(?: CV=[a-z]++)?')
_FIELD = re.compile(r'["\[\]()]| (?:[A-Z][A-Z0-9]{0,4}|id\*?)=')
_CERTIFICATE_ENDS = re.compile(r'"(?= |\Z)')


class TooManyWays(Exception):
    """A line has more readings than a reader should try."""


class Scan:
    """One line and the number of ways still to be tried."""

    __slots__ = ("left", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.left = MAX_STEPS

    def step(self) -> None:
        """Count one way.

        Raises:
            TooManyWays: enough is enough.
        """
        self.left -= 1
        if self.left < 0:
            raise TooManyWays


class Client(NamedTuple):
    """One reading of `H=name (greeting) [address]:port`, or of an ident alone."""

    address: str
    helo: str
    end: int


class Login(NamedTuple):
    """One reading of `A=authenticator:id:sender`; no mechanism where the field is absent."""

    mechanism: str
    account: str | None
    end: int


def clients(scan: Scan, at: int) -> Iterator[Client]:
    """Every client that text from `at` (behind "H=") can name."""
    text = scan.text
    named = _NAME.match(text, at)
    start = named.end() if named else at
    if text.startswith("(", start):
        yield from _greetings(scan, start + 1)
    else:
        found = _ADDRESS.match(text, start)
        if found is not None:
            scan.step()
            yield Client(found[1], "", found.end())


def _greetings(scan: Scan, start: int) -> Iterator[Client]:
    text = scan.text
    close = text.find(_END, start)
    while close >= 0:
        scan.step()
        found = _ADDRESS.match(text, close + 2)
        if found is not None:
            yield Client(found[1], text[start:close], found.end())
        close = text.find(_END, close + 1)


def idents(scan: Scan, at: int, follow: re.Pattern[str]) -> Iterator[int]:
    """Every end of an optional ` U=ident`; `follow` finds what may stand behind it."""
    if not scan.text.startswith(" U=", at):
        yield at
        return
    for found in follow.finditer(scan.text, at + 3):
        scan.step()
        yield found.start()


def ciphers(scan: Scan, at: int) -> Iterator[tuple[bool, int]]:
    """Every end of the optional ` X= CV= DN="" SNI=`, with whether the connection was encrypted."""
    found = _CIPHER.match(scan.text, at)
    tls, end = (found[1] is not None, found.end()) if found else (False, at)
    for behind in _quoted(scan, end, ' DN="'):
        for last in _server_names(scan, behind):
            yield tls, last


def _server_names(scan: Scan, at: int) -> Iterator[int]:
    """Every end of an optional ` SNI=`: one word with its spaces escaped, before 4.9x quoted with its spaces."""
    if not scan.text.startswith(" SNI=", at):
        yield at
        return
    space = scan.text.find(" ", at + 5)
    yield space if space >= 0 else len(scan.text)
    if scan.text.startswith('"', at + 5):
        yield from _quoted(scan, at, ' SNI="')


def _quoted(scan: Scan, at: int, name: str) -> Iterator[int]:
    """Every end of an optional field that Exim quotes without escaping the quotes inside."""
    if not scan.text.startswith(name, at):
        yield at
        return
    for found in _CERTIFICATE_ENDS.finditer(scan.text, at + len(name)):
        scan.step()
        yield found.end()


def logins(scan: Scan, at: int, follow: re.Pattern[str]) -> Iterator[Login]:
    """Every end of an optional ` A=`, the shortest first; `follow` finds what may stand behind it.

    The AUTH= sender (log selector smtp_mailauth) behind the second colon is the client's and may hold anything; an
    id with spaces is possible, one that looks like fields is not: the server knew it before the client came.
    """
    if not scan.text.startswith(" A=", at):
        yield Login("", None, at)
        return
    for found in follow.finditer(scan.text, at + 3):
        scan.step()
        mechanism, _, rest = scan.text[at + 3 : found.start()].partition(":")
        account = rest.partition(":")[0]
        if " " in mechanism or (" " in account and _FIELD.search(account)):
            return
        yield Login(mechanism, account or None, found.start())


def named_accounts(text: str) -> tuple[str, ...]:
    """Every account some ` A=` in a line names: the candidates of a line with too many readings."""
    found = re.findall(r" A=[^ :]{1,64}:([^ :]{1,256})", text)
    return distinct([*found[-(MAX_CANDIDATES // 2) :], *found])


def distinct(names: list[str]) -> tuple[str, ...]:
    """Each name once, in order, at most MAX_CANDIDATES."""
    return tuple(dict.fromkeys(names))[:MAX_CANDIDATES]
