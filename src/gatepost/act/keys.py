"""Logins as keys of a deny table, exactly or not at all.

Owns which names a format can hold. A name that it cannot hold exactly is refused, never approximated: a neighbour would
be denied in its place, or nobody.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from gatepost.core.errors import ActionError
from gatepost.core.units import Account

Format = Literal["lsearch", "dsearch", "hash", "lmdb", "cdb", "passwd-file"]

MAX_OCTETS: dict[Format, int] = {
    "lsearch": 1000,
    "dsearch": 255,
    "hash": 500,
    "lmdb": 500,
    "cdb": 500,
    "passwd-file": 500,
}
"""lsearch: Exim reads at most 4095 octets of a line, and quoting doubles a key at worst. dsearch: NAME_MAX of Linux.
lmdb: 511 octets a key (lmdb_table(5)). The others hold more than anybody logs in with."""

_ONE_WORD: dict[Format, str] = {"hash": '"\\', "lmdb": '"\\', "cdb": '"\\', "passwd-file": ":\"'\\"}
"""Formats of one word a line, and what a word cannot hold. postmap(1) splits lines at spaces, quotes or not by version;
Dovecot splits them at colons, and puts a backslash before quotes and backslashes of the name it looks up (passdb
passwd-file; tried with 2.3)."""

_NO_TEXT = re.compile(r"\\x[89a-f][0-9a-f]|[\udc80-\udcff]")
"""Octets that are no UTF-8, as the reading of logs writes them out (source/lines.py), or as they came."""

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def lower(login: str) -> str:
    """What Exim's ${lc:…} makes of a login: only A to Z change.

    Source: Exim's string expansion `lc` calls tolower() on octets in the C locale.
    """
    return login.translate(_LOWER)


def keys(account: Account, spellings: Iterable[str], form: Format, domains: frozenset[str]) -> list[str]:
    """The keys that deny one account: lower-cased, each once, sorted.

    The account's own name is among them, unless a spelling is not ASCII: then folding may have made it somebody else's.

    Args:
        account: whose.
        spellings: every login it has used.
        form: of the table.
        domains: hosted domains; none of them may become a key.

    Raises:
        ActionError: a name this format cannot hold, or no login that could be denied.
    """
    logins = tuple(spellings)
    if not logins and account.startswith(("local/", "relay/")):
        msg = f"{account!r} does not log in, so no deny table stops it: stop that local user or client itself"
        raise ActionError(msg)
    names = {lower(login) for login in logins}
    if all(login.isascii() for login in logins):
        names.add(str(account))
    realm = account.rpartition("@")[2] if "@" in account else ""
    for name in sorted(names):
        why = unclear(name) or unfit(name, form, domains | {realm})
        if why:
            msg = (
                f"the login {name!r} cannot be denied by a {form} table: {why}; change this account's password by hand"
            )
            raise ActionError(msg)
    return sorted(names)


def unclear(name: str) -> str:
    """Why a login is not known octet for octet; "" when it is."""
    return "it has octets that are no UTF-8, so it is not known exactly" if _NO_TEXT.search(name) else ""


def unfit(name: str, form: Format, domains: frozenset[str] = frozenset()) -> str:
    """Why a format cannot hold a name exactly; "" when it can."""
    octets = encoded(name)
    if not name or octets is None:
        return "it is empty or no text"
    if any(unicodedata.category(char) == "Cc" for char in name):
        return "it has control characters"
    if len(octets) > MAX_OCTETS[form]:
        return f"it is longer than {MAX_OCTETS[form]} octets"
    if "*" in name or name[0] in "@.":
        return "it would match other accounts (it has a *, or starts with @ or .)"
    if name in domains:
        return "it is the name of a whole domain"
    if form == "dsearch" and "/" in name:
        return "it has a slash, which no file name can have; lsearch can hold it"
    return _unfit_word(name, form) if form in _ONE_WORD else ""


def _unfit_word(name: str, form: Format) -> str:
    """Postfix folds letters beyond ASCII (casefold: one key would match other names), Dovecot need not take them."""
    if not name.isascii():
        return "it has letters beyond ASCII, which the mail server may take for others"
    if " " in name or name.startswith("#") or any(char in name for char in _ONE_WORD[form]):
        return f"it has a space, starts with # or holds one of {' '.join(_ONE_WORD[form])}"
    return ""


def encoded(name: str) -> bytes | None:
    """The octets of a name as the mail server sees them; None for text that stands for no octets."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
