"""Vaults without a server: SQLite, Dovecot's passwd-file, a file for Exim."""

import sqlite3
from pathlib import Path
from typing import Any

from tests.act.locking import ANN, BEN, HASHES

from gatepost.act.lockedfile import FileLock, Form
from gatepost.act.lockedsql import Columns, SqlLock, Statements, statements
from gatepost.store.database import Database
from gatepost.store.place import place_of

COLUMNS = Columns("users", "login = :login", "pw")


class Lite:
    """Two rows of a SQLite database."""

    def __init__(self, folder: Path, said: Statements | None = None) -> None:
        self.path = folder / "users.db"
        self.run("CREATE TABLE users (login TEXT PRIMARY KEY, pw TEXT)")
        for login, value in HASHES.items():
            self.run("INSERT INTO users VALUES (?, ?)", login, value)
        self.database = Database(place_of(f"sqlite://{self.path}"))
        self.lock = SqlLock(self.database, said or statements(COLUMNS, "sqlite"))

    def run(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """What its owner does."""
        connection = sqlite3.connect(self.path, timeout=30)
        with connection:
            found = connection.execute(statement, values).fetchall()
        connection.close()
        return found

    def stored(self) -> dict[str, str]:
        """Everything, by login."""
        return {row[0]: row[1] for row in self.run("SELECT login, pw FROM users")}

    def change(self, login: str, value: str) -> None:
        """The customer sets a new password."""
        self.run("UPDATE users SET pw = ? WHERE login = ?", value, login)


TEXTS: dict[Form, str] = {
    "dovecot": f"# ours\n\n{ANN}:{{0}}:1000:1000::/home/ann::quota=1G\n{BEN}:{{1}}\n",
    "exim": f'# ours\n"{ANN}": {{0}}\n  :: more\n{BEN}:{{1}}',
}


class Lines:
    """Two lines of a file, among others."""

    def __init__(self, folder: Path, form: Form) -> None:
        self.path, self.form = folder / "users", form
        self.path.write_text(TEXTS[form].format(*HASHES.values()))
        self.path.chmod(0o640)
        self.lock = FileLock(self.path, form)

    def stored(self) -> dict[str, str]:
        """Both passwords, by login; the rest of the file is as it was."""
        head, tail = TEXTS[self.form].format("\0", "\0").split("\0")[0], ""
        text = self.path.read_text()
        parts = TEXTS[self.form].format("\0", "\0").split("\0")
        assert text.startswith(head)
        between = text.index(parts[1])
        ann = text[len(parts[0]) : between]
        ben = text[between + len(parts[1]) :]
        assert ben.endswith(parts[2] or tail)
        return {ANN: ann, BEN: ben.removesuffix(parts[2])}

    def change(self, login: str, value: str) -> None:
        """The customer sets a new password."""
        now = self.stored() | {login: value}
        self.path.write_text(TEXTS[self.form].format(now[ANN], now[BEN]))
