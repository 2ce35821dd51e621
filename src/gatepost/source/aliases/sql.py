"""Aliases from a database: one query, two columns, every row an alias and the account it is."""

from collections.abc import Iterable, Iterator

from gatepost.core.accounts import MAX_ALIASES
from gatepost.core.errors import SourceError
from gatepost.core.ports import Database
from gatepost.source.aliases.pairs import pairs


def read(database: Database, statement: str) -> list[tuple[str, str]]:
    """Every alias with its account. Blocks: for a thread of its own.

    Args:
        database: it is only read from.
        statement: without parameters.

    Raises:
        StoreError: the database cannot be asked, or refused.
        SourceError: what it gave are no aliases; `retry`, for it can be mended.
    """
    with database.session() as session:
        rows = session.rows(statement, {}, MAX_ALIASES)
    return pairs(_two(rows, database.place), database.place)


def _two(rows: Iterable[tuple[object, ...]], place: str) -> Iterator[tuple[object, object]]:
    for row in rows:
        if len(row) != 2:
            msg = f"{place}: the query for aliases gives {len(row)} columns; it must give two, alias and account"
            raise SourceError(msg, retry=True)
        yield row[0], row[1]
