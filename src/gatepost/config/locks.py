"""What an operator may set about locking passwords, and what these settings mean together."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from gatepost.config.mistakes import Found, one_of, shown
from gatepost.core.errors import ConfigError
from gatepost.core.units import Seconds
from gatepost.store.directory import server_of
from gatepost.store.place import place_of
from gatepost.store.statement import names

Stop = Literal["hold", "block"]
Changed = Literal["tell", "release"]
Recipe = Literal["", "postfixadmin", "mailcow", "iredmail", "ispconfig", "vexim"]


class SqlSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="sql"):
    """Passwords in a database, locked where they are."""

    database: str  #: "postgresql://gatepost@127.0.0.1/mail", "mysql://…", "sqlite:///path"; never a password
    password: str = ""  #: file with the password of the database, or "credential:NAME"; "" is none
    recipe: Recipe = ""  #: whose schema it is; "" = the four statements say it
    count: str = ""  #: statement that counts the rows with a login, :login
    locked: str = ""  #: statement that counts the rows with this login that have the mark, :mark
    lock: str = ""  #: statement that puts the mark in front of the password of :login, or beside it
    unlock: str = ""  #: statement that takes the mark away, where it is
    changed: Changed = "tell"  #: a locked password that was set anew: tell the abuse desk, or release the account
    name: str = ""  #: name of the action in messages; "" = the database's address
    on: tuple[Stop, ...] = ("block",)  #: levels that lock: hold, block


class LdapSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="ldap"):
    """Passwords in a directory, locked by a mark beside them."""

    server: str  #: "ldaps://ldap.example.org", "ldap://127.0.0.1", "ldapi://%2Frun%2Fslapd%2Fldapi"
    bind: str  #: name (DN) that gatepost has in the directory
    password: str  #: file with its password, or "credential:NAME"
    ca: str = ""  #: file with the certificates of authorities that are believed; "" = the system's
    base: str  #: entry below which the accounts are: "ou=people,dc=example,dc=org"
    filter: str = "(mail={login})"  #: finds an account; {login} is its login
    mark: str = "description"  #: attribute that holds the mark; it must take several values
    policy: bool = False  #: true locks by the password policy, too (pwdAccountLockedTime)
    changed: Changed = "tell"  #: a locked password that was set anew: tell the abuse desk, or release the account
    name: str = ""  #: name of the action in messages; "" = the directory's address
    on: tuple[Stop, ...] = ("block",)  #: levels that lock: hold, block


class PasswdSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="passwd"):
    """Passwords in a file with a line a login, locked where they are."""

    path: str  #: the file; gatepost must own it, or be root, and may write in its folder
    format: Literal["dovecot", "exim"] = "dovecot"  #: dovecot: a passwd-file; exim: looked up with lsearch
    changed: Changed = "tell"  #: a locked password that was set anew: tell the abuse desk, or release the account
    on: tuple[Stop, ...] = ("block",)  #: levels that lock: hold, block


class CommandSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="command"):
    """Programs of yours that lock and unlock an account."""

    lock: tuple[str, ...]  #: program and arguments, without a shell; run again when gatepost died meanwhile
    unlock: tuple[str, ...]  #: program and arguments that take it back
    argument: bool = True  #: "--" and the account follow the arguments; GATEPOST_ACCOUNT has it always
    within: Seconds = Seconds(30)  #: time a program may take, at most "50s"; then it is ended, and tried again
    on: tuple[Stop, ...] = ("block",)  #: levels that lock: hold, block


Settings = SqlSettings | LdapSettings | PasswdSettings | CommandSettings
Block = Mapping[str, Any]

PARAMETERS: Mapping[str, frozenset[str]] = {
    "count": frozenset({"login"}),
    "locked": frozenset({"login", "mark"}),
    "lock": frozenset({"login", "mark"}),
    "unlock": frozenset({"login", "mark"}),
}
"""What each statement must ask for, and nothing else."""

LONGEST = 50.0
"""Seconds: an order is given up after 60."""


def check(actions: Iterable[tuple[int, Block]]) -> Iterator[Found]:
    """Every mistake in these actions; values of the wrong kind are passed over."""
    first: dict[tuple[str, str], int] = {}
    for number, block in actions:
        kind = str(block.get("kind"))
        if kind in _CHECKS:
            place = str(block.get("name") or block.get(_PLACES[kind]))
            if first.setdefault((kind, place), number) != number:
                message = f"action[{first[kind, place]}] has the same place"
                yield Found(("action", number), message, _REMEDIES[kind])
            for setting, message, remedy in _CHECKS[kind](block):
                yield Found(("action", number, setting) if setting else ("action", number), message, remedy)


Wrong = tuple[str, str, str]
"""Setting, message and remedy."""


def _sql(block: Block) -> Iterator[Wrong]:
    given = [name for name in PARAMETERS if block.get(name)]
    if block.get("recipe"):
        for name in given:
            yield name, "the recipe has this statement", "leave out either the recipe or the four statements"
    elif len(given) < len(PARAMETERS):
        missing = ", ".join(name for name in PARAMETERS if name not in given)
        yield "", f"{missing} are missing", 'write recipe = "…", or all four statements'
    try:
        place = place_of(str(block.get("database", "")))
    except ConfigError as error:
        yield "database", str(error).partition(": ")[0], str(error).partition(": ")[2] or "correct it"
        return
    for name in given:
        found = names(str(block[name]), place.engine)
        for asked in sorted(PARAMETERS[name] - found):
            yield name, f"it does not ask for :{asked}", "each statement must be about one login, and its mark"
        for asked in sorted(found - PARAMETERS[name]):
            yield name, f"there is no :{asked} here", one_of(asked, sorted(PARAMETERS[name]))
    if place.engine == "sqlite" and block.get("password"):
        yield "password", "SQLite has no password", "remove it"


def _ldap(block: Block) -> Iterator[Wrong]:
    try:
        server_of(str(block.get("server", "")))
    except ConfigError as error:
        yield "server", shown(str(block.get("server", ""))) + " is no address", str(error)
    said = block.get("filter", "(mail={login})")
    if not isinstance(said, str) or "{login}" not in said or not (said.startswith("(") and said.endswith(")")):
        yield "filter", f"{shown(str(said))} finds no login", 'write "(mail={login})"'
    mark = str(block.get("mark", "description"))
    if not mark.replace("-", "").isalnum() or not mark.isascii() or mark.lower().startswith(("userpassword", "pwd")):
        yield "mark", f"{shown(mark)} cannot hold a mark", 'name an attribute such as "description"'


def _passwd(block: Block) -> Iterator[Wrong]:
    return iter(())


def _command(block: Block) -> Iterator[Wrong]:
    for name in ("lock", "unlock"):
        words = block.get(name)
        if isinstance(words, list) and not (words and str(words[0]).startswith("/")):
            yield name, "it names no program", f'write its whole path: {name} = ["/usr/local/sbin/{name}-mailbox"]'
        elif isinstance(words, list) and any("\0" in str(word) for word in words):
            yield name, "an argument holds a NUL", "remove it"
    try:
        if not 1 <= Seconds.parse(str(block.get("within", "30s"))) <= LONGEST:
            yield "within", f"{block['within']} is out of range", f'write "1s" to "{LONGEST:.0f}s"'
    except ValueError:
        return


_CHECKS = {"sql": _sql, "ldap": _ldap, "passwd": _passwd, "command": _command}
_PLACES = {"sql": "database", "ldap": "server", "passwd": "path", "command": "lock"}
_REMEDIES = {
    "sql": "give each a name",
    "ldap": "give each a name",
    "passwd": "name each file once",
    "command": "make one of them",
}
