"""Vaults of real servers: a recipe's tables in PostgreSQL or MariaDB, entries in OpenLDAP."""

from pathlib import Path

from tests.act.locking import ANN, BEN, HASHES
from tests.live.mariadb import MariaDB
from tests.live.postgresql import PostgreSQL
from tests.live.schemas import change, look, script
from tests.live.slapd import ADMIN, BASE, Slapd
from tests.live.stores import PASSWORD

from gatepost.act.lockedldap import FOR_EVER, LOCKED, LdapLock
from gatepost.act.lockedsql import RECIPES, SqlLock, statements
from gatepost.core.ports import Entry, Modification
from gatepost.store.database import Database
from gatepost.store.directory import Directory, server_of
from gatepost.store.place import place_of


def secret(folder: Path) -> str:
    """The file with the password of all of them."""
    (folder / "secret").write_text(PASSWORD + "\n")
    (folder / "secret").chmod(0o600)
    return str(folder / "secret")


class Tables:
    """A recipe's tables in a new database."""

    def __init__(self, server: PostgreSQL | MariaDB, recipe: str, folder: Path, seconds: float = 5) -> None:
        self.server, self.recipe = server, recipe
        kind = "postgresql" if isinstance(server, PostgreSQL) else "mariadb"
        self.place = place_of(server.create(recipe, script(recipe, kind)))
        self.database = Database(self.place, secret(folder), seconds)
        self.lock = SqlLock(self.database, statements(RECIPES[recipe], self.place.engine))

    def stored(self) -> dict[str, str]:
        """Everything, by login."""
        return {str(login): str(value) for login, value in self.server.ask(self.recipe, look(self.recipe))}

    def change(self, login: str, value: str) -> None:
        """The customer sets a new password."""
        self.server.ask(self.recipe, change(self.recipe, login, value))


class Entries:
    """Two entries of a directory. What a mark and the policy's lock do to a login stands in front of the password."""

    def __init__(self, slapd: Slapd, folder: Path, *, policy: bool) -> None:
        self.policy = policy
        self.directory = Directory(server_of(slapd.url), ADMIN, secret(folder))
        self.lock = LdapLock(self.directory, BASE, "(mail={login})", "description", policy=policy)
        for name in (ANN, BEN):
            self._set(name, {"userPassword": HASHES[name], "description": "", LOCKED: ""})

    def stored(self) -> dict[str, str]:
        """Everything, by login."""
        found = {}
        for name in (ANN, BEN):
            values = self.entry(name).values
            marks = "".join(reversed([value for value in values["description"] if value.startswith("{gatepost!")]))
            assert not self.policy or (FOR_EVER in values[LOCKED]) == bool(marks)
            found[name] = marks + values["userPassword"][0]
        return found

    def change(self, login: str, value: str) -> None:
        """The customer service sets a new password: with policies slapd unlocks, else the program takes the marks."""
        self._set(login, {"userPassword": value} | ({} if self.policy else {"description": ""}))
        if self.policy:
            self._set(login, {"description": ""})

    def entry(self, login: str) -> Entry:
        """What the directory holds."""
        with self.directory.session() as session:
            wanted = ["userPassword", "description", LOCKED]
            return session.search(BASE, f"(mail={login})", wanted, 1)[0]

    def _set(self, login: str, wanted: dict[str, str]) -> None:
        entry = self.entry(login)
        with self.directory.session() as session:
            for attribute, value in wanted.items():
                gone = [Modification("delete", attribute, old) for old in entry.values[attribute]]
                new = [Modification("add", attribute, value)] if value else []
                if gone + new:
                    assert session.modify(entry.dn, gone + new)


PEOPLE = "".join(
    f"""\
dn: cn={name},{BASE}
objectClass: inetOrgPerson
cn: {name}
sn: {name}
mail: {name}
userPassword: {HASHES[name]}

"""
    for name in (ANN, BEN)
)
