"""Passwords in a database: four statements that count, look, lock and unlock.

Owns what must be true of them: a login is one row, a change changes one row, and what was changed can be seen. All of
an order is one transaction, so that a statement which does anything else is taken back; for tables without transactions
(MyISAM) the login is counted before anything is changed.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gatepost.act.credentials import GONE
from gatepost.core.errors import ActionError
from gatepost.core.ports import Database
from gatepost.core.ports import Statements as Session


class Statements(Struct, frozen=True):
    """SQL with the parameters `:login` and `:mark`."""

    count: str
    """How many rows have this login; `:login` only."""
    locked: str
    """How many rows have this login and this mark."""
    lock: str
    """Sets the mark where this login does not have it."""
    unlock: str
    """Takes the mark away where this login has it."""


class Columns(Struct, frozen=True):
    """A schema in which a login and its password are columns of one table."""

    table: str
    login: str
    """The condition under which a row has the login."""
    password: str


RECIPES: Mapping[str, Columns] = {
    "postfixadmin": Columns("mailbox", "username = :login", "password"),
    "mailcow": Columns("mailbox", "username = :login", "password"),
    "iredmail": Columns("mailbox", "username = :login", "password"),
    "ispconfig": Columns("mail_user", "(login = :login OR email = :login)", "password"),
    "vexim": Columns("users", "username = :login", "crypt"),
}
"""Sources: the queries these programs give Dovecot or Exim, and their schemas: PostfixAdmin 3.3, mailcow 2025,
iRedMail 1.7, ISPConfig 3.2 (Dovecot takes login and address), Vexim 2.3."""


def statements(columns: Columns, engine: str) -> Statements:
    """What locks in such a schema; several incidents may hold the same row, each with a mark of its own.

    Args:
        columns: the schema.
        engine: "postgresql", "mysql" or "sqlite".
    """
    table, login, password = columns.table, columns.login, columns.password
    lite = engine == "sqlite"
    there = f"instr({password}, :mark)" if lite else f"position(:mark IN {password})"
    marked = f":mark || {password}" if lite else f"concat(:mark, {password})"
    return Statements(
        count=f"SELECT count(*) FROM {table} WHERE {login}",
        locked=f"SELECT count(*) FROM {table} WHERE {login} AND {there} > 0",
        lock=f"UPDATE {table} SET {password} = {marked} WHERE {login} AND {there} = 0",
        unlock=f"UPDATE {table} SET {password} = replace({password}, :mark, '') WHERE {login} AND {there} > 0",
    )


class SqlLock:
    """Passwords in a database."""

    def __init__(self, database: Database, said: Statements, name: str = "") -> None:
        """Say where, and how.

        Args:
            database: where.
            said: how.
            name: what the operator calls it; "" is the database's address.
        """
        self.place = name or database.place
        self._database, self._said = database, said

    def load(self) -> None:
        """Get ready for the first order."""
        self._database.load()

    def lock(self, names: Sequence[str], mark: str) -> str:
        """Set the mark on each row that one of the names is a login of."""
        with self._database.session(write=True) as session:
            there = self._there(session, names)
            done = [name for name in there if self._mark(session, name, mark)]
        return f"{', '.join(done)} locked in {self.place}" if done else f"locked in {self.place} already"

    def unlock(self, names: Sequence[str], mark: str) -> str:
        """Take the mark away."""
        done: list[str] = []
        with self._database.session(write=True) as session:
            for name in names:
                changed = session.change(self._said.unlock, {"login": name, "mark": mark})
                if changed > 1:
                    raise ActionError(self._wrong("unlock", name, changed))
                done += [name] * changed
                if self._marked(session, name, mark):
                    raise ActionError(f"{self.place}: {name!r} is still locked after unlock: correct the statement")
        return f"{', '.join(done)} unlocked in {self.place}" if done else f"{self.place}: {GONE}"

    def may(self, name: str, mark: str) -> bool:
        """Have the database plan both changes, which asks for the rights they need; nothing is changed.

        Sources: PostgreSQL's and MariaDB's manuals, EXPLAIN; tried with both.

        Returns:
            False: one of them is no UPDATE, and cannot be asked about.

        Raises:
            StoreError: it refuses one.
        """
        changes = self._said.lock, self._said.unlock
        if not all(said.split(None, 1)[0].upper() == "UPDATE" for said in changes):
            return False
        with self._database.session(write=True) as session:  # MariaDB plans no change in one that only reads
            for said in changes:
                session.rows(f"EXPLAIN {said}", {"login": name, "mark": mark}, 1000)
        return True

    def changed(self, locked: Sequence[tuple[Sequence[str], str]]) -> Sequence[bool]:
        """Whether a row with one of the names is there and none has the mark."""
        with self._database.session() as session:
            return [self._changed(session, names, mark) for names, mark in locked]

    def _changed(self, session: Session, names: Sequence[str], mark: str) -> bool:
        if any(self._marked(session, name, mark) for name in names):
            return False
        return any(_number(session, self._said.count, {"login": name}) for name in names)

    def _there(self, session: Session, names: Sequence[str]) -> list[str]:
        """The names that are a login; none may be that of two rows."""
        found = {name: _number(session, self._said.count, {"login": name}) for name in names}
        for name, number in found.items():
            if number > 1:
                msg = f"{self.place}: {number} rows have the login {name!r}, nothing was locked: one must; see count"
                raise ActionError(msg)
        there = [name for name, number in found.items() if number]
        if not there:
            msg = f"{self.place}: no row has the login {names[0]!r}: it is kept elsewhere, or the statements are wrong"
            raise ActionError(msg)
        return there

    def _mark(self, session: Session, name: str, mark: str) -> bool:
        """Mark one row; False when it is marked already."""
        if self._marked(session, name, mark):
            return False
        changed = session.change(self._said.lock, {"login": name, "mark": mark})
        if changed != 1:
            raise ActionError(self._wrong("lock", name, changed))
        if not self._marked(session, name, mark):
            msg = f"{self.place}: {name!r} is not locked though lock changed its row: correct lock, locked or a trigger"
            raise ActionError(msg)
        return True

    def _marked(self, session: Session, name: str, mark: str) -> bool:
        return _number(session, self._said.locked, {"login": name, "mark": mark}) > 0

    def _wrong(self, what: str, name: str, changed: int) -> str:
        return (
            f"{self.place}: {what} changed {changed} rows for {name!r} instead of one, all were taken back: correct it"
        )


def _number(session: Session, statement: str, values: Mapping[str, str]) -> int:
    (row,) = session.rows(statement, values, 1) or [(None,)]
    if not row or not isinstance(row[0], int):
        raise ActionError(f"{statement[:80]!r} gives no number: write SELECT count(*) …")
    return row[0]
