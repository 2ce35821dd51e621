"""What an operator may set about the names of accounts, and the accounts that follow from it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from gatepost.config.mistakes import Found, shown
from gatepost.core.accounts import Accounts, settled
from gatepost.core.errors import ConfigError, SourceError
from gatepost.core.units import Seconds
from gatepost.source.aliases import file

LEAST = Seconds(60)
"""The shortest time between two looks."""


class AliasFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="file"):
    """A file with an alias and its account in each line."""

    path: str  #: the file
    refresh: Seconds = Seconds(900)  #: how often it is looked at, at least "1m"


class Naming(Struct, frozen=True, forbid_unknown_fields=True):
    """Which logins are one account."""

    default_domain: str = ""  #: domain added to a login without "@"
    detail_separator: str = ""  #: "+" makes ann+shop@example.org ann@example.org; "" = such a login is its own account
    aliases: AliasFile | None = None  #: where further names of accounts are listed; unset = nowhere


def check(block: Mapping[str, Any]) -> Iterator[Found]:
    """Every mistake in [accounts.aliases]; values of the wrong kind are passed over."""
    often = block.get("refresh")
    if isinstance(often, str) and not _long(often):
        message = f"{shown(often)} is too often for a look-up of all aliases"
        yield Found(("accounts", "aliases", "refresh"), message, f'write at least "{LEAST}"')


def _long(text: str) -> bool:
    try:
        return Seconds.parse(text) >= LEAST
    except ValueError:
        return True


AnyAliases = AliasFile
"""Every kind of look-up."""


def pairs_of(found: AnyAliases) -> list[tuple[str, str]]:
    """Every alias with its account, as it stands now; may take as long as the look-up's own time-outs.

    Raises:
        SourceError: it cannot be had.
    """
    return file.read(Path(found.path))


def accounts(naming: Naming) -> Accounts:
    """The accounts of a configuration.

    Raises:
        ConfigError: the file of aliases cannot be used.
    """
    return Accounts(naming.default_domain, naming.detail_separator, _listed(naming))


def _listed(naming: Naming) -> dict[str, str]:
    found = naming.aliases
    if found is None:
        return {}
    return _file(found.path, _stamp(found.path), naming.default_domain)


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
