"""A whole gatepost that locks passwords in every place at once: theft, kill -9, a backend that is dead, release."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.act.locking import ANN, HASHES, Vault
from tests.act.vaults import Lines
from tests.live.conftest import StartSlapd
from tests.live.mariadb import MariaDB
from tests.live.ports import free_port, until
from tests.live.postgresql import PostgreSQL
from tests.live.slapd import ADMIN, BASE, Slapd
from tests.live.vaults import PEOPLE, Entries, Tables, secret
from tests.runtime.process import Process, now
from tests.runtime.scene import configured, theft

from gatepost.store.sqlite import Sqlite

pytestmark = pytest.mark.live

ACTIONS = """
[[action]]
kind = "sql"
name = "dead"
database = "mysql://gatepost@127.0.0.1:{dead}/mail"
recipe = "mailcow"

[[action]]
kind = "sql"
name = "postgresql"
database = "{postgresql}"
password = "{secret}"
recipe = "postfixadmin"

[[action]]
kind = "sql"
name = "mariadb"
database = "{mariadb}"
password = "{secret}"
recipe = "mailcow"

[[action]]
kind = "ldap"
server = "{ldap}"
bind = "{bind}"
password = "{secret}"
base = "{base}"
policy = true

[[action]]
kind = "passwd"
path = "users"

[[action]]
kind = "command"
lock = ["/usr/bin/touch"]
unlock = ["/bin/rm", "-f"]
on = ["hold"]
"""


@pytest.fixture(scope="module")
def slapd(slapds: StartSlapd) -> Slapd:
    """A directory with two people."""
    return slapds(PEOPLE)


class House:
    """A gatepost, and every place where it locks passwords."""

    def __init__(self, folder: Path, postgresql: PostgreSQL, mariadb: MariaDB, slapd: Slapd) -> None:
        self.vaults: dict[str, Vault] = {
            "sql:postgresql": Tables(postgresql, "postfixadmin", folder),
            "sql:mariadb": Tables(mariadb, "mailcow", folder),
            f"ldap:{slapd.url}": Entries(slapd, folder, policy=True),
            f"passwd:{folder}/users": Lines(folder, "dovecot"),
        }
        places = {"postgresql": postgresql.url("postfixadmin"), "mariadb": mariadb.url("mailcow"), "ldap": slapd.url}
        configured(
            folder, more=ACTIONS.format(dead=free_port(), secret=secret(folder), bind=ADMIN, base=BASE, **places)
        )
        self.process = Process(folder)
        self.process.learn()
        self.process.start()

    @property
    def locked(self) -> list[str]:
        """Where Ann's password does not open her account."""
        return [name for name, vault in self.vaults.items() if vault.stored()[ANN] != HASHES[ANN]]

    def rows(self, state: str, seconds: str) -> dict[str, float]:
        """A moment or a span of the block's rows in a state, by action."""
        sql = f"SELECT action, {seconds} FROM journal WHERE key LIKE '%/blocked/%' AND state = ?"
        with Sqlite.open(self.process.folder / "state.db", readonly=True) as store:
            return {str(action): float(found) for action, found in store.run(sql, (state,))}


@pytest.fixture
def house(postgresql: PostgreSQL, mariadb: MariaDB, slapd: Slapd, open_folder: Path) -> Iterator[House]:
    """It has caught up."""
    folder = open_folder / f"locks-{time.monotonic_ns()}"
    folder.mkdir()
    made = House(folder, postgresql, mariadb, slapd)
    yield made
    made.process.kill()


def test_a_theft_locks_everywhere_and_a_release_unlocks(house: House) -> None:
    """Each place is locked within a second of the verdict, though one is dead; a release brings all back in two."""
    house.process.append(theft(now()))
    until(lambda: len(house.locked) == len(house.vaults), f"all are locked: {house.locked}", 60)
    until(lambda: len(house.rows("done", "changed")) > len(house.vaults), "every row is written", 10)
    delays = house.rows("done", "changed - planned")
    print("seconds from verdict to lock:", {name.partition(":")[2][-25:]: round(s, 3) for name, s in delays.items()})
    assert house.vaults.keys() < delays.keys() and max(delays.values()) <= 1.0
    start = time.time()
    done = house.process.run("release", ANN, "--honest")
    ended = time.time() - start
    until(lambda: len(house.rows("undone", "changed")) > len(house.vaults), f"{done.stdout} {done.stderr}", 10)
    with Sqlite.open(house.process.folder / "state.db", readonly=True) as store:
        said = store.told(0)[-1].instruction.at
    taken = max(house.rows("undone", "changed").values()) - said
    print(f"seconds from the release to the last unlock: {taken:.3f}; the whole command: {ended:.3f}")
    assert taken <= 2.0
    assert {name: vault.stored() for name, vault in house.vaults.items()} == dict.fromkeys(house.vaults, HASHES)
    assert house.process.denied == []


def test_kill_9_while_passwords_are_locked_is_made_good(house: House) -> None:
    """Killed as soon as the first place is locked, then again: each mark is there once, and a release takes it away."""
    house.process.append(theft(now()))
    until(lambda: bool(house.locked), "the first is locked", 60)
    house.process.kill()
    house.process.start()
    house.process.kill()
    house.process.start()
    until(lambda: len(house.locked) == len(house.vaults), f"all are locked: {house.locked}", 60)
    for name, vault in house.vaults.items():
        assert vault.stored()[ANN].count("{gatepost!") == 1, name
    house.process.kill()
    assert house.process.run("release", ANN, "--password-changed").returncode in (0, 1)
    assert not house.locked
