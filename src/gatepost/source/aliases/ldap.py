"""Aliases from a directory: every entry names an account, and as many aliases as it has."""

from collections.abc import Iterable, Iterator

from gatepost.core.accounts import MAX_ALIASES
from gatepost.core.errors import SourceError
from gatepost.core.ports import Directory, Entry
from gatepost.source.aliases.pairs import pairs


def read(directory: Directory, base: str, filter: str, account: str, alias: str) -> list[tuple[str, str]]:
    """Every alias with its account. Blocks: for a thread of its own.

    Args:
        directory: it is only read from.
        base: where the accounts are.
        filter: which entries have aliases (RFC 4515).
        account: the attribute with the login; an entry must have one value of it.
        alias: the attribute with the aliases.

    Raises:
        StoreError: the directory cannot be asked, or refused.
        SourceError: what it gave are no aliases; `retry`, for it can be mended.
    """
    with directory.session() as session:
        entries = session.search(base, filter, (account, alias), MAX_ALIASES)
    return pairs(_named(entries, account, alias, directory.place), directory.place)


def _named(entries: Iterable[Entry], account: str, alias: str, place: str) -> Iterator[tuple[object, object]]:
    for entry in entries:
        logins, names = entry.values.get(account, ()), entry.values.get(alias, ())
        if len(logins) > 1:
            msg = f"{place}: an entry has {len(logins)} values of {account}: name an attribute that has one"
            raise SourceError(msg, retry=True)
        for name in names if logins else ():
            yield name, logins[0]
