"""What the pages about locking tell operators to write works as it stands there."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.act.locking import ANN, BEN, HASHES, Keeper, marked, released_is_as_before
from tests.docs.pages import DOCS
from tests.live.mariadb import MariaDB
from tests.live.postgresql import PostgreSQL
from tests.live.slapd import BASE, start_slapd
from tests.live.stores import PASSWORD
from tests.live.vaults import PEOPLE, Entries, Tables

from gatepost.act.lockedldap import LdapLock
from gatepost.act.lockedsql import RECIPES, SqlLock, Statements, statements
from gatepost.store.database import Database
from gatepost.store.directory import Directory, server_of

pytestmark = pytest.mark.live

SQL = (DOCS / "actions/sql.md").read_text()


@pytest.fixture(params=["postgresql", "mariadb"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Tables:
    """PostfixAdmin's tables in each of the two."""
    return Tables(request.getfixturevalue(request.param), "postfixadmin", tmp_path)


def test_the_rights_on_the_page_are_enough(tables: Tables, tmp_path: Path) -> None:
    """A user with the rights that the page grants locks and unlocks, and can read no other column."""
    (grant,) = re.findall(r"^    (GRANT .*);$", SQL, re.M)
    postgresql = isinstance(tables.server, PostgreSQL)
    if postgresql:
        tables.server.ask("postfixadmin", "DROP ROLE IF EXISTS least")
        tables.server.ask("postfixadmin", f"CREATE ROLE least LOGIN PASSWORD '{PASSWORD}'")
    else:
        tables.server.ask("postfixadmin", f"CREATE OR REPLACE USER least@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
    tables.server.ask("postfixadmin", grant.replace("TO gatepost", "TO least" + ("" if postgresql else "@'127.0.0.1'")))
    database = Database(replace(tables.place, user="least"), str(tmp_path / "secret"))
    tables.lock = SqlLock(database, statements(RECIPES["postfixadmin"], tables.place.engine))
    released_is_as_before(tables)
    if postgresql:
        tables.server.ask("postfixadmin", "DROP OWNED BY least; DROP ROLE least")


def test_an_account_is_opened_by_hand(tables: Tables) -> None:
    """The statement on the page takes one mark away and nothing else."""
    (statement,) = re.findall(r"`(UPDATE mailbox SET password = substr.*?)`", SQL, re.S)
    statement = " ".join(statement.split())
    if isinstance(tables.server, MariaDB):
        statement = statement.replace("strpos(password, '}')", "locate('}', password)")
    keeper = Keeper(tables)
    keeper.stop(ANN)
    keeper.stop(BEN, number=2)
    tables.server.ask("postfixadmin", statement)
    assert tables.stored() == {ANN: HASHES[ANN], BEN: marked(2, BEN) + HASHES[BEN]}


def test_the_schema_of_ones_own_works(mariadb: MariaDB, tmp_path: Path) -> None:
    """The four statements on the page, with the column it adds, lock by a flag and unlock."""
    (_, text) = re.findall(r"^```toml\n(.*?)^```$", SQL, re.M | re.S)
    (block,) = tomllib.loads(text)["action"]
    (column,) = re.findall(r"`(ALTER TABLE people ADD .*?)`", SQL)
    tables = Tables(mariadb, "mailcow", tmp_path)
    mariadb.ask("mailcow", f"CREATE TABLE people (mail varchar(255), pw text); {column}")
    mariadb.ask("mailcow", f"INSERT INTO people (mail, pw) VALUES ('{ANN}', 'x'), ('{BEN}', 'y')")
    said = Statements(*(block[name] for name in ("count", "locked", "lock", "unlock")))
    tables.lock = SqlLock(tables.database, said)
    keeper = Keeper(tables)
    look = "SELECT mail, pw, gatepost FROM people ORDER BY mail"
    keeper.stop(ANN)
    assert mariadb.ask("mailcow", look) == [(ANN, "x", marked()), (BEN, "y", None)]
    keeper.release(ANN)
    assert mariadb.ask("mailcow", look) == [(ANN, "x", None), (BEN, "y", None)]


def test_the_rights_in_the_directory_are_enough(stores: Path, tmp_path: Path) -> None:
    """A service with the access that the page grants locks by the policy and unlocks, and cannot set a password."""
    page = (DOCS / "actions/ldap.md").read_text()
    (access,) = re.findall(r"^    (access to .*)$", page, re.M)
    service = f"cn=gatepost,ou=services,{BASE}"
    kinds = "objectClass: device\nobjectClass: simpleSecurityObject\n"
    entry = f"dn: {service}\n{kinds}cn: gatepost\nuserPassword: {PASSWORD}\n"
    unit = f"dn: ou=services,{BASE}\nobjectClass: organizationalUnit\nou: services\n\n"
    slapd = start_slapd(stores, PEOPLE + unit + entry, access)
    try:
        people = Entries(slapd, tmp_path, policy=True)
        theirs = Directory(server_of(slapd.url), service, str(tmp_path / "secret"))
        people.lock = LdapLock(theirs, BASE, "(mail={login})", "description", policy=True)
        released_is_as_before(people)
    finally:
        slapd.process.stop()


def test_the_small_program_on_the_page_locks_and_unlocks(tmp_path: Path) -> None:
    """It sets a flag for an account, and takes it away."""
    text = (DOCS / "actions/command.md").read_text()
    (script,) = re.findall(r"^    (#!/bin/sh\n(?:    .*\n)+)", text, re.M)
    flags = tmp_path / "locked"
    flags.mkdir()
    program = tmp_path / "lock-mailbox"
    program.write_text(re.sub(r"(?m)^    ", "", script).replace("/var/lib/gatepost/locked", str(flags)))
    program.chmod(0o755)
    for words, there in (((), 1), ((), 1), (("--undo",), 0), (("--undo",), 0)):
        done = subprocess.run(
            [str(program), *words, "--", ANN], env={"PATH": "/usr/bin:/bin", "GATEPOST_ACCOUNT": ANN}, check=True
        )
        assert done.returncode == 0 and len(list(flags.iterdir())) == there
