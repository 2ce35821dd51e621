"""Databases and directories by TLS and by sockets of this host: who is believed, and who is not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.live.mariadb import MariaDB, start_mariadb
from tests.live.postgresql import PostgreSQL, start_postgresql
from tests.live.slapd import ADMIN, start_slapd
from tests.live.stores import certificate
from tests.live.vaults import secret

from gatepost.core.errors import StoreError
from gatepost.store.database import Database
from gatepost.store.directory import Directory, Server, server_of
from gatepost.store.place import place_of

pytestmark = pytest.mark.live


@pytest.mark.parametrize("start", [start_postgresql, start_mariadb])
def test_a_database_elsewhere_is_believed_by_its_certificate(
    start: Callable[..., PostgreSQL | MariaDB], stores: Path, tmp_path: Path
) -> None:
    """With TLS the server must show a certificate with its name, from the authority that is named."""
    server = start(stores, tls=True)
    certificate(tmp_path / "other.pem", tmp_path / "other.key")
    ours, other, password = server.process.folder / "server.crt", tmp_path / "other.pem", secret(tmp_path)
    plain = place_of(server.url("postgres" if isinstance(server, PostgreSQL) else "mysql"))
    try:
        for ca, host, right in ((ours, "localhost", True), (other, "localhost", False), (ours, "127.0.0.1", False)):
            database = Database(replace(plain, host=host, tls=True, ca=str(ca)), password)
            assert _answers(database) is right, (ca, host)
        socket = server.process.folder / ("" if isinstance(server, PostgreSQL) else "socket")
        assert _answers(Database(replace(plain, socket=str(socket)), password))
    finally:
        server.process.stop()


def _answers(database: Database) -> bool:
    try:
        with database.session() as session:
            return session.rows("SELECT 1", {}, 1) == [(1,)]
    except StoreError:
        return False


def test_a_directory_elsewhere_is_believed_by_its_certificate(stores: Path, tmp_path: Path) -> None:
    """By LDAPS and by StartTLS alike; the socket of this host needs none."""
    slapd = start_slapd(stores, tls=True)
    certificate(tmp_path / "other.pem", tmp_path / "other.key")
    ours, other, password = slapd.process.folder / "server.crt", tmp_path / "other.pem", secret(tmp_path)
    ldaps = server_of(f"ldaps://localhost:{slapd.tls_port}")
    upgraded = replace(server_of(f"ldap://localhost:{slapd.port}"), upgrade=True)

    def bound(server: Server, ca: Path | str) -> bool:
        try:
            with Directory(server, ADMIN, password, str(ca)).session():
                return True
        except StoreError:
            return False

    try:
        for server in (ldaps, upgraded):
            assert bound(server, ours) and not bound(server, other)
            assert not bound(replace(server, host="127.0.0.1"), ours)
        socket = f"{slapd.process.folder}/ldapi".replace("/", "%2F")
        assert bound(server_of(f"ldapi://{socket}"), "")
    finally:
        slapd.process.stop()
