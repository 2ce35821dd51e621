"""Databases and directories of real servers."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.conftest import StartSlapd
from tests.live.mariadb import MariaDB
from tests.live.postgresql import PostgreSQL
from tests.live.slapd import ADMIN, BASE
from tests.live.stores import PASSWORD

from gatepost.core.errors import StoreError
from gatepost.core.ports import Modification
from gatepost.store.database import Database
from gatepost.store.directory import Directory, server_of
from gatepost.store.place import place_of
from gatepost.wire.filters import escaped

pytestmark = pytest.mark.live

TABLES = "CREATE TABLE users (login varchar(40) PRIMARY KEY, pw varchar(20) NOT NULL, CHECK (pw <> 'no'))"
ROWS = "INSERT INTO users VALUES ('ann', '{X}1'), ('ben', '{X}2')"


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """The file with the password."""
    (tmp_path / "secret").write_text(PASSWORD + "\n")
    (tmp_path / "secret").chmod(0o600)
    return str(tmp_path / "secret")


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgreSQL | MariaDB]:
    """Each of the two, with a table of accounts."""
    found: PostgreSQL | MariaDB = request.getfixturevalue(request.param)
    found.create("store", f"{TABLES}; {ROWS};")
    yield found
    found.process.thaw()


def theirs(server: PostgreSQL | MariaDB, secret: str, seconds: float = 5) -> Database:
    """Its database, as configured."""
    return Database(place_of(server.url("store")), secret, seconds)


def test_changes_are_counted_and_last(server: PostgreSQL | MariaDB, secret: str) -> None:
    """A change with parameters counts its rows and lasts; one that is left with an error is taken back."""
    values = {"mark": "!'\"%s:", "login": "ann"}
    with theirs(server, secret).session(write=True) as session:
        assert session.change("UPDATE users SET pw = concat(:mark, pw) WHERE login = :login", values) == 1
        assert session.change("UPDATE users SET pw = :mark WHERE login = :login", {"mark": "", "login": "x"}) == 0
    with pytest.raises(ZeroDivisionError), theirs(server, secret).session(write=True) as session:
        session.change("UPDATE users SET pw = :mark", {"mark": "{X}9"})
        raise ZeroDivisionError
    with theirs(server, secret).session() as session:
        found = session.rows("SELECT pw FROM users WHERE pw NOT LIKE '%9' ORDER BY login", {}, 2)
    assert found == [("!'\"%s:{X}1",), ("{X}2",)]


def test_what_is_refused_names_no_value(server: PostgreSQL | MariaDB, secret: str) -> None:
    """A change that the database refuses changes nothing, and the message holds neither value nor password."""
    said = []
    place = server.url("store").partition("@")[2]
    for statement in ("UPDATE users SET pw = 'no'", "UPDATE users SET pw = repeat(pw, 9)", "SELEKT"):
        with pytest.raises(StoreError, match=place) as caught, theirs(server, secret).session(write=True) as session:
            session.change(statement, {})
        said.append(str(caught.value))
    assert not [text for text in said if "{X}" in text or PASSWORD in text]
    assert server.ask("store", "SELECT pw FROM users ORDER BY login")[0][0] == "{X}1"


def test_reading_cannot_write(server: PostgreSQL | MariaDB, secret: str) -> None:
    """The server itself refuses a change in a session for reading."""
    with pytest.raises(StoreError, match=r"(?i)read.only"), theirs(server, secret).session() as session:
        session.change("DELETE FROM users", {})


def test_a_wrong_password_is_said(server: PostgreSQL | MariaDB, tmp_path: Path) -> None:
    """The server's refusal is passed on, without the password."""
    (tmp_path / "wrong").write_text("wrong horse")
    (tmp_path / "wrong").chmod(0o600)
    with pytest.raises(StoreError, match=r"(?i)password") as caught, theirs(server, str(tmp_path / "wrong")).session():
        pass
    assert "wrong horse" not in str(caught.value)


def test_a_session_that_cannot_begin_is_closed(postgresql: PostgreSQL, secret: str) -> None:
    """A deadline beyond what the server can count is an error, and its connection does not stay until it is found."""
    postgresql.create("store", f"{TABLES}; {ROWS};")
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(StoreError, match="statement_timeout") as caught, theirs(postgresql, secret, 1e10).session():
        pass
    assert caught.value.retry
    assert set(Path("/proc/self/fd").iterdir()) <= before


def test_a_slow_statement_is_ended(server: PostgreSQL | MariaDB, secret: str) -> None:
    """The server ends a statement that takes too long."""
    sleep = (
        "SELECT pg_sleep(30)" if isinstance(server, PostgreSQL) else "SELECT sleep(1) FROM users a, users b, users c"
    )
    before = time.monotonic()
    with pytest.raises(StoreError), theirs(server, secret, seconds=1).session() as session:
        session.rows(sleep, {}, 1)
    assert time.monotonic() - before < 5


def test_a_server_that_stands_still_is_left(server: PostgreSQL | MariaDB, secret: str) -> None:
    """When a server takes connections and says nothing, the deadline ends the waiting."""
    before = time.monotonic()
    with pytest.raises(StoreError), theirs(server, secret, seconds=1).session() as session:
        session.rows("SELECT 1", {}, 1)
        server.process.freeze()
        session.rows("SELECT 1", {}, 1)
    with pytest.raises(StoreError), theirs(server, secret, seconds=1).session():
        pass
    assert time.monotonic() - before < 15
    assert not [thread for thread in threading.enumerate() if not thread.daemon and isinstance(thread, threading.Timer)]


PERSON = f"""\
dn: cn=ann,{BASE}
objectClass: inetOrgPerson
cn: ann
sn: ann
mail: ann@example.org
userPassword: hunter2

"""


@pytest.fixture(scope="session")
def directory(slapds: StartSlapd, tmp_path_factory: pytest.TempPathFactory) -> Directory:
    """A directory with Ann and 600 others."""
    others = "".join(PERSON.replace("ann", f"u{number}") for number in range(600))
    secret = tmp_path_factory.mktemp("ldap") / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    return Directory(server_of(slapds(PERSON + others).url), ADMIN, str(secret))


def test_entries_are_found_by_pages(directory: Directory) -> None:
    """A search gives every entry, more than one answer holds, and not one more than wanted."""
    with directory.session() as session:
        (ann,) = session.search(BASE, f"(mail={escaped('ann@example.org')})", ["MAIL", "title"], 1)
        assert (ann.dn, ann.values) == (f"cn=ann,{BASE}", {"MAIL": ("ann@example.org",), "title": ()})
        assert len(session.search(BASE, "(mail=*)", ["mail"], 601)) == 601
        assert not session.search(BASE, f"(mail={escaped('*')})", ["mail"], 1)
        with pytest.raises(StoreError, match="more than 600"):
            session.search(BASE, "(mail=*)", ["mail"], 600)


def test_changes_hold_together(directory: Directory) -> None:
    """Either all changes of an entry are made or none, and the answer says which."""
    dn = f"cn=u1,{BASE}"
    add, take = (Modification(do, "description", "mark") for do in ("add", "delete"))
    with directory.session() as session:
        assert session.modify(dn, [add])
        assert not session.modify(dn, [Modification("add", "title", "x"), add])
        assert session.search(dn, "(objectClass=*)", ["title", "description"], 1)[0].values["title"] == ()
        assert session.modify(dn, [take])
        assert not session.modify(dn, [take])
        with pytest.raises(StoreError, match="noSuchObject"):
            session.modify(f"cn=nobody,{BASE}", [add])


def test_a_stranger_is_refused(directory: Directory, tmp_path: Path) -> None:
    """A wrong password is the directory's own words, without the password."""
    (tmp_path / "wrong").write_text("wrong horse")
    (tmp_path / "wrong").chmod(0o600)
    stranger = Directory(server_of(directory.place), ADMIN, str(tmp_path / "wrong"))
    with pytest.raises(StoreError, match="invalidCredentials") as caught, stranger.session():
        pass
    assert "wrong horse" not in str(caught.value)
