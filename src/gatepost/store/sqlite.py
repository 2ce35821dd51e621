"""Pages, positions, open messages, incidents and the journal in one SQLite file (WAL).

One process writes; any may read. Every error names the file and the remedy. Nothing is durable before the surrounding
`transaction()` ends, and everything in it is durable together.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import msgpack

from gatepost.core.errors import StoreError
from gatepost.core.events import Instruction
from gatepost.core.incident import STANDING, Incident, Order
from gatepost.core.ports import Position, Row, RowState, Told
from gatepost.core.units import Account, Instant, Subject
from gatepost.mta.message import Saved
from gatepost.store.schema import TABLES, VERSION

Query = tuple[object, ...]


class Sqlite:
    """The state file. Open it with `Sqlite.open`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self.path = connection, path
        self._deep = 0
        self.clock = 0.0
        """When pages are saved, this is their `touched`; the daemon sets it."""

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False) -> Self:
        """Open the state, making it when it is not there.

        Raises:
            StoreError: it cannot be opened, is no state of ours, or belongs to a newer gatepost.
        """
        mode = "ro" if readonly else "rwc"
        try:
            if not readonly:
                path.parent.mkdir(parents=True, exist_ok=True)
            uri = f"{path.resolve().as_uri()}?mode={mode}"
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10, check_same_thread=False)
            store = cls(connection, path)
            store._prepare(readonly=readonly)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(_said(path, error)) from error
        return store

    def _prepare(self, *, readonly: bool) -> None:
        if not readonly:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(TABLES)
        found = self.meta("version")
        if found is None and not readonly:
            self.put_meta("version", str(VERSION).encode())
        elif found is not None and int(found) > VERSION:
            msg = f"{self.path}: written by a newer gatepost (state version {int(found)}); install that version"
            raise StoreError(msg)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes durable together, or not at all.

        Raises:
            StoreError: the disk is full or the file cannot be written; nothing of it was.
        """
        self._deep += 1
        try:
            if self._deep == 1:
                self.run("BEGIN IMMEDIATE")
            yield
        except BaseException:
            if self._deep == 1 and self._db.in_transaction:
                self._db.rollback()
            raise
        else:
            if self._deep == 1:
                self.run("COMMIT")
        finally:
            self._deep -= 1

    def run(self, sql: str, values: Query = ()) -> sqlite3.Cursor:
        """One statement.

        Raises:
            StoreError: it failed; the message names the file and the remedy.
        """
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(_said(self.path, error), retry=True) from error

    def _many(self, sql: str, rows: Iterable[Query]) -> None:
        try:
            self._db.executemany(sql, rows)
        except sqlite3.Error as error:
            raise StoreError(_said(self.path, error), retry=True) from error

    # What is not a table of its own

    def meta(self, key: str) -> bytes | None:
        """One value by name."""
        row = self.run("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def put_meta(self, key: str, value: bytes) -> None:
        """Set one value."""
        self.run("REPLACE INTO meta VALUES (?, ?)", (key, value))

    # PageStore

    def load(self, subject: Subject) -> bytes | None:
        """One page, None when there is none."""
        row = self.run("SELECT data FROM pages WHERE subject = ?", (subject,)).fetchone()
        return None if row is None else bytes(row[0])

    def save(self, pages: Iterable[tuple[Subject, bytes]]) -> None:
        """Write pages."""
        self._many("REPLACE INTO pages VALUES (?, ?, ?)", ((subject, data, self.clock) for subject, data in pages))

    def subjects(self) -> Iterator[Subject]:
        """Whose pages there are."""
        for (subject,) in self.run("SELECT subject FROM pages ORDER BY subject"):
            yield Subject(subject)

    def active(self, since: float) -> int:
        """How many accounts were seen since an instant."""
        sql = "SELECT count(*) FROM pages WHERE touched >= ? AND subject LIKE 'account:%'"
        return int(self.run(sql, (since,)).fetchone()[0])

    # Positions

    def put_position(self, name: str, at: Position) -> None:
        """How far a source was read."""
        values = (name, at.generation, at.offset, at.device, at.inode, at.head, at.newest)
        self.run("REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def position(self, name: str) -> Position | None:
        """How far a source was read; None when never."""
        row = self.run("SELECT * FROM sources WHERE name = ?", (name,)).fetchone()
        return None if row is None else Position(*row[1:])

    # Open messages

    def put_messages(self, host: str, changed: Iterable[tuple[str, Saved]], closed: Iterable[str]) -> None:
        """What changed in a host's table of open messages."""
        self._many("REPLACE INTO messages VALUES (?, ?, ?)", ((host, id_, _pack(m)) for id_, m in changed))
        self._many("DELETE FROM messages WHERE host = ? AND queue_id = ?", ((host, id_) for id_ in closed))

    def messages(self, host: str) -> Iterator[tuple[str, Saved]]:
        """A host's open messages."""
        for queue_id, data in self.run("SELECT queue_id, data FROM messages WHERE host = ?", (host,)):
            yield queue_id, msgpack.decode(data, type=Saved)

    def all_messages(self) -> Sequence[tuple[str, str, Saved]]:
        """Every open message with its host and queue id."""
        found = self.run("SELECT host, queue_id, data FROM messages")
        return [(host, queue_id, msgpack.decode(data, type=Saved)) for host, queue_id, data in found]

    # IncidentStore

    def put(self, incident: Incident) -> None:
        """Insert, or replace the one with the same key."""
        values = (incident.key, incident.account, incident.number, incident.state.value, incident.changed)
        self.run("REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?)", (*values, _pack(incident)))

    def get(self, key: str) -> Incident | None:
        """One incident by its key."""
        row = self.run("SELECT data FROM incidents WHERE key = ?", (key,)).fetchone()
        return None if row is None else msgpack.decode(row[0], type=Incident)

    def find(self, account: Account | None = None, *, standing: bool = False) -> Sequence[Incident]:
        """Incidents, newest first."""
        wanted = [state.value for state in STANDING] if standing else []
        where = ["account = ?"] * (account is not None) + [f"state IN ({','.join('?' * len(wanted))})"] * bool(wanted)
        sql = f"SELECT data FROM incidents {'WHERE ' + ' AND '.join(where) if where else ''} ORDER BY changed DESC, key"
        values: Query = (*((account,) if account is not None else ()), *wanted)
        return [msgpack.decode(data, type=Incident) for (data,) in self.run(sql, values)]

    # Journal

    def plan(self, order: Order, action: str, at: Instant, state: RowState = "planned") -> None:
        """Write a row for an order that is to be carried out; a row that is there already stays as it is."""
        values = (order.key, action, order.incident, state, "", "", at, 0, 0.0, _pack(order))
        self.run(f"INSERT OR IGNORE INTO journal ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def claim(self, order: Order, action: str, undo: str, at: Instant) -> bool:
        """Write the row as running; False when it is done, undone or `would` already."""
        self.plan(order, action, at)
        sql = (
            "UPDATE journal SET state = 'running', undo = ?, changed = ?, tries = tries + 1"
            " WHERE key = ? AND action = ? AND state IN ('planned', 'running', 'failed')"
        )
        return self.run(sql, (undo, at, order.key, action)).rowcount == 1

    def close_row(self, key: str, action: str, state: RowState, note: str, at: Instant, next_try: float = 0.0) -> None:
        """Write how an order ended."""
        sql = "UPDATE journal SET state = ?, note = ?, changed = ?, next_try = ? WHERE key = ? AND action = ?"
        self.run(sql, (state, note, at, next_try, key, action))

    def rows(self, incident: str) -> Sequence[Row]:
        """All rows of one incident, oldest first."""
        return self._rows("WHERE incident = ? ORDER BY id", (incident,))

    def standing(self, action: str) -> Sequence[Row]:
        """Rows of one action that are running or done, and not undone."""
        return self._rows("WHERE action = ? AND state IN ('running', 'done') ORDER BY id", (action,))

    def knows(self, incident: str) -> bool:
        """Whether any row belongs to this incident."""
        return self.run("SELECT 1 FROM journal WHERE incident = ? LIMIT 1", (incident,)).fetchone() is not None

    def unfinished(self) -> Sequence[Row]:
        """Rows that wait, that a crash left running, or that wait for another try."""
        return self._rows("WHERE state IN ('planned', 'running', 'failed') ORDER BY id")

    def would(self) -> Sequence[Row]:
        """Rows that observe mode did not carry out."""
        return self._rows("WHERE state = 'would' ORDER BY id")

    def undoable(self) -> Sequence[Row]:
        """Rows that are done or running although their incident has ended: what a release still has to take back."""
        return self._rows(
            "WHERE journal.state IN ('done', 'running') AND incident IN"
            " (SELECT key FROM incidents WHERE incidents.state IN ('released', 'expired')) ORDER BY id DESC"
        )

    def planned_since(self, ensure: str, since: float) -> int:
        """How many orders of one kind were given to actions since an instant."""
        sql = "SELECT count(DISTINCT key) FROM journal WHERE state != 'would' AND changed >= ? AND key LIKE ?"
        return int(self.run(sql, (since, f"%/{ensure}/%")).fetchone()[0])

    def _rows(self, where: str, values: Query = ()) -> list[Row]:
        found = self.run(f"SELECT {_COLUMNS} FROM journal {where}", values)
        return [
            Row(msgpack.decode(data, type=Order), action, state, undo, note, changed, tries, next_try)
            for _, action, _, state, undo, note, changed, tries, next_try, data in found
        ]

    # Instructions

    def tell(self, instruction: Instruction) -> Told:
        """Append what the operator said; its number is its offset."""
        cursor = self.run("INSERT INTO instructions (data) VALUES (?)", (_pack(instruction),))
        return Told(int(cursor.lastrowid or 0), instruction)

    def told(self, after: int) -> Sequence[Told]:
        """What the operator said after a number."""
        found = self.run("SELECT number, data FROM instructions WHERE number > ? ORDER BY number", (after,))
        return [Told(number, msgpack.decode(data, type=Instruction)) for number, data in found]

    def forget_instructions(self, account: Account) -> int:
        """Delete what was said about one account; the numbers go on."""
        numbers = [(told.number,) for told in self.told(0) if told.instruction.account == account]
        self._many("DELETE FROM instructions WHERE number = ?", numbers)
        return len(numbers)


_COLUMNS = "key, action, incident, state, undo, note, changed, tries, next_try, data"


def _pack(value: object) -> bytes:
    return msgpack.encode(value)


def _said(path: Path, error: Exception) -> str:
    text = str(error)
    if "full" in text:
        return f"{path}: the disk is full; free some space, gatepost goes on by itself"
    if "readonly" in text or "unable to open" in text or isinstance(error, PermissionError):
        return f"{path}: cannot be opened ({text}); check the folder's owner and mode, or [state] path"
    if "not a database" in text or "malformed" in text:
        return f"{path}: is no state of gatepost, or is damaged ({text}); move it away and start again"
    return f"{path}: {text}"
