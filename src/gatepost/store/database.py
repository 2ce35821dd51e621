"""Other people's databases: PostgreSQL, MySQL and MariaDB, SQLite.

Owns connections, deadlines, and what an error says. Every statement has a deadline at the server where it knows one,
and one at the connection for a server that stands still. Drivers are imported when the first connection is made; those
of the servers come with `pip install gatepost[sql]`. No message quotes a value: PostgreSQL's details may hold a whole
row.
"""

import contextlib
import socket
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import quote

from gatepost.core.errors import StoreError
from gatepost.store.place import Engine, Place, password_of
from gatepost.store.statement import prepared

CONNECT = 5
"""Seconds to connect."""

ANSWER = 5
"""Seconds for a statement, unless its database says otherwise."""

_PACKAGES: Mapping[Engine, str] = {"postgresql": "psycopg", "mysql": "pymysql", "sqlite": "sqlite3"}


class Database:
    """One database; connects for each session."""

    def __init__(self, place: Place, password: str = "", seconds: float = ANSWER) -> None:
        """Say where; nothing is connected yet.

        Args:
            place: as `place_of` reads it.
            password: the file with it, or "credential:NAME"; "" is none.
            seconds: deadline of each statement.
        """
        self.place, self.engine = str(place), place.engine
        self._where, self._password, self._seconds = place, password, seconds

    def load(self) -> None:
        """Import the driver now and not with the first order; what is missing is told then."""
        with contextlib.suppress(ImportError):
            import_module(_PACKAGES[self.engine])

    @contextlib.contextmanager
    def session(self, *, write: bool = False) -> Iterator["Session"]:
        """One transaction; see the protocol in core/ports.py."""
        with self._said():
            connection, abort = _OPEN[self.engine](self._where, password_of(self._password), self._seconds, write)
        session = Session(connection, self.engine, self._seconds, abort, self._said)
        try:
            yield session
            session.commit()
        finally:
            with contextlib.suppress(Exception):  # what was not committed is taken back by closing
                connection.close()

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what the driver raises into a StoreError that names the database and a remedy."""
        try:
            yield
        except (ImportError, OSError) as error:
            raise StoreError(f"{self.place}: {_outside(error)}", retry=True) from None
        except Exception as error:
            if not isinstance(error, import_module(_PACKAGES[self.engine]).Error):
                raise
            raise StoreError(f"{self.place}: {_inside(error)}", retry=True) from None


class Session:
    """One transaction."""

    def __init__(
        self,
        connection: Any,
        engine: Engine,
        seconds: float,
        abort: Callable[[], None],
        said: Callable[[], contextlib.AbstractContextManager[None]],
    ) -> None:
        self._connection, self._engine, self._seconds = connection, engine, seconds
        self._abort, self._said = abort, said

    def rows(self, statement: str, values: Mapping[str, str], most: int) -> Sequence[tuple[object, ...]]:
        """What a query finds; see the protocol in core/ports.py."""
        with self._within():
            cursor = self._run(statement, values)
            found: list[tuple[object, ...]] = [tuple(row) for row in cursor.fetchmany(most + 1)]
            cursor.close()
        if len(found) > most:
            raise StoreError(f"a query found more than {most} rows: make it narrower")
        return found

    def change(self, statement: str, values: Mapping[str, str]) -> int:
        """How many rows a statement changed."""
        with self._within():
            return int(self._run(statement, values).rowcount)

    def commit(self) -> None:
        """Make the changes last."""
        with self._within():
            self._connection.commit()

    def _run(self, statement: str, values: Mapping[str, str]) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(prepared(statement, self._engine), dict(values))
        return cursor

    @contextlib.contextmanager
    def _within(self) -> Iterator[None]:
        """The last deadline: after it the connection is cut, and the statement fails."""
        with _until(self._seconds + 1, self._abort), self._said():
            yield


@contextlib.contextmanager
def _until(seconds: float, abort: Callable[[], None]) -> Iterator[None]:
    """Cut what takes longer."""
    late = threading.Timer(seconds, abort)
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


@contextlib.contextmanager
def _begun(connection: Any) -> Iterator[None]:
    """Close a connection whose session cannot begin."""
    try:
        yield
    except Exception:
        connection.close()
        raise


def _postgresql(place: Place, password: str, seconds: float, write: bool) -> tuple[Any, Callable[[], None]]:
    psycopg = import_module("psycopg")
    tls = {"sslmode": "verify-full", "sslrootcert": place.ca or "system"} if place.tls else {"sslmode": "disable"}
    connection = psycopg.connect(
        host=place.socket or place.host, port=place.port, user=place.user or None, dbname=place.name,
        password=password or None, connect_timeout=CONNECT, application_name="gatepost", **tls,
    )  # fmt: skip
    connection.prepare_threshold = None
    connection.read_only = not write
    connection.adapters.register_dumper(str, import_module("psycopg.types.string").StrDumper)
    abort = partial(_cut, connection)
    with _begun(connection), _until(CONNECT, abort):
        connection.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    return connection, abort


def _cut(connection: Any) -> None:
    """End what a driver waits for, in another thread."""
    with contextlib.suppress(Exception), socket.socket(fileno=socket.dup(connection.fileno())) as link:
        link.shutdown(socket.SHUT_RDWR)


def _mysql(place: Place, password: str, seconds: float, write: bool) -> tuple[Any, Callable[[], None]]:
    where: dict[str, Any] = {"unix_socket": place.socket} if place.socket else {"host": place.host, "port": place.port}
    tls = {"ssl": ssl.create_default_context(cafile=place.ca or None)} if place.tls else {"ssl_disabled": True}
    connection = import_module("pymysql").connect(
        **where, user=place.user or None, password=password, database=place.name, charset="utf8mb4",
        connect_timeout=CONNECT, read_timeout=seconds, write_timeout=seconds, local_infile=False, **tls,
    )  # fmt: skip
    strict = "sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES'), innodb_lock_wait_timeout = %s"
    limit = ", max_statement_time = %s" if "mariadb" in connection.get_server_info().lower() else ""
    whole = max(1, int(seconds))
    with _begun(connection):
        connection.cursor().execute(f"SET {strict}{limit}", (whole, whole) if limit else (whole,))
        connection.cursor().execute("START TRANSACTION" if write else "START TRANSACTION READ ONLY")
    return connection, lambda: None


def _sqlite(place: Place, password: str, seconds: float, write: bool) -> tuple[Any, Callable[[], None]]:
    uri = f"file:{quote(place.name)}?mode={'rw' if write else 'ro'}"
    connection = sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None, check_same_thread=False)
    with _begun(connection):
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    return connection, connection.interrupt


_OPEN: Mapping[Engine, Callable[[Place, str, float, bool], tuple[Any, Callable[[], None]]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "sqlite": _sqlite,
}


def _outside(error: ImportError | OSError) -> str:
    """What is wrong before the database was asked."""
    if isinstance(error, ImportError):
        return f"the package {error.name} is missing: pip install 'gatepost[sql]' installs it"
    return f"cannot be reached ({error.strerror or error}): see that it runs, and what its address is"


def _inside(error: Exception) -> str:
    """What a driver said, without values."""
    diagnosis = getattr(error, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    kind, first = type(error).__name__, error.args[0] if error.args else ""
    if primary:
        said = str(primary)
    elif isinstance(first, int):  # MySQL's number; the texts of these two kinds may quote values
        said = f"error {first}" + ("" if kind in ("DataError", "IntegrityError") else f", {error.args[-1]}")
    else:
        said = str(first)
    said = said.partition("\n")[0][:200] or kind
    return f"{said}: see that it runs, the address, the user's rights, the statement"
