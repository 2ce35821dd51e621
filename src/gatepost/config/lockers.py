"""Settings about locking passwords to what locks."""

from functools import singledispatch
from pathlib import Path

from gatepost.act.command import Command
from gatepost.act.credentials import Credentials, Lock
from gatepost.act.lockedfile import FileLock
from gatepost.act.lockedldap import LdapLock
from gatepost.act.lockedsql import RECIPES, SqlLock, Statements, statements
from gatepost.config.locks import CommandSettings, LdapSettings, PasswdSettings, Settings, SqlSettings
from gatepost.core.incident import ENSURES
from gatepost.core.ports import Action, Journal
from gatepost.store.database import Database
from gatepost.store.directory import Directory, server_of
from gatepost.store.place import place_of


def locker(found: Settings, journal: Journal) -> Action:
    """The action that a block asks for; nothing is connected yet.

    Raises:
        ConfigError: it cannot be made.
    """
    on = frozenset(ENSURES[level] for level in found.on)
    if isinstance(found, CommandSettings):
        return Command(found.lock, found.unlock, on=on, argument=found.argument, seconds=found.within)
    kind, releases = str(found.__struct_config__.tag), found.changed == "release"
    return Credentials(kind, lock_of(found), journal, on, releases=releases)


@singledispatch
def lock_of(found: SqlSettings | LdapSettings | PasswdSettings) -> Lock:
    """Where a block keeps passwords; nothing is connected yet.

    Raises:
        ConfigError: its address is wrong.
    """
    raise TypeError(found)


@lock_of.register
def _sql(found: SqlSettings) -> Lock:
    place = place_of(found.database)
    own = Statements(found.count, found.locked, found.lock, found.unlock)
    said = statements(RECIPES[found.recipe], place.engine) if found.recipe else own
    return SqlLock(Database(place, found.password), said, found.name)


@lock_of.register
def _ldap(found: LdapSettings) -> Lock:
    directory = Directory(server_of(found.server), found.bind, found.password, found.ca)
    return LdapLock(directory, found.base, found.filter, found.mark, policy=found.policy, name=found.name)


@lock_of.register
def _passwd(found: PasswdSettings) -> Lock:
    return FileLock(Path(found.path), found.format)
