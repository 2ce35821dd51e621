"""What an operator may set about aliases that a database or a directory knows, and the look-ups themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from gatepost.config.mistakes import Found, shown
from gatepost.core.errors import ConfigError, SourceError, StoreError
from gatepost.core.units import Seconds
from gatepost.source.aliases import ldap, sql
from gatepost.store.database import Database
from gatepost.store.directory import Directory, server_of
from gatepost.store.place import place_of
from gatepost.store.statement import names

PATIENCE = 60.0
"""Seconds the whole list may take."""

Block = Mapping[str, Any]
Pairs = list[tuple[str, str]]


class AliasSql(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="sql"):
    """A query that gives each alias with its account."""

    database: str  #: "postgresql://gatepost@127.0.0.1/mail", "mysql://…", "sqlite:///path"; never a password
    password: str = ""  #: file with the password of the database, or "credential:NAME"; "" is none
    statement: str  #: a query with two columns, alias and account, for all of them: it has no parameters
    refresh: Seconds = Seconds(900)  #: how often it is asked, at least "1m"

    def look(self) -> Pairs:
        """Every alias with its account, as it stands now.

        Raises:
            SourceError: it cannot be had.
        """
        try:
            return sql.read(Database(place_of(self.database), self.password, PATIENCE), self.statement)
        except (ConfigError, StoreError) as error:
            raise SourceError(str(error), retry=True) from error


class AliasLdap(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="ldap"):
    """Entries of a directory that name an account and its aliases."""

    server: str  #: "ldaps://ldap.example.org", "ldap://127.0.0.1", "ldapi://%2Frun%2Fslapd%2Fldapi"
    bind: str = ""  #: name (DN) that gatepost has in the directory; "" is anonymous
    password: str = ""  #: file with its password, or "credential:NAME"; "" is none
    ca: str = ""  #: file with the certificates of authorities that are believed; "" = the system's
    base: str  #: entry below which the accounts are: "ou=people,dc=example,dc=org"
    filter: str  #: finds every entry with an alias: "(mailAlternateAddress=*)"
    account: str = "uid"  #: attribute with the login
    alias: str  #: attribute with the aliases, as many as there are: "mailAlternateAddress"
    refresh: Seconds = Seconds(900)  #: how often it is asked, at least "1m"

    def look(self) -> Pairs:
        """Every alias with its account, as it stands now.

        Raises:
            SourceError: it cannot be had.
        """
        try:
            directory = Directory(server_of(self.server), self.bind, self.password, self.ca)
            return ldap.read(directory, self.base, self.filter, self.account, self.alias)
        except (ConfigError, StoreError) as error:
            raise SourceError(str(error), retry=True) from error


AnyLookup = AliasSql | AliasLdap
"""What somebody else's server answers."""


def check(block: Block) -> Iterator[Found]:
    """Every mistake in meaning of such a block; values of the wrong kind are passed over."""
    kind = block.get("kind")
    key = ("accounts", "aliases")
    for setting, message, remedy in _sql(block) if kind == "sql" else _ldap(block) if kind == "ldap" else ():
        yield Found((*key, setting), message, remedy)


Wrong = tuple[str, str, str]
"""Setting, message and remedy."""


def _sql(block: Block) -> Iterator[Wrong]:
    database, statement = block.get("database"), block.get("statement")
    if not isinstance(database, str):
        return
    try:
        place = place_of(database)
    except ConfigError as error:
        yield "database", "it is no database that can be asked", str(error)
        return
    if place.engine == "sqlite" and block.get("password"):
        yield "password", "SQLite has no password", "remove it"
    if isinstance(statement, str):
        for name in sorted(names(statement, place.engine)):
            yield "statement", f"nobody gives :{name} a value", "ask for all aliases at once"
        if not statement.strip():
            yield "statement", "it is empty", 'write "SELECT alias, login FROM …"'


def _ldap(block: Block) -> Iterator[Wrong]:
    server, filter = block.get("server"), block.get("filter")
    if isinstance(server, str):
        try:
            server_of(server)
        except ConfigError as error:
            yield "server", f"{shown(server)} is no directory that can be asked", str(error)
    if isinstance(filter, str) and not (filter.startswith("(") and filter.endswith(")")):
        yield "filter", f"{shown(filter)} is no filter", 'write "(mailAlternateAddress=*)"'
    if isinstance(filter, str) and "{" in filter:
        yield "filter", f"{shown(filter)} asks for one account", "ask for all of them: nothing is put in"
    for name in ("account", "alias"):
        attribute = block.get(name)
        if isinstance(attribute, str) and not _attribute(attribute):
            yield name, f"{shown(attribute)} is no attribute", f'write {name} = "mail" or another one\'s name'
    if block.get("password") and not block.get("bind"):
        yield "password", "nobody logs in with it", 'add bind = "cn=gatepost,dc=example,dc=org"'


def _attribute(text: str) -> bool:
    """A name that is no password's (RFC 4512 section 2.5)."""
    return text.isascii() and text.replace("-", "").isalnum() and not text.lower().startswith(("userpassword", "*"))
