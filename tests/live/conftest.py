"""Real servers for the tests in this folder: started once, stopped at the end.

Without the server that it needs a test here is skipped with the reason; with CI=true it fails instead.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from tests.live.dovecot import Dovecot, own_folder, start_dovecot
from tests.live.exim import ACCOUNTS, Exim, Rules, start_exim, where
from tests.live.mariadb import MariaDB, start_mariadb
from tests.live.postfix import Postfix, start_postfix
from tests.live.postgresql import PostgreSQL, start_postgresql
from tests.live.slapd import Slapd, start_slapd
from tests.live.world import World, start_world

StartExim = Callable[..., Exim]
StartPostfix = Callable[..., Postfix]
StartDovecot = Callable[..., Dovecot]
StartSlapd = Callable[..., Slapd]


def unavailable(reason: str) -> NoReturn:
    """Skip, or fail where a skip would hide something."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def live() -> Path:
    """The folder of the unpacked Exim."""
    found, reason = where()
    if found is None:
        unavailable(reason)
    return found


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that servers without root can reach, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="gatepost-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sink(open_folder: Path) -> Iterator[World]:
    """The rest of the Internet."""
    world = start_world(open_folder / "sink")
    yield world
    world.stop()


@pytest.fixture(scope="session")
def exims(live: Path, sink: World) -> Iterator[StartExim]:
    """Starts an Exim with the Rules given; all are stopped at the end of the session."""
    started: list[Exim] = []

    def start(rules: Rules | None = None, accounts: tuple[str, ...] = ACCOUNTS) -> Exim:
        started.append(start_exim(live, sink.port, rules, accounts))
        return started[-1]

    yield start
    for exim in started:
        exim.stop()


@pytest.fixture(scope="session")
def exim(exims: StartExim) -> Exim:
    """An Exim without any rule of ours."""
    return exims()


@pytest.fixture(scope="session")
def local_exim(exims: StartExim) -> Exim:
    """An Exim that takes mail from programs on this host, without PROXY header or authentication."""
    return exims(Rules(proxied="", relays="127.0.0.1"))


@pytest.fixture(scope="session")
def tree() -> Path:
    """The folder with Postfix and Dovecot, a root of its own."""
    found, reason = where("servers")
    if found is None:
        unavailable(reason)
    return found


@pytest.fixture(scope="session")
def outside(tree: Path) -> Iterator[None]:
    """postmap, postconf, doveadm and doveconf in PATH: they run in the folder, file names mean the same there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tree}/outside:{os.environ['PATH']}")
        yield


@pytest.fixture(scope="session")
def folders(tree: Path) -> Iterator[Callable[[], Path]]:
    """Makes new folders that both the tests and the servers reach; all are deleted at the end of the session."""
    made: list[Path] = []

    def make() -> Path:
        made.append(own_folder(tree, "g-"))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place(folders: Callable[[], Path]) -> Path:
    """One such folder."""
    return folders()


@pytest.fixture(scope="session")
def dovecots(tree: Path) -> Iterator[StartDovecot]:
    """Starts a Dovecot, with what start_dovecot takes after the folder; all are stopped at the end of the session."""
    started: list[Dovecot] = []

    def start(*args: object, **more: object) -> Dovecot:
        started.append(start_dovecot(tree, *args, **more))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for dovecot in started:
        dovecot.stop()


@pytest.fixture(scope="session")
def postfixes(tree: Path, sink: World) -> Iterator[StartPostfix]:
    """Starts a Postfix beside a Dovecot, with the Cuts given; all are stopped at the end of the session."""
    started: list[Postfix] = []

    def start(dovecot: Dovecot, *args: object) -> Postfix:
        started.append(start_postfix(tree, sink.port, dovecot, *args))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for postfix in started:
        postfix.stop()


@pytest.fixture(scope="session")
def dovecot(dovecots: StartDovecot, sink: World) -> Dovecot:
    """A Dovecot without any rule of ours."""
    return dovecots(relay=sink.port)


@pytest.fixture(scope="session")
def postfix(postfixes: StartPostfix, dovecot: Dovecot) -> Postfix:
    """A Postfix without any rule of ours."""
    return postfixes(dovecot)


@pytest.fixture(scope="session")
def stores() -> Path:
    """The folder with PostgreSQL, MariaDB and OpenLDAP, a root of its own."""
    found, reason = where("stores")
    if found is None:
        unavailable(reason)
    return found


@pytest.fixture(scope="session")
def postgresql(stores: Path) -> Iterator[PostgreSQL]:
    """A PostgreSQL without tables."""
    started = start_postgresql(stores)
    yield started
    started.process.stop()


@pytest.fixture(scope="session")
def mariadb(stores: Path) -> Iterator[MariaDB]:
    """A MariaDB without tables."""
    started = start_mariadb(stores)
    yield started
    started.process.stop()


@pytest.fixture(scope="session")
def slapds(stores: Path) -> Iterator[StartSlapd]:
    """Starts an OpenLDAP with the entries given; all are stopped at the end of the session."""
    started: list[Slapd] = []

    def start(entries: str = "") -> Slapd:
        started.append(start_slapd(stores, entries))
        return started[-1]

    yield start
    for slapd in started:
        slapd.process.stop()
