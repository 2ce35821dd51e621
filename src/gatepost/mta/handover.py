"""One message on several hosts: handed from one mail server of ours to the next, it stays its account's.

Owns what two logs say together: "handed to that address, queued as Q" in the one, "Q came from this address" in the
other. A message is joined when both say so, and both addresses are those the operator gave to the two hosts: a
stranger's server can answer any queue id, and any client can claim any name. From then on what becomes of a recipient
is told by the host that has the message; where it was handed on, it is neither delivered nor failed.

Either log may be read first. What is kept until the other one is read is bounded, not saved, and when it is forgotten
it is nobody's.
"""

import re
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field

from gatepost.core.events import AnyEvent, Cursor
from gatepost.core.units import Instant
from gatepost.mta import told
from gatepost.mta.base import Dialect, Record
from gatepost.mta.message import Message
from gatepost.mta.sessions import keep

MAX_WAITING = 10_000
"""Messages of which one of the two logs has told."""

MAX_RECORDS = 100
"""Outcomes kept of one of them."""

APART = 600.0
"""Seconds between the two lines: short queue ids come again."""

MANY = 1 << 30
"""Recipients that a message may have on the next host: the first one has told how many there are."""

_QUEUED = re.compile(r"\b(?:queued as |id=)([A-Za-z0-9-]{6,32})\)?\Z")
"""How Postfix ("250 2.0.0 Ok: queued as …") and Exim ("250 OK id=…") answer to a message they took."""


class Thread(Protocol):
    """The open messages of one host, as thread.py has them."""

    host: str
    key: bytes
    handovers: "Handovers | None"

    def read(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """What a record means on its own host."""
        ...

    def message(self, queue_id: str) -> Message | None:
        """The open message that goes under a queue id."""
        ...

    def hand(self, queue_id: str, address: str) -> None:
        """A recipient of an open message goes on in another host's queue."""
        ...

    def adopt(self, queue_id: str, message: Message) -> None:
        """A message that nobody had handed in is this one."""
        ...


class _Given(Struct, frozen=True):
    """A message that one host has handed on, and of which the next has not told yet."""

    host: str
    at: Instant
    message: Message


class _Begun(Struct, frozen=True):
    """A message that one of our hosts brought, which has not told yet whose it is."""

    host: str
    at: Instant
    records: list[Record] = field(default_factory=list)


class Handovers:
    """The hosts of one gatepost that hand mail to each other.

    Args:
        addresses: which host an IP address belongs to.
    """

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._hosts = dict(addresses)
        names = "|".join(re.escape(f"[{address}]") for address in self._hosts)
        self.named = re.compile(names or r"(?!)")
        """Finds an address of ours as logs write it, in brackets."""
        self._threads: dict[str, Thread] = {}
        self._given: dict[tuple[str, str], _Given] = {}
        self._begun: dict[tuple[str, str], _Begun] = {}

    def join(self, thread: Thread) -> None:
        """Take a host in; nothing happens when no addresses are known."""
        if self._hosts:
            self._threads[thread.host] = thread
            thread.handovers = self

    def reading(self, dialect: Dialect) -> Dialect:
        """A dialect that says of a delivery that it went to one of our hosts; the same one when none are known."""
        return _Handing(dialect, self) if self._hosts else dialect

    def taken_by(self, record: Record) -> str:
        """The host of ours that took a message on; "" when it was another's."""
        return self._hosts.get(record.relay, "") if record.relay else ""

    def waits(self, host: str, queue_id: str) -> bool:
        """Whether it is still to be told whose message this is."""
        return (host, queue_id) in self._begun

    def feed(self, thread: Thread, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """What a record means, on this host and on the one that brought the message."""
        begun = self._begun.get((thread.host, record.queue_id)) if record.queue_id else None
        if record.part == "handed" and record.child:
            to = self._threads.get(self.taken_by(record))
            if to is not None and to is not thread and begun is None:
                return self._hand_over(thread, to, record, cursor)
        if begun is not None and (record.kind == "delivery" or record.part == "completed"):
            if len(begun.records) < MAX_RECORDS:
                begun.records.append(record)
            return []
        found = thread.read(record, cursor)
        if record.part in ("opened", "received") and record.queue_id and not record.account:
            found += self._begin(thread, record, told.after(cursor, found))
        return found

    def _begin(self, thread: Thread, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """A client begins a message that no account has handed in here; perhaps the client is one of our hosts."""
        by, at, key = self._hosts.get(record.client), told.at(record), (thread.host, record.queue_id)
        self._begun.pop(key, None)
        if by is None or by == thread.host:
            return []
        given = self._given.pop(key, None)
        if given is not None and given.host == by and abs(given.at - at) <= APART:
            return self._adopted(thread, record.queue_id, given.message, [], cursor)
        keep(self._begun, key, _Begun(by, at), MAX_WAITING)
        return []

    def _hand_over(self, thread: Thread, to: Thread, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """A host says under which queue id the next one has the message."""
        key, at = (to.host, record.child), told.at(record)
        message, begun = thread.message(record.queue_id), self._begun.pop(key, None)
        if message is None or not message.account or message.kept:
            return thread.read(record, cursor)
        thread.hand(record.queue_id, record.address)
        there = to.message(record.child)
        if there is not None and (there.account, there.at) == (message.account, message.at):
            return []
        copy = _copy(message)
        if begun is not None and begun.host == thread.host and abs(begun.at - at) <= APART:
            return self._adopted(to, record.child, copy, begun.records, cursor)
        keep(self._given, key, _Given(thread.host, at, copy), MAX_WAITING)
        return []

    def _adopted(
        self, thread: Thread, queue_id: str, message: Message, records: list[Record], cursor: Cursor
    ) -> list[AnyEvent]:
        """Both have told: from here on the message is its account's, and what waited for this is told."""
        thread.adopt(queue_id, message)
        found: list[AnyEvent] = []
        for record in records:
            found += self.feed(thread, record, told.after(cursor, found))
        return found


def _copy(message: Message) -> Message:
    """The message on the next host: its recipients are known already, and reports name it by its queue id alone."""
    return Message(message.account, message.at, message.client, message.helo, message.mechanism, message.tls, told=MANY)


class _Handing:
    """A dialect among several hosts."""

    def __init__(self, dialect: Dialect, handovers: Handovers) -> None:
        self._dialect, self._handovers = dialect, handovers
        self.vague = dialect.vague

    @property
    def name(self) -> str:
        """The dialect's, which may be found out while reading."""
        return self._dialect.name

    def read(self, line: str) -> Record:
        """As the dialect reads it; a delivery to one of our hosts is a hand-over where its answer names a queue id."""
        record = self._dialect.read(line)
        if record.relay and record.result == "delivered" and self._handovers.taken_by(record):
            queued = _QUEUED.search(record.reply)
            if queued is not None:
                record.child, record.part = queued[1], "handed"
        return record

    def skim(self, line: str) -> tuple[str, str] | None:
        """As the dialect skims it, but for lines that name one of our hosts."""
        return None if self._handovers.named.search(line) else self._dialect.skim(line)
