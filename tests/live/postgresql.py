"""A real PostgreSQL on loopback."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import psycopg
from tests.live.ports import free_port
from tests.live.stores import PASSWORD, USER, Process, call, certificate, own_folder, started


@dataclass(frozen=True)
class PostgreSQL:
    """One running PostgreSQL."""

    tree: Path
    port: int
    process: Process

    def url(self, database: str) -> str:
        """As an operator writes it."""
        return f"postgresql://gatepost@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, script: str) -> str:
        """A new database with these tables; returns its URL."""
        self.ask("postgres", f'DROP DATABASE IF EXISTS "{database}"')
        self.ask("postgres", f'CREATE DATABASE "{database}"')
        self.ask(database, script)
        return self.url(database)

    def ask(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """What a statement of an administrator gives."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="gatepost", password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def again(self) -> "PostgreSQL":
        """The same after a kill, with the same data and port."""
        return _run(self.tree, self.process.folder, self.port)


def start_postgresql(tree: Path, *, tls: bool = False) -> PostgreSQL:
    """Start one with an administrator called gatepost; with TLS its own certificate is in `folder/server.crt`."""
    folder = own_folder(tree)
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    options = ("--username=gatepost", f"--pwfile={folder}/password", "--auth=scram-sha-256", "--encoding=UTF8")
    call(tree, f"{_programs(tree)}/initdb", f"--pgdata={folder}/data", "--locale=C", "--no-sync", *options)
    if tls:
        certificate(folder / "server.crt", folder / "server.key")
        shutil.chown(folder / "server.key", USER, USER)
    return _run(tree, folder, free_port())


def _programs(tree: Path) -> str:
    version = max((tree / "usr/lib/postgresql").iterdir(), key=lambda place: int(place.name))
    return f"/usr/lib/postgresql/{version.name}/bin"


def _run(tree: Path, folder: Path, port: int) -> PostgreSQL:
    settings = {
        "listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder), "fsync": "off",
        "dynamic_shared_memory_type": "mmap", "shared_buffers": "16MB", "max_wal_senders": "0",
        "authentication_timeout": "2s",
    }  # fmt: skip
    if (folder / "server.key").exists():
        settings |= {"ssl": "on", "ssl_cert_file": f"{folder}/server.crt", "ssl_key_file": f"{folder}/server.key"}
    words = [f"{_programs(tree)}/postgres", "-D", f"{folder}/data"]
    words += [f"--{name}={value}" for name, value in settings.items()]
    return PostgreSQL(tree, port, started(tree, folder, words, lambda: _answers(port)))


def _answers(port: int) -> bool:
    try:
        psycopg.connect(
            host="127.0.0.1", port=port, user="gatepost", password=PASSWORD, dbname="postgres", connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True
