"""How large accounts are: encoded, in SQLite, and hot in memory, by kind of measure."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.msgpack import encode as packed

from bench.plain import SOURCE, Plain
from gatepost.detect import BUILT_IN
from gatepost.lab.people import LOCAL
from gatepost.ledger.measures import NETWORKS, PRINTS, key_of
from gatepost.ledger.packed import Rows, Times
from gatepost.ledger.page import Page, encode, plain
from gatepost.ledger.proofs import Filed, Proofs
from gatepost.ledger.rings import Rings
from gatepost.store.sqlite import Sqlite

KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("counts (rings)", ("rings",)),
    ("distinct values", ("seen",)),
    ("known values", ("known",)),
    ("days", ("diaries",)),
    ("familiar values", ("familiar",)),
    ("evidence and incident", ("standing", "filed")),
    ("the rest", ("subject", "applied", "dirty", "hostile", "spared", "spellings", "pardon")),
)
"""Kinds of measures and the fields of a page that hold them."""


_NAMES = tuple(key_of(measure) for kind in BUILT_IN for measure in (*kind().measures(), NETWORKS, PRINTS))
_SHARED = {id(SOURCE), *(id(name) for name in _NAMES)}


class Sizes(Struct, frozen=True):
    """Octets of pages."""

    accounts: int
    encoded: tuple[int, int, int]
    """Median, 95th percentile and largest encoded page."""
    in_sqlite: float
    """Octets of the database file for each account."""
    hot: tuple[int, int, int]
    """Median, 95th percentile and largest page as objects."""
    kinds: tuple[tuple[str, float, float], ...]
    """Kind, mean encoded octets, mean hot octets."""


def measure(lines: Sequence[str]) -> Sizes:
    """Replay lines plainly and measure the pages of all accounts at the end."""
    path = Plain(LOCAL)
    path.changes(lines)
    pages = list(path.pages.values())
    return Sizes(
        accounts=len(pages),
        encoded=_spread([len(encode(page)) for page in pages]),
        in_sqlite=_in_sqlite(pages),
        hot=_spread([deep(page) for page in pages]),
        kinds=tuple((name, *_kind(pages, fields)) for name, fields in KINDS),
    )


def _spread(sizes: Iterable[int]) -> tuple[int, int, int]:
    ranked = sorted(sizes)
    return int(median(ranked)), ranked[int(0.95 * (len(ranked) - 1))], ranked[-1]


def _in_sqlite(pages: Sequence[Page]) -> float:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        with Sqlite.open(path) as store, store.transaction():
            store.save((page.subject, encode(page)) for page in pages)
        return path.stat().st_size / len(pages)


def _kind(pages: Sequence[Page], fields: Sequence[str]) -> tuple[float, float]:
    values = [[getattr(page, field) for field in fields] for page in pages]
    coded = sum(len(packed(value, enc_hook=plain)) for part in values for value in part)
    hot = sum(deep(value) for part in values for value in part)
    return coded / len(pages), hot / len(pages)


def deep(value: object, seen: set[int] | None = None) -> int:
    """Octets of an object and everything only it holds; what is shared inside it counts once.

    The names of slots and of the source are one string in all pages, and the members of an enumeration are those of the
    program.
    """
    seen = set(_SHARED) if seen is None else seen
    if id(value) in seen or isinstance(value, (type, Enum, bool)) or value is None:
        return 0
    seen.add(id(value))
    return sys.getsizeof(value) + sum(deep(part, seen) for part in _parts(value))


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, Rings):
        return (value.numbers,)
    if isinstance(value, (Proofs, Filed)):
        return (value.octets,)
    if isinstance(value, (Rows, Times)):
        return value.names, value.numbers
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    if isinstance(value, Struct):
        return tuple(getattr(value, name) for name in value.__struct_fields__)
    return value if isinstance(value, (list, tuple, set, frozenset)) else ()
