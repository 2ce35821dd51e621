"""A real MariaDB on loopback."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pymysql
from pymysql.constants import CLIENT
from tests.live.ports import free_port
from tests.live.stores import PASSWORD, USER, Process, call, certificate, own_folder, started


@dataclass(frozen=True)
class MariaDB:
    """One running MariaDB."""

    tree: Path
    port: int
    process: Process

    def url(self, database: str) -> str:
        """As an operator writes it."""
        return f"mysql://gatepost@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, script: str) -> str:
        """A new database with these tables; returns its URL."""
        self.ask("mysql", f"DROP DATABASE IF EXISTS `{database}`; CREATE DATABASE `{database}`")
        self.ask(database, script)
        return self.url(database)

    def ask(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """What statements of an administrator give, the last one of them."""
        connection = _connected(self.port, database)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            found = list(cursor.fetchall())
            while cursor.nextset():
                found = list(cursor.fetchall())
            return found

    def again(self) -> "MariaDB":
        """The same after a kill, with the same data and port."""
        return _run(self.tree, self.process.folder, self.port)


def start_mariadb(tree: Path, *, tls: bool = False) -> MariaDB:
    """Start one with an administrator called gatepost; with TLS its own certificate is in `folder/server.crt`."""
    folder = own_folder(tree)
    for name in ("tmp", "data"):
        (folder / name).mkdir()
        shutil.chown(folder / name, USER, USER)
    scripts = [tree / "usr/share/mysql" / name for name in ("mysql_system_tables.sql", "mysql_system_tables_data.sql")]
    text = "CREATE DATABASE mysql;\nUSE mysql;\n" + "".join(script.read_text() for script in scripts)
    hosts = ("127.0.0.1", "localhost")
    right = "GRANT ALL ON *.* TO gatepost@'{}' IDENTIFIED BY '{}' WITH GRANT OPTION;\n"
    grant = "".join(right.format(host, PASSWORD) for host in hosts)
    setup = [*_words(folder), "--bootstrap", "--skip-networking", "--default-storage-engine=Aria"]
    call(tree, *setup, text=f"{text}\nFLUSH PRIVILEGES;\n{grant}")
    if tls:
        certificate(folder / "server.crt", folder / "server.key")
        shutil.chown(folder / "server.key", USER, USER)
    return _run(tree, folder, free_port())


def _words(folder: Path) -> list[str]:
    where = [f"--datadir={folder}/data", f"--tmpdir={folder}/tmp", "--lc-messages-dir=/usr/share/mysql"]
    small = ["--innodb-log-file-size=4M", "--innodb-buffer-pool-size=8M", "--innodb-flush-log-at-trx-commit=0"]
    return ["/usr/sbin/mariadbd", "--no-defaults", *where, *small, "--aria-log-file-size=8M"]


def _run(tree: Path, folder: Path, port: int) -> MariaDB:
    listen = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket", f"--pid-file={folder}/pid"]
    if (folder / "server.key").exists():
        listen += [f"--ssl-cert={folder}/server.crt", f"--ssl-key={folder}/server.key"]
    words = [*_words(folder), *listen, "--skip-name-resolve"]
    return MariaDB(tree, port, started(tree, folder, words, lambda: _answers(port)))


def _connected(port: int, database: str) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    return pymysql.connect(
        host="127.0.0.1", port=port, user="gatepost", password=PASSWORD, database=database, autocommit=True,
        connect_timeout=5, client_flag=CLIENT.MULTI_STATEMENTS, charset="utf8mb4",
    )  # fmt: skip


def _answers(port: int) -> bool:
    try:
        _connected(port, "mysql").close()
    except pymysql.err.OperationalError:
        return False
    return True
