"""The doors to the outside, as protocols.

Synchronous where a lower floor may ask, asynchronous where the world is slow. Implementations live in
`source/`, `store/`, `act/` and `runtime/`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from msgspec import Struct

from gatepost.core.events import Instruction
from gatepost.core.incident import Incident, Order
from gatepost.core.units import Account, Instant, Kind, Subject


class Position(Struct, frozen=True):
    """How far a log was read, and in which file."""

    generation: int = 0
    """Grows by one at each rotation."""
    offset: int = 0
    """Bytes read of that file, unpacked."""
    device: int = 0
    inode: int = 0
    head: bytes = b""
    """Two bytes length and sixteen of the hash of that many first bytes; of a journal, its cursor."""
    newest: float = 0.0
    """The newest event time read."""


class Clock(Protocol):
    """The only way anybody learns the time of day."""

    def now(self) -> Instant:
        """Seconds since the Unix epoch, UTC."""
        ...


class Target(Struct, frozen=True):
    """What an action needs to know beyond the order, gathered when the order is carried out."""

    spellings: tuple[str, ...]
    """Every spelling under which the account has logged in."""
    incident: Incident
    habits: tuple[str, ...] = ()
    """Networks that were habit of the account when the incident opened."""


LOGINS: frozenset[Kind] = frozenset({"login"})
ANYBODY: frozenset[Kind] = frozenset({"login", "local", "relay"})
"""Whom an action can act on; it says so as `subjects`, and means LOGINS when it does not."""


class Action(Protocol):
    """Idempotent: ensuring twice equals ensuring once."""

    name: str
    """Unique among the configured actions: "table:exim/deny"."""
    ensures: frozenset[str]
    """The values of Order.ensure it acts on, "released" left out."""

    def plan(self, order: Order, target: Target) -> str:
        """The undo record, written before `ensure` runs. No side effect."""
        ...

    async def ensure(self, order: Order, target: Target) -> str:
        """Make it so; returns a note for the record.

        Raises:
            ActionError: the world refused; `retry` says whether trying again can help.
        """
        ...

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Take it back, from the undo record alone; undoing what is not there is success."""
        ...


RowState = Literal["planned", "running", "done", "failed", "undone", "would"]


class Row(Struct, frozen=True):
    """One (order, action) in the journal."""

    order: Order
    action: str
    state: RowState
    undo: str = ""
    note: str = ""
    changed: Instant = Instant(0.0)
    tries: int = 0
    next_try: Instant = Instant(0.0)

    @property
    def begun(self) -> bool:
        """Whether it may have had an effect that was not taken back: what a release undoes."""
        return self.state in ("done", "running") or (self.state == "failed" and bool(self.undo))


class Journal(Protocol):
    """Which orders were carried out, by key and action."""

    def claim(self, order: Order, action: str, undo: str, at: Instant) -> bool:
        """Write the row as running; False when it is done, undone or `would` already."""
        ...

    def close_row(self, key: str, action: str, state: RowState, note: str, at: Instant, next_try: float = 0.0) -> None:
        """Write how it ended."""
        ...

    def rows(self, incident: str) -> Sequence[Row]:
        """All rows of one incident, oldest first."""
        ...

    def standing(self, action: str) -> Sequence[Row]:
        """Rows of one action that are running or done, and not undone: what it must have made so."""
        ...

    def knows(self, incident: str) -> bool:
        """Whether any row, in whatever state, belongs to this incident."""
        ...

    def unfinished(self) -> Sequence[Row]:
        """Rows that a crash left running, or that wait for another try."""
        ...


class Told(Struct, frozen=True):
    """One row of the append-only instruction table."""

    number: int
    instruction: Instruction


class IncidentStore(Protocol):
    """Every incident ever opened."""

    def put(self, incident: Incident) -> None:
        """Insert, or replace the one with the same key."""
        ...

    def get(self, key: str) -> Incident | None:
        """One incident by its key."""
        ...

    def find(self, account: Account | None = None, *, standing: bool = False) -> Sequence[Incident]:
        """Incidents, newest first."""
        ...


class PageStore(Protocol):
    """Encoded pages by subject."""

    def load(self, subject: Subject) -> bytes | None:
        """One page, None when there is none."""
        ...

    def save(self, pages: Iterable[tuple[Subject, bytes]]) -> None:
        """Write pages; durable when the surrounding transaction ends."""
        ...


class Statements(Protocol):
    """One transaction of somebody else's database. Blocks: for a thread of its own."""

    def rows(self, statement: str, values: Mapping[str, str], most: int) -> Sequence[tuple[object, ...]]:
        """What a query finds.

        Args:
            statement: its parameters are written ":login".
            values: of the parameters.
            most: rows that are taken at most.

        Raises:
            StoreError: the database refused or did not answer in time, or found more.
        """
        ...

    def change(self, statement: str, values: Mapping[str, str]) -> int:
        """Carry out a statement that changes something; returns how many rows it changed."""
        ...


class Database(Protocol):
    """Somebody else's database: the mail server's accounts, for example."""

    place: str
    """For messages; never holds a password."""

    def load(self) -> None:
        """Get ready without connecting. Blocks: for a thread of its own."""
        ...

    def session(self, *, write: bool = False) -> AbstractContextManager[Statements]:
        """Connect and begin; leaving commits, leaving with an exception takes everything back.

        Raises:
            StoreError: there is no connection.
        """
        ...


class Entry(Struct, frozen=True):
    """One entry of a directory."""

    dn: str
    values: Mapping[str, tuple[str, ...]]
    """Of the attributes that were asked for, by their names as asked; none is ()."""


class Modification(Struct, frozen=True):
    """One value that is added to an entry, or taken from it."""

    do: Literal["add", "delete"]
    attribute: str
    value: str


class Entries(Protocol):
    """One connection to a directory. Blocks: for a thread of its own."""

    def search(self, base: str, filter: str, attributes: Sequence[str], most: int) -> Sequence[Entry]:
        """Entries below a base.

        Raises:
            StoreError: the directory refused, did not answer in time, or has more than `most`.
        """
        ...

    def modify(self, dn: str, changes: Sequence[Modification]) -> bool:
        """All changes of one entry at once, or none (RFC 4511 section 4.6).

        Returns:
            False when a value that was to be added is there, or one to be taken away is not; nothing changed.
        """
        ...


class Directory(Protocol):
    """An LDAP server."""

    place: str

    def session(self) -> AbstractContextManager[Entries]:
        """Connect and bind.

        Raises:
            StoreError: there is no connection, or the directory does not know us.
        """
        ...
