"""The state file: opening it, and the words for what goes wrong."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatepost.core.errors import StoreError
from gatepost.core.units import Subject
from gatepost.store.file import said
from gatepost.store.schema import VERSION
from gatepost.store.sqlite import Sqlite


def test_a_new_state_is_closed_to_others(tmp_path: Path) -> None:
    """It holds addresses and the key of the hashes; SQLite's companions too."""
    path = tmp_path / "new" / "state.db"
    before = os.umask(0)
    try:
        with Sqlite.open(path) as store:
            store.put_meta("x", b"y")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o640}
    assert len(modes) == 3


@pytest.mark.parametrize(
    "content", [b"this is no database, it is a text" * 100, os.urandom(8192), b"SQLite format 3\0" + b"x" * 9000]
)
def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """Path, reason, remedy; not a byte is changed."""
    path = tmp_path / "state.db"
    path.write_bytes(content)
    for readonly in (False, True):
        with pytest.raises(StoreError, match=r"state\.db.*(is no state of gatepost|damaged)"):
            Sqlite.open(path, readonly=readonly)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    """Its tables are not touched and none of ours are added."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE users (name TEXT)")
    other.close()
    with pytest.raises(StoreError, match="somebody else's tables"):
        Sqlite.open(path)
    with pytest.raises(StoreError, match="no state of gatepost"):
        Sqlite.open(path, readonly=True)
    with sqlite3.connect(path) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["users"]


@pytest.mark.parametrize("version", [str(VERSION + 1), "x"])
def test_a_state_of_a_newer_gatepost_is_refused_before_anything_is_written(tmp_path: Path, version: str) -> None:
    """Its tables may mean something else."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as newer:
        newer.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
        newer.execute("INSERT INTO meta VALUES ('version', ?)", (version.encode(),))
    newer.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"newer gatepost .state version {version}.; install that version"):
        Sqlite.open(path)
    assert path.read_bytes() == before


def test_reading_before_the_first_start_says_what_to_do(tmp_path: Path) -> None:
    """And makes no file."""
    with pytest.raises(StoreError, match="there is no state yet; start gatepost watch first"):
        Sqlite.open(tmp_path / "state.db", readonly=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    """With the setting's name."""
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StoreError, match=r"check owner and mode .* \[state\] path"):
        Sqlite.open(tmp_path / "state.db")


NOBODY = """
import os, sys
from pathlib import Path
from gatepost.core.errors import StoreError
from gatepost.store.sqlite import Sqlite
os.setgid(65534)
os.setuid(65534)
try:
    Sqlite.open(Path(sys.argv[1]))
except StoreError as error:
    print(error)
"""


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    """By a user who is not root."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    tmp_path.chmod(0o755)
    found = subprocess.run(
        [sys.executable, "-c", NOBODY, str(tmp_path / "state.db")], capture_output=True, text=True, check=False
    )
    assert "check owner and mode" in found.stdout, found


def test_a_transaction_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """Also when transactions stand inside one another."""
    with Sqlite.open(tmp_path / "state.db") as store:
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.put_meta("a", b"1")
            with store.transaction():
                store.put_meta("b", b"2")
            raise ZeroDivisionError
        assert store.meta("a") is None and store.meta("b") is None
        with store.transaction(), store.transaction():
            store.put_meta("c", b"3")
        assert store.meta("c") == b"3"


FULL = """
import resource, sys
from pathlib import Path
from gatepost.core.errors import StoreError
from gatepost.store.sqlite import Sqlite
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Sqlite.open(Path(sys.argv[1]))
store.put_meta("before", b"x")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    with store.transaction():
        store.put_meta("half", b"x")
        for n in range(100):
            store.put_meta(f"big{n}", b"x" * 100_000)
except StoreError as error:
    print(error, error.retry)
print(store.meta("half"), store.meta("before"))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with store.transaction():
    store.put_meta("after", b"y")
print(store.meta("after"))
"""


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    """The process goes on, and writes again as soon as it can."""
    found = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "state.db")], capture_output=True, text=True, check=False
    )
    lines = found.stdout.splitlines()
    assert found.returncode == 0, found.stderr
    assert "goes on by itself" in lines[0] and str(tmp_path) in lines[0] and lines[0].endswith("True")
    assert lines[1:] == ["None b'x'", "b'y'"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite3.OperationalError("database or disk is full"), "free some space"),
        (sqlite3.OperationalError("disk I/O error"), "quota"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "owner and mode"),
        (sqlite3.OperationalError("database is locked"), "another process"),
        (sqlite3.DatabaseError("database disk image is malformed"), "bring back a copy"),
        (PermissionError(13, "Permission denied"), "owner and mode"),
        (sqlite3.OperationalError("something new"), "[state] path"),
    ],
)
def test_every_trouble_names_file_and_remedy(error: Exception, words: str) -> None:
    """No bare message of SQLite."""
    text = said(Path("/var/lib/gatepost/state.db"), error)
    assert text.startswith("/var/lib/gatepost/state.db: ") and words in text


def test_the_state_of_an_older_gatepost_is_read_as_it_is(tmp_path: Path) -> None:
    """Tables that it does not have are empty for whoever only reads, and nothing of the file is changed."""
    path = tmp_path / "state.db"
    with Sqlite.open(path) as store:
        tables = [name for (name,) in store.run("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in {*tables} - {"meta", "pages", "sqlite_sequence"}:
            store.run(f"DROP TABLE {name}")
        store.save([(Subject("account:ann@example.org"), b"page")])
    before = path.read_bytes()
    with Sqlite.open(path, readonly=True) as store:
        for name in ("dead", "sent", "reports", "letters"):
            assert store.run(f"SELECT * FROM {name}").fetchall() == []
        assert (store.find(), list(store.all_messages())) == ([], [])
        assert list(store.subjects()) == ["account:ann@example.org"]
    assert path.read_bytes() == before
    with Sqlite.open(path) as store:
        assert {*tables} <= {name for (name,) in store.run("SELECT name FROM main.sqlite_master")}
