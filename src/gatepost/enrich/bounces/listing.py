"""On which blocklist, and under which address to ask: taken from a refusal that is about one.

Owns what a refusal's text says about a list. All of it is the receiver's word: a name is one of ours (lists.toml) or a
host of at most 253 characters, a link is kept as it stands, bounded, and nobody fetches it. Whoever shows one takes its
teeth out (`act/foreign.py`).
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from msgspec import Struct, convert

from gatepost.core.facts import BounceClass
from gatepost.enrich.bounces.words import MOST

LONGEST_LINK = 200
"""Characters of a link; a longer one is cut."""

_ABOUT = frozenset({BounceClass.REPUTATION_BLOCKLIST, BounceClass.SPAM_CONTENT})
"""Causes whose texts can name a list: of senders, or of links in messages."""
_LINK = re.compile(rf"https?://(?>[!-\[\]-~]{{1,{LONGEST_LINK}}})", re.IGNORECASE)
"""Up to a blank, or the backslash of a line end in a log."""
_BEHIND = ".,;:!?)]}>'\""
"""Marks of the sentence around a link."""
_HOST = re.compile(r"(?<![\w.@-])(?>[a-z0-9_](?>[a-z0-9_-]{0,62})(?:\.[a-z0-9](?>[a-z0-9-]{0,62}))+)", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:block(?:ed|list(?:ed)?)|black ?list(?:ed)?|deny ?list(?:ed)?|listed|found|rejected|listing)"
    r" (?:(?:at|in|on|by|using|via|from|with) )?(?:the )?(?:(?:rbl|dnsbl|zone|list|blocklist|blacklist):? )?"
    r"[\"'(\[<]?((?>[a-z0-9_-]{1,63})(?:\.(?>[a-z0-9-]{1,63}))+)",
    re.IGNORECASE,
)
"""A list by its zone, in the words that Postfix, Exim, Sendmail and rspamd have for it; never an IP address."""
_WORD = re.compile(r"(?<![\w.@-])(?>[a-z0-9]+)(?![\w@-]|\.\w)")
"""A word by itself, not part of an address or host."""


class Listing(Struct, frozen=True):
    """Where a sender is said to be listed."""

    name: str
    """The list: its own name when known to us, else the zone that the reply names; "" when only a link is given."""
    link: str
    """What the reply says to visit, raw; "" if nothing."""


class Known(Struct, frozen=True, forbid_unknown_fields=True):
    """One list of lists.toml."""

    name: str
    hosts: tuple[str, ...]
    says: tuple[str, ...]


def listing(text: str, cause: BounceClass) -> Listing | None:
    """The list a refusal names, or None.

    Args:
        text: the reply; hostile, any length.
        cause: what it was understood as; a list counts in refusals of senders and of content only.
    """
    if cause not in _ABOUT:
        return None
    seen = text[:MOST]
    link = _link(seen)
    name = _by_host(seen) or _named(seen) or _by_word(seen)
    if not name and (cause is not BounceClass.REPUTATION_BLOCKLIST or not link):
        return None
    return Listing(name, link)


def _link(text: str) -> str:
    found = _LINK.search(text)
    return found[0][:LONGEST_LINK].rstrip(_BEHIND) if found else ""


def _by_host(text: str) -> str:
    """A list one of whose hosts is named."""
    hosts, _ = _table()
    for found in _HOST.finditer(text):
        labels = found[0].lower().split(".")[-3:]
        for start in range(len(labels) - 1):
            known = hosts.get(".".join(labels[start:]))
            if known is not None:
                return known
    return ""


def _named(text: str) -> str:
    """A zone that no table knows, in words that only a list stands behind."""
    found = _NAMED.search(text)
    zone = found[1].lower() if found else ""
    return zone if len(zone) <= 253 and not zone.rpartition(".")[2].isdigit() else ""


def _by_word(text: str) -> str:
    """A list called by its name."""
    _, words = _table()
    return next((words[word] for word in _WORD.findall(text.lower()) if word in words), "")


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Host to name, and word to name."""
    lists = tuple(_lists())
    hosts = {host: one.name for one in lists for host in one.hosts}
    return hosts, {word: one.name for one in lists for word in one.says}


def _lists() -> Iterator[Known]:
    text = files("gatepost.enrich.bounces").joinpath("lists.toml").read_text("utf-8")
    yield from convert(tomllib.loads(text)["list"], tuple[Known, ...])
