"""Settings about locking passwords to the actions that lock."""

from functools import singledispatch
from pathlib import Path

from gatepost.act.command import Command
from gatepost.act.credentials import Credentials
from gatepost.act.lockedfile import FileLock
from gatepost.act.lockedldap import LdapLock
from gatepost.act.lockedsql import RECIPES, SqlLock, Statements, statements
from gatepost.config.locks import CommandSettings, LdapSettings, PasswdSettings, Settings, SqlSettings
from gatepost.core.ports import Action, Journal
from gatepost.store.database import Database
from gatepost.store.directory import Directory, server_of
from gatepost.store.place import place_of

_ENSURES = {"hold": "held", "block": "blocked"}


def locker(found: Settings, journal: Journal) -> Action:
    """The action that a block asks for; nothing is connected yet.

    Raises:
        ConfigError: it cannot be made.
    """
    return _made(found, journal, frozenset(_ENSURES[level] for level in found.on))


@singledispatch
def _made(found: Settings, journal: Journal, on: frozenset[str]) -> Action:
    raise TypeError(found)


@_made.register
def _sql(found: SqlSettings, journal: Journal, on: frozenset[str]) -> Action:
    place = place_of(found.database)
    own = Statements(found.count, found.locked, found.lock, found.unlock)
    said = statements(RECIPES[found.recipe], place.engine) if found.recipe else own
    return Credentials(
        "sql",
        SqlLock(Database(place, found.password), said, found.name),
        journal,
        on,
        releases=found.changed == "release",
    )


@_made.register
def _ldap(found: LdapSettings, journal: Journal, on: frozenset[str]) -> Action:
    directory = Directory(server_of(found.server), found.bind, found.password, found.ca)
    lock = LdapLock(directory, found.base, found.filter, found.mark, policy=found.policy, name=found.name)
    return Credentials("ldap", lock, journal, on, releases=found.changed == "release")


@_made.register
def _passwd(found: PasswdSettings, journal: Journal, on: frozenset[str]) -> Action:
    return Credentials(
        "passwd", FileLock(Path(found.path), found.format), journal, on, releases=found.changed == "release"
    )


@_made.register
def _command(found: CommandSettings, journal: Journal, on: frozenset[str]) -> Action:
    return Command(found.lock, found.unlock, on=on, argument=found.argument, seconds=found.within)
