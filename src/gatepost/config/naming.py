"""What an operator may set about the names of accounts, and the accounts that follow from it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from gatepost.config import lookups
from gatepost.config.lookups import AliasLdap, AliasSql, AnyLookup
from gatepost.config.mistakes import Found, shown
from gatepost.core.accounts import Accounts, settled
from gatepost.core.errors import ConfigError, SourceError
from gatepost.core.units import Seconds
from gatepost.source.aliases import file

LEAST = Seconds(60)
"""The shortest time between two looks."""

KEPT = 2
"""Look-ups whose answers this process remembers: the configuration's, and that of the one before it."""


class AliasFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="file"):
    """A file with an alias and its account in each line."""

    path: str  #: the file
    refresh: Seconds = Seconds(900)  #: how often it is looked at, at least "1m"


class Naming(Struct, frozen=True, forbid_unknown_fields=True):
    """Which logins are one account."""

    default_domain: str = ""  #: domain added to a login without "@"
    detail_separator: str = ""  #: "+" makes ann+shop@example.org ann@example.org; "" = such a login is its own account
    aliases: AliasFile | AliasSql | AliasLdap | None = None  #: who knows further names of accounts; unset = nobody

    @property
    def asked(self) -> AnyLookup | None:
        """The look-up at somebody else's server; None when the aliases are a file's, or there are none."""
        return None if self.aliases is None or isinstance(self.aliases, AliasFile) else self.aliases


def check(block: Mapping[str, Any]) -> Iterator[Found]:
    """Every mistake in [accounts.aliases]; values of the wrong kind are passed over."""
    often = block.get("refresh")
    if isinstance(often, str) and not _long(often):
        message = f"{shown(often)} is too often for a look-up of all aliases"
        yield Found(("accounts", "aliases", "refresh"), message, f'write at least "{LEAST}"')
    yield from lookups.check(block)


def _long(text: str) -> bool:
    try:
        return Seconds.parse(text) >= LEAST
    except ValueError:
        return True


AnyAliases = AliasFile | AnyLookup
"""Every kind of look-up."""


def pairs_of(found: AnyAliases) -> list[tuple[str, str]]:
    """Every alias with its account, as it stands now; may take as long as the look-up's own time-outs.

    Raises:
        SourceError: it cannot be had.
    """
    return file.read(Path(found.path)) if isinstance(found, AliasFile) else found.look()


def accounts(naming: Naming) -> Accounts:
    """The accounts of a configuration. A server is asked once in the life of a process, a file when it was changed.

    Raises:
        ConfigError: the aliases cannot be had, or used.
    """
    return Accounts(naming.default_domain, naming.detail_separator, _listed(naming))


_known: dict[tuple[AnyLookup, str], Mapping[str, str]] = {}
"""What servers answered, by look-up and default domain."""


def know(naming: Naming, aliases: Mapping[str, str]) -> None:
    """From now on these are the aliases of this look-up; of a file nothing is remembered."""
    if naming.asked is None:
        return
    key = (naming.asked, naming.default_domain)
    _known.pop(key, None)
    while len(_known) >= KEPT:
        del _known[next(iter(_known))]
    _known[key] = aliases


def known(naming: Naming) -> Mapping[str, str] | None:
    """The aliases of a look-up as far as this process knows them; None when it never asked."""
    return _known.get((naming.asked, naming.default_domain)) if naming.asked is not None else None


def _listed(naming: Naming) -> Mapping[str, str]:
    found = naming.aliases
    if found is None:
        return {}
    if isinstance(found, AliasFile):
        return _file(found.path, _stamp(found.path), naming.default_domain)
    if (there := known(naming)) is not None:
        return there
    try:
        know(naming, settled(found.look(), naming.default_domain).aliases)
    except SourceError as error:
        raise ConfigError(str(error), "accounts.aliases") from error
    return known(naming) or {}


def _stamp(path: str) -> tuple[float, int]:
    """What changes when a file is written; nothing for one that cannot be seen."""
    try:
        seen = Path(path).stat()
    except OSError:
        return 0.0, 0
    return seen.st_mtime, seen.st_size


@lru_cache(maxsize=2)
def _file(path: str, stamp: tuple[float, int], default_domain: str) -> dict[str, str]:
    try:
        return settled(file.read(Path(path)), default_domain).aliases
    except SourceError as error:
        raise ConfigError(str(error), "accounts.aliases") from error
