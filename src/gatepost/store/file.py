"""The state file itself: opening, transactions, and the words for what goes wrong.

What is in the file is `sqlite.py`'s business. Every error names the file and the remedy.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from gatepost.core.errors import StoreError
from gatepost.store.schema import TABLES, VERSION

Query = tuple[object, ...]

MODE = 0o640
"""Of a new state file: it holds addresses and the key of the hashes. SQLite gives its companions the same."""

PAGE = 2048
"""Octets that SQLite writes for each page of an account that changed: room for one or two of them, seldom more."""

WAITS = 10.0
"""Seconds a statement waits for another process's lock."""


_NEW = "CREATE TABLE IF NOT EXISTS "


class StateFile:
    """One SQLite file in WAL mode."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self.path = connection, path
        self._deep = 0

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False) -> Self:
        """Open the state, making it when it is not there.

        Raises:
            StoreError: it cannot be opened, is no state of ours, or belongs to a newer gatepost.
        """
        if readonly and not path.exists():
            msg = f"{path}: there is no state yet; start gatepost watch first, or correct [state] path"
            raise StoreError(msg)
        try:
            if not readonly:
                _make(path)
            uri = f"{path.resolve().as_uri()}?mode={'ro' if readonly else 'rw'}"
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAITS, check_same_thread=False)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(said(path, error)) from error
        store = cls(connection, path)
        try:
            store._prepare(readonly=readonly)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, *, readonly: bool) -> None:
        known = self.run("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is not None
        found = self.meta("version") if known else None
        if found is not None and (not found.isdigit() or int(found) > VERSION):
            written = found.decode(errors="replace")[:20]
            msg = f"{self.path}: written by a newer gatepost (state version {written}); install that version"
            raise StoreError(msg)
        if readonly and found is None:
            msg = f"{self.path}: is no state of gatepost; correct [state] path"
            raise StoreError(msg)
        if readonly:
            self._lend()
            return
        if not known and self.run("SELECT 1 FROM sqlite_master").fetchone() is not None:
            msg = f"{self.path}: holds somebody else's tables; name another file in [state] path"
            raise StoreError(msg)
        self.run(f"PRAGMA page_size = {PAGE}")  # of a new file; an old one keeps its own
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = FULL")
        with self.transaction():
            for statement in TABLES.split(";\n"):
                self.run(statement)
            self.put_meta("version", str(VERSION).encode())

    def _lend(self) -> None:
        """Empty tables, of this connection alone, for those that the state of an older gatepost does not have yet."""
        there = {name for (name,) in self.run("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for statement in TABLES.split(";\n"):
            words = statement.strip().removeprefix(_NEW)
            if words != statement.strip() and words.split()[0] not in there:
                self.run(f"CREATE TEMP TABLE {words}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes durable together, or not at all.

        Raises:
            StoreError: the disk is full or the file cannot be written; nothing of it was.
        """
        self._deep += 1
        try:
            if self._deep == 1:
                self.run("BEGIN IMMEDIATE")
            yield
            if self._deep == 1:
                self.run("COMMIT")
        except BaseException:
            if self._deep == 1 and self._db.in_transaction:
                self._db.rollback()
            raise
        finally:
            self._deep -= 1

    def run(self, sql: str, values: Query = ()) -> sqlite3.Cursor:
        """One statement.

        Raises:
            StoreError: it failed; the message names the file and the remedy.
        """
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(said(self.path, error), retry=True) from error

    def many(self, sql: str, rows: Iterable[Query]) -> None:
        """One statement for many rows.

        Raises:
            StoreError: as `run`.
        """
        try:
            self._db.executemany(sql, rows)
        except sqlite3.Error as error:
            raise StoreError(said(self.path, error), retry=True) from error

    def meta(self, key: str) -> bytes | None:
        """One value by name."""
        row = self.run("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def put_meta(self, key: str, value: bytes) -> None:
        """Set one value."""
        self.run("REPLACE INTO meta VALUES (?, ?)", (key, value))


def _make(path: Path) -> None:
    """An empty file that others cannot read, unless one is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))


_SAID = (
    (("full",), "the disk is full; free some space, gatepost goes on by itself"),
    (("disk i/o",), "the disk cannot be written ({}): is it full, or its quota used up? gatepost goes on by itself"),
    (("readonly", "read-only", "unable to open", "permission", "is a directory", "not a directory"),
     "cannot be opened ({}); check owner and mode of the file and its folder, or [state] path"),
    (("not a database", "malformed", "corrupt"), "is no state of gatepost, or is damaged ({}); move it away"
     " and start again, or bring back a copy"),
    (("locked",), "another process keeps it locked ({}); close what has it open, gatepost tries again"),
)  # fmt: skip


def said(path: Path, error: Exception) -> str:
    """What SQLite or the system refused, with place and remedy."""
    text = getattr(error, "strerror", None) or str(error)
    for marks, words in _SAID:
        if any(mark in text.lower() for mark in marks):
            return f"{path}: {words.format(text)}"
    return f"{path}: cannot be used ({text}); check the disk and [state] path"
