"""Each fact of a mail server has one source: two owners of one (host, kind) are a mistake (contracts 9).

Owns what kind of facts a source tells. A log of logins alone may stand beside the mail server's own log; what is read
from a source whose dialect is not stated may be anything. A door that `owns` a mail server tells of its mail.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path, spoken

Block = Mapping[str, Any]

LOGINS = frozenset({"dovecot", "cyrus"})
"""Dialects whose logs tell who logged in, and nothing of the mail server's."""

REMEDY = (
    "keep one of them: each fact of a mail server is counted from one log; rejectlog repeats mainlog;"
    ' a log of logins alone may stay beside it when both say their dialect, such as dialect = "dovecot"'
)


DOOR_REMEDY = "keep one of them: remove owns where a log of this mail server is read, the log is the better record"


def check(sources: Sequence[tuple[int, Block]], doors: Sequence[tuple[int, Block]] = ()) -> Iterator[Found]:
    """Every source, and every door that owns, that tells what an earlier one tells already."""
    first: dict[tuple[str, str], Path] = {}
    names: set[str] = set()
    for number, block in sources:
        for place, host in hosts(number, block, names):
            taken = [first[host, kind] for kind in _kinds(block) if (host, kind) in first]
            if taken:
                message = f"the mail server {shown(host)} is that of {spoken(taken[0])} already"
                yield Found(place, message, REMEDY)
            for kind in _kinds(block):
                first.setdefault((host, kind), place)
        names.add(_text(block, "name"))
    for number, block in doors:
        host, place = _text(block, "owns"), ("door", number, "owns")
        if host and first.setdefault((host, "mail"), place) != place:
            message = f"the mail server {shown(host)} is that of {spoken(first[host, 'mail'])} already"
            yield Found(place, message, DOOR_REMEDY)
    yield from _piped(sources)


def _piped(sources: Sequence[tuple[int, Block]]) -> Iterator[Found]:
    """A process has one standard input."""
    first, *others = [number for number, block in sources if block.get("kind") == "stdin"] or [0]
    for number in others:
        message = f"standard input is that of {spoken(('source', first))} already"
        yield Found(("source", number, "kind"), message, "keep one of them, and name the other's log as a file")


def _kinds(block: Block) -> tuple[str, ...]:
    dialect = _text(block, "dialect") or "auto"
    if dialect in LOGINS:
        return ("logins",)
    return ("mail", "logins") if dialect == "auto" else ("mail",)


def hosts(number: int, block: Block, names: set[str]) -> Iterator[tuple[Path, str]]:
    """Which mail servers a source speaks for; a source whose name is taken has been reported for that."""
    name, host = _text(block, "name"), _text(block, "host")
    given = block.get("peers")
    peers = [peer for peer in given if isinstance(peer, Mapping)] if isinstance(given, list) else []
    for each in sorted({_text(peer, "host") or _text(peer, "name") for peer in peers} - {""}):
        yield ("source", number, "peers"), each
    if not peers and (name not in names or host) and (host or name):
        yield ("source", number, "host"), host or name


def _text(block: Block, name: str) -> str:
    value = block.get(name)
    return value if isinstance(value, str) else ""
