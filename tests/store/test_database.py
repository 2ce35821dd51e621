"""SQLite as somebody else's database, and what errors say."""

import sqlite3
import threading
from pathlib import Path

import pytest

from gatepost.core.errors import StoreError
from gatepost.store.database import Database
from gatepost.store.place import place_of

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with two accounts; its name must be quoted."""
    path = tmp_path / "mail ?#.db"
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE users (login TEXT PRIMARY KEY, pw TEXT NOT NULL CHECK (pw <> ''));")
        connection.executemany("INSERT INTO users VALUES (?, ?)", [("ann", "{X}1"), ("ben", "{X}2")])
    connection.close()
    return path


def database(file: Path, seconds: float = 5) -> Database:
    """It, as configured."""
    return Database(place_of(f"sqlite://{str(file).replace('?', '%3F').replace('#', '%23')}"), seconds=seconds)


def test_a_session_is_one_transaction(file: Path) -> None:
    """Leaving a session commits what was changed; an exception takes all of it back."""
    theirs = database(file)
    with theirs.session(write=True) as session:
        assert session.change("UPDATE users SET pw = :pw WHERE login = :login", {"pw": "{X}3", "login": "ann"}) == 1
    with pytest.raises(ZeroDivisionError), theirs.session(write=True) as session:
        session.change("UPDATE users SET pw = :pw", {"pw": "{X}4"})
        raise ZeroDivisionError
    with theirs.session() as session:
        assert session.rows("SELECT pw FROM users ORDER BY login", {}, 2) == [("{X}3",), ("{X}2",)]


def test_more_rows_than_wanted_are_an_error(file: Path) -> None:
    """A query that finds more than it may is not cut short in silence."""
    with database(file).session() as session, pytest.raises(StoreError, match="more than 1 rows"):
        session.rows("SELECT login FROM users", {}, 1)


def test_reading_cannot_write(file: Path) -> None:
    """A session that was opened for reading changes nothing."""
    with database(file).session() as session, pytest.raises(StoreError, match="readonly"):
        session.change("DELETE FROM users", {})


def test_trouble_names_the_database(tmp_path: Path, file: Path) -> None:
    """A missing file, a statement that is none and a broken condition name the database, and no value of it."""
    with pytest.raises(StoreError, match=r"none\.db"), database(tmp_path / "none.db").session():
        pass
    with database(file).session(write=True) as session:
        with pytest.raises(StoreError, match="syntax error"):
            session.rows("SELEKT", {}, 1)
        with pytest.raises(StoreError) as caught:
            session.change("UPDATE users SET pw = '' WHERE login = :login", {"login": "ann"})
    assert "{X}1" not in str(caught.value)


def test_a_statement_has_a_deadline(file: Path) -> None:
    """A statement that does not end is ended, and so is waiting for somebody else's lock."""
    with database(file, seconds=0.1).session() as session, pytest.raises(StoreError, match="interrupted"):
        session.rows(FOREVER, {}, 1)
    busy = sqlite3.connect(file, isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"), database(file, seconds=0.1).session(write=True):
        pass
    busy.close()


def test_sessions_leave_no_thread(file: Path) -> None:
    """Deadlines end with what they watched."""
    before = threading.active_count()
    with database(file).session() as session:
        session.rows("SELECT 1", {}, 1)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)
    assert threading.active_count() <= before
