"""Pages, positions, open messages, incidents and the journal in one SQLite file (WAL).

One process writes; any may read. Nothing is durable before the surrounding `transaction()` ends, and everything in it
is durable together.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import msgpack

from gatepost.core.events import Instruction
from gatepost.core.incident import STANDING, Incident, Order
from gatepost.core.ports import Position, Row, RowState, Told
from gatepost.core.units import Account, Instant, Subject, iso
from gatepost.mta.decision import Decision
from gatepost.mta.message import Saved
from gatepost.store import audit
from gatepost.store.audit import Entry
from gatepost.store.file import Query, StateFile
from gatepost.store.squeezed import squeeze, whole

_SAVE_PAGE = (
    "INSERT INTO pages VALUES (?, ?, ?) "
    "ON CONFLICT (subject) DO UPDATE SET data = excluded.data, touched = excluded.touched"
)
"""In its place: REPLACE would move the row and write almost three times as much."""


class Sqlite(StateFile):
    """The state. Open it with `Sqlite.open`."""

    clock = Instant(0.0)
    """When pages are saved, this is their `touched`; the caller sets it."""

    # PageStore

    def load(self, subject: Subject) -> bytes | None:
        """One page, None when there is none."""
        row = self.run("SELECT data FROM pages WHERE subject = ?", (subject,)).fetchone()
        return None if row is None else whole(row[0])

    def save(self, pages: Iterable[tuple[Subject, bytes]]) -> None:
        """Write pages."""
        self.many(_SAVE_PAGE, ((subject, squeeze(data), self.clock) for subject, data in pages))

    def rewrite(self, subject: Subject, data: bytes) -> None:
        """Write a page that nobody touched: it stays as old as it was."""
        self.run("UPDATE pages SET data = ? WHERE subject = ?", (squeeze(data), subject))

    def subjects(self, kind: str = "") -> Iterator[Subject]:
        """Whose pages there are; "network:" are those of places alone."""
        for (subject,) in self.run("SELECT subject FROM pages WHERE subject LIKE ? ORDER BY subject", (f"{kind}%",)):
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
        self.many("REPLACE INTO messages VALUES (?, ?, ?)", ((host, id_, _pack(m)) for id_, m in changed))
        self.many("DELETE FROM messages WHERE host = ? AND queue_id = ?", ((host, id_) for id_ in closed))

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
        values = (order.key, action, order.incident, state, "", "", at, 0, 0.0, _pack(order), at)
        sql = f"INSERT OR IGNORE INTO journal ({_COLUMNS}, planned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self.run(sql, values)

    def take_up(self, order: Order, action: str, at: Instant) -> None:
        """Carry out what was only noted; plan it when it was not even noted."""
        self.plan(order, action, at)
        sql = "UPDATE journal SET state = 'planned', planned = ?, changed = ? WHERE key = ? AND action = ?"
        self.run(f"{sql} AND state = 'would'", (at, at, order.key, action))

    def try_again(self) -> None:
        """What failed is due now: the operator may have mended it."""
        self.run("UPDATE journal SET next_try = 0 WHERE state = 'failed'")

    def put_down(self, at: Instant) -> int:
        """Note only what was to be carried out and was not begun; returns the number of rows."""
        sql = "UPDATE journal SET state = 'would', changed = ? WHERE state IN ('planned', 'failed') AND undo = ''"
        return self.run(sql, (at,)).rowcount

    def claim(self, order: Order, action: str, undo: str, at: Instant) -> bool:
        """Write the row as running; False when it is done, undone or `would` already."""
        self.plan(order, action, at)
        sql = (
            "UPDATE journal SET state = 'running', undo = ?, changed = ?, tries = tries + 1"
            " WHERE key = ? AND action = ? AND state IN ('planned', 'running', 'failed')"
        )
        return self.run(sql, (undo, at, order.key, action)).rowcount == 1

    def close_row(self, key: str, action: str, state: RowState, note: str, at: Instant, next_try: float = 0.0) -> None:
        """Write how an order ended, here and, unless it failed as it did before, in the audit trail."""
        sql = "UPDATE journal SET state = ?, note = ?, changed = ?, next_try = ? WHERE key = ? AND action = ?"
        with self.transaction():
            row = self.run("SELECT note, data FROM journal WHERE key = ? AND action = ?", (key, action)).fetchone()
            self.run(sql, (state, note, at, next_try, key, action))
            if row is not None and (state, note) != ("failed", row[0]):
                order, result = msgpack.decode(row[1], type=Order), f"{state}: {note}" if note else state
                audit.append(self, _carried(order, action, result, at))

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

    def undoable(self) -> Sequence[Row]:
        """What a release still has to take back: rows begun or done although their incident has ended.

        A row that failed after it was begun may have had its effect.
        """
        return self._rows(
            "WHERE (journal.state IN ('done', 'running') OR (journal.state = 'failed' AND undo != '')) AND incident IN"
            " (SELECT key FROM incidents WHERE incidents.state IN ('released', 'expired')) ORDER BY id DESC"
        )

    def planned_since(self, ensure: str, since: float) -> Sequence[str]:
        """The incidents to which orders of one kind were given, to be carried out, since an instant."""
        sql = "SELECT DISTINCT incident FROM journal WHERE state != 'would' AND planned > ? AND key LIKE ?"
        return [incident for (incident,) in self.run(sql, (since, f"%/{ensure}/%"))]

    def noted_since(self, since: float) -> Sequence[str]:
        """The incidents for which an order was noted, and not carried out, since an instant."""
        sql = "SELECT DISTINCT incident FROM journal WHERE state = 'would' AND planned > ?"
        return [incident for (incident,) in self.run(sql, (since,))]

    def _rows(self, where: str, values: Query = ()) -> list[Row]:
        found = self.run(f"SELECT {_COLUMNS} FROM journal {where}", values)
        return [
            Row(msgpack.decode(data, type=Order), action, state, undo, note, changed, tries, next_try)
            for _, action, _, state, undo, note, changed, tries, next_try, data in found
        ]

    # Instructions

    def tell(self, instruction: Instruction) -> Told:
        """Append what the operator said, here and in the audit trail; its number is its offset."""
        with self.transaction():
            cursor = self.run("INSERT INTO instructions (data) VALUES (?)", (_pack(instruction),))
            audit.append(self, _said(instruction))
        return Told(int(cursor.lastrowid or 0), instruction)

    def told(self, after: int) -> Sequence[Told]:
        """What the operator said after a number."""
        found = self.run("SELECT number, data FROM instructions WHERE number > ? ORDER BY number", (after,))
        return [Told(number, msgpack.decode(data, type=Instruction)) for number, data in found]

    def forget_instructions(self, account: Account) -> int:
        """Delete what was said about one account; the numbers go on."""
        numbers = [(told.number,) for told in self.told(0) if told.instruction.account == account]
        self.many("DELETE FROM instructions WHERE number = ?", numbers)
        return len(numbers)

    # Decisions

    def decide(self, host: str, account: Account, decision: Decision) -> int:
        """Write down who submitted a message; returns its number, which is its offset."""
        values = (host, decision.queue_id, account, decision.at, _pack(decision))
        cursor = self.run("INSERT INTO decisions (host, queue_id, account, made, data) VALUES (?, ?, ?, ?, ?)", values)
        return int(cursor.lastrowid or 0)

    def decision(self, host: str, queue_id: str) -> tuple[int, Decision] | None:
        """Who submitted a message, with the number of the decision; None when nobody decided."""
        sql = "SELECT number, data FROM decisions WHERE host = ? AND queue_id = ?"
        row = self.run(sql, (host, queue_id)).fetchone()
        return None if row is None else (int(row[0]), msgpack.decode(row[1], type=Decision))

    def decisions(self, account: Account) -> Sequence[Decision]:
        """Every decision for an account, oldest first."""
        found = self.run("SELECT data FROM decisions WHERE account = ? ORDER BY number", (account,))
        return [msgpack.decode(data, type=Decision) for (data,) in found]


_COLUMNS = "key, action, incident, state, undo, note, changed, tries, next_try, data"


def _carried(order: Order, action: str, result: str, at: Instant) -> Entry:
    """What became of an order, for the audit trail."""
    what = f"{order.ensure}/{order.step} {action}"
    return Entry(at=at, who=audit.US, what=what, account=order.account, incident=order.incident, result=result)


def _said(told: Instruction) -> Entry:
    """What an operator said, for the audit trail."""
    what = f"{told.verb} --{told.how}" if told.how else told.verb
    until = f"until {iso(told.until)}" if told.until is not None else ""
    return Entry(at=told.at, who=told.by, what=what, account=told.account, why=told.reason, result=until)


def _pack(value: object) -> bytes:
    return msgpack.encode(value)
