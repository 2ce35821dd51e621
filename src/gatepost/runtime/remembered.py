"""The aliases that a server gave last, kept in the state: for the day it does not answer.

Owns which look-up they are of: another one's are never used.
"""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import structlog
from msgspec import DecodeError, json, msgpack

from gatepost.config.naming import Naming, accounts, know, known
from gatepost.config.settings import Settings
from gatepost.core.accounts import Accounts
from gatepost.core.errors import ConfigError, StoreError
from gatepost.store.sqlite import Sqlite
from gatepost.store.squeezed import squeeze, whole

META = "aliases"

log = structlog.get_logger("gatepost.aliases")


def named(naming: Naming, store: Sqlite) -> Accounts:
    """The accounts of a configuration; where a server has the aliases and cannot be asked, as it said last.

    Raises:
        ConfigError: the aliases cannot be had, and never were.
        StoreError: the state cannot be read.
    """
    try:
        return accounts(naming)
    except ConfigError as error:
        last = _last(naming, store) if naming.asked is not None else None
        if last is None:
            raise
        log.warning("the aliases of accounts are those known last", reason=str(error), number=len(last))
        know(naming, last)
    return accounts(naming)


def recall(settings: Settings) -> None:
    """Take what the running gatepost knows, so that a command need not ask; nothing when the state knows nothing."""
    naming, path = settings.accounts, Path(settings.state.path)
    if naming.asked is None or known(naming) is not None or not path.exists():
        return
    with suppress(StoreError), Sqlite.open(path, readonly=True) as store:
        last = _last(naming, store)
        if last is not None:
            know(naming, last)


def keep(naming: Naming, aliases: Mapping[str, str], store: Sqlite) -> None:
    """Write down what a server gave.

    Raises:
        StoreError: the state cannot be written.
    """
    store.put_meta(META, squeeze(msgpack.encode((_mark(naming), dict(aliases)))))


def _last(naming: Naming, store: Sqlite) -> dict[str, str] | None:
    data = store.meta(META)
    if data is None:
        return None
    try:
        mark, aliases = msgpack.decode(whole(data), type=tuple[bytes, dict[str, str]])
    except DecodeError:
        return None
    return aliases if mark == _mark(naming) else None


def _mark(naming: Naming) -> bytes:
    """Which look-up it is, however often it is made."""
    found = naming.asked
    said = [] if found is None else [(name, getattr(found, name)) for name in found.__struct_fields__]
    asked = [(name, text) for name, text in said if isinstance(text, str)]
    return blake2b(json.encode((type(found).__name__, asked, naming.default_domain)), digest_size=16).digest()
