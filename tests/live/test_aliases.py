"""Aliases of accounts from real databases and a real directory."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.conftest import StartSlapd
from tests.live.mariadb import MariaDB
from tests.live.postgresql import PostgreSQL
from tests.live.slapd import ADMIN, BASE
from tests.live.stores import PASSWORD
from tests.runtime.scene import ANN, Fixed, Machine, configured

from gatepost.config import lookups
from gatepost.config.load import read
from gatepost.config.naming import Naming, pairs_of
from gatepost.core.errors import SourceError
from gatepost.runtime.aliases import Aliases
from gatepost.runtime.desk import Desk

pytestmark = pytest.mark.live

TABLE = "CREATE TABLE aliases (alias varchar(100), login varchar(100))"
ROWS = "INSERT INTO aliases VALUES ('anna@example.org', 'ann@example.org'), ('jörg%:x@example.org', 'ann'), (NULL, 'x')"
PAIRS = [("anna@example.org", "ann@example.org"), ("jörg%:x@example.org", "ann")]
BLOCK = """
[accounts.aliases]
kind = "sql"
database = "{url}"
password = "secret"
statement = "SELECT alias, login FROM aliases WHERE login LIKE 'a%' OR login = 'x' ORDER BY alias"
"""
LDAP = """
[accounts.aliases]
kind = "ldap"
server = "{url}"
bind = "{bind}"
password = "secret"
base = "{base}"
filter = "(&(objectClass=inetOrgPerson)(employeeNumber=*))"
account = "mail"
alias = "employeeNumber"
"""
PERSON = """\
dn: uid={uid},{base}
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
mail: {uid}@example.org
employeeNumber: {alias}

"""


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgreSQL | MariaDB]:
    """Each of the two, with a table of aliases."""
    found: PostgreSQL | MariaDB = request.getfixturevalue(request.param)
    found.create("aliases", f"{TABLE}; {ROWS};")
    yield found
    found.process.thaw()


@pytest.fixture(autouse=True)
def secret(tmp_path: Path) -> None:
    """The file with the password."""
    (tmp_path / "secret").write_text(PASSWORD + "\n")
    (tmp_path / "secret").chmod(0o600)


def naming(block: str, folder: Path) -> Naming:
    """The configuration."""
    return read(block, str(folder / "gatepost.toml"), folder).accounts


def asked(found: Naming) -> list[tuple[str, str]]:
    """What the server gives."""
    assert found.asked is not None
    return pairs_of(found.asked)


def test_a_database_gives_all_aliases(server: PostgreSQL | MariaDB, tmp_path: Path) -> None:
    """With letters of all kinds, a percent sign in the statement, and without rows that name nobody."""
    assert asked(naming(BLOCK.format(url=server.url("aliases")), tmp_path)) == PAIRS


def test_a_server_that_stands_still_holds_nobody_up(
    server: PostgreSQL | MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up fails in time, in a thread of its own; what was known stays, over a restart too, and is loud."""
    monkeypatch.setattr(lookups, "PATIENCE", 1.0)
    machine = Machine(configured(tmp_path, more=BLOCK.format(url=server.url("aliases"))), Fixed(), [])
    assert _looked(machine) == []
    server.process.freeze()
    began = time.monotonic()
    assert _looked(machine) == ["the aliases of accounts cannot be looked up"]
    assert time.monotonic() - began < 20
    assert machine.house.accounts.fold("Anna@example.org") == ANN
    machine.close()
    lookups_forgotten()
    machine = Machine(machine.settings, Fixed(), [])
    assert machine.house.accounts.fold("Anna@example.org") == ANN
    machine.close()
    server.process.thaw()


def lookups_forgotten() -> None:
    """As in a new process."""
    from gatepost.config import naming as names

    names._known.clear()


def _looked(machine: Machine) -> list[str]:
    desk = Desk(machine.house)
    asyncio.run(Aliases(machine.house, desk).refresh())
    return [subject for subject, _ in desk._letters]


def test_a_wrong_password_is_told_without_it(server: PostgreSQL | MariaDB, tmp_path: Path) -> None:
    """The message names the server, and no password."""
    (tmp_path / "secret").write_text("Tr0ub4dor\n")
    with pytest.raises(SourceError) as found:
        asked(naming(BLOCK.format(url=server.url("aliases")), tmp_path))
    assert "127.0.0.1" in str(found.value) and "Tr0ub4dor" not in str(found.value)


def test_a_directory_gives_all_aliases(slapds: StartSlapd, tmp_path: Path) -> None:
    """More entries than one answer holds (1,200), several aliases of one; those without an alias are none."""
    names = {"ann": "anna", **{f"u{number}": f"alias{number}" for number in range(1200)}}
    people = [PERSON.format(uid=uid, base=BASE, alias=f"{name}@example.org") for uid, name in names.items()]
    more = "\nemployeeType: asmith\nemployeeType: a.smith\n\n"
    slapd = slapds("".join([people[0].replace("\n\n", more), *people[1:]]))
    found = asked(naming(LDAP.format(url=slapd.url, bind=ADMIN, base=BASE), tmp_path))
    assert len(found) == 1201 and ("anna@example.org", "ann@example.org") in found
    several = LDAP.replace('alias = "employeeNumber"', 'alias = "employeeType"')
    found = asked(naming(several.format(url=slapd.url, bind=ADMIN, base=BASE), tmp_path))
    assert sorted(found) == [("a.smith", "ann@example.org"), ("asmith", "ann@example.org")]
