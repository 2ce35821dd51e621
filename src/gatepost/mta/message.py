"""One open message: whose it is, and what became of its recipients so far.

Owns which recipient counts when: every original recipient is done once, deferred once, and known once (contracts 3).
Saved, it holds recipients as keyed hashes only (contracts 22).
"""

from collections.abc import Iterable
from hashlib import blake2b

from msgspec import Struct, field

from gatepost.core.events import MAX_ADDRESSES
from gatepost.core.units import Account, Instant
from gatepost.mta.base import Record

NONE: frozenset[bytes] = frozenset()


class Message(Struct):
    """An open message of an authenticated account."""

    account: Account
    at: Instant
    """When it was handed in."""
    client: str = ""
    helo: str = ""
    mechanism: str = ""
    tls: bool = False
    sender: str = ""
    told: int = -1
    """Recipients the arrival line stated; -1: it did not say."""
    delivered: int = 0
    """Delivered since last told."""
    more: int = 0
    """Recipients that became known since last told."""
    done: set[str] = field(default_factory=set)
    """Original recipients that are delivered or failed."""
    waiting: set[str] = field(default_factory=set)
    """Original recipients that were deferred and are not done."""
    old_done: frozenset[bytes] = NONE
    """Marks of those that were done when the message was saved."""
    old_waiting: frozenset[bytes] = NONE
    left: bool = False
    """Whether its first queue id is gone; it goes on under others."""
    copies: int = 0
    """Other queue ids under which it goes on (passage.py)."""
    kept: bool = False
    """gatepost keeps it in the queue: it is nobody's submission, and what becomes of it is the operator's doing."""
    message_id: str = ""
    """Only while messages are remembered for reports (sent.py)."""

    def deliver(self, address: str, key: bytes) -> bool:
        """Count a delivered recipient; False when it was done already."""
        done = self.done
        if address in done or (self.told == 1 and (done or self.old_done)):
            return False
        if self.old_done and mark(address, key) in self.old_done:
            return False
        done.add(address)
        self.delivered += 1
        if self.told < 0 and not self._waits(address, key):
            self.more += 1
        return True

    def hand(self, address: str, key: bytes) -> None:
        """A recipient goes on in another host's queue: it is known, and what becomes of it is told there."""
        delivered = self.delivered
        self.deliver(address, key)
        self.delivered = delivered

    def trouble(self, address: str, key: bytes, *, deferred: bool) -> bool:
        """A recipient failed or is deferred; False when that is nothing new."""
        if address in self.done or (self.old_done and mark(address, key) in self.old_done):
            return False
        waits = self._waits(address, key)
        if deferred and waits:
            return False
        if self.told < 0 and not waits:
            self.more += 1
        (self.waiting if deferred else self.done).add(address)
        return True

    @property
    def settled(self) -> bool:
        """Whether every recipient that the arrival line stated is done."""
        return 0 <= self.told <= len(self.done) + len(self.old_done)

    def expire(self, key: bytes) -> list[str]:
        """Give up every recipient that waits: their addresses, "" for those known by their marks alone."""
        known = [address for address in self.waiting if address not in self.done]
        self.done.update(known)
        over = self.old_done | {mark(address, key) for address in self.done} if self.old_waiting else NONE
        unknown = self.old_waiting - over
        self.old_done |= unknown
        self.old_waiting -= unknown
        return sorted(known) + [""] * len(unknown)

    def _waits(self, address: str, key: bytes) -> bool:
        return address in self.waiting or (bool(self.old_waiting) and mark(address, key) in self.old_waiting)


class Saved(Struct, array_like=True):
    """What one queue id stands for, as it is written down.

    An open message; with `first`, another queue id of one; with `spelling`, a message on its way into the queue.
    """

    account: Account
    at: Instant
    client: str = ""
    helo: str = ""
    mechanism: str = ""
    tls: bool = False
    sender: str = ""
    told: int = -1
    delivered: int = 0
    more: int = 0
    done: tuple[bytes, ...] = ()
    waiting: tuple[bytes, ...] = ()
    left: bool = False
    copies: int = 0
    first: str = ""
    """The message's first queue id."""
    spelling: str = ""
    """The login as given."""
    message_id: str = ""
    kept: bool = False
    user: str = ""
    """The local user, when `spelling` is his subject."""


def addresses(recipients: Iterable[str]) -> tuple[str, ...]:
    """The different recipients, in order and in lower case, at most MAX_ADDRESSES."""
    found = dict.fromkeys([address.lower() for address in recipients])
    return tuple(found) if len(found) <= MAX_ADDRESSES else tuple(found)[:MAX_ADDRESSES]


def mark(address: str, key: bytes) -> bytes:
    """The keyed 8-byte hash of a recipient."""
    return blake2b(address.encode("utf-8", "surrogateescape"), key=key, digest_size=8).digest()


def save(message: Message, key: bytes) -> Saved:
    """A message, its recipients hashed."""
    return Saved(
        message.account,
        message.at,
        message.client,
        message.helo,
        message.mechanism,
        message.tls,
        message.sender,
        message.told,
        message.delivered,
        message.more,
        (*message.old_done, *(mark(address, key) for address in message.done)),
        (*message.old_waiting, *(mark(address, key) for address in message.waiting)),
        message.left,
        message.copies,
        message_id=message.message_id,
        kept=message.kept,
    )


def load(saved: Saved) -> Message:
    """A message as it was; new outcomes are compared with the marks."""
    return Message(
        saved.account,
        saved.at,
        saved.client,
        saved.helo,
        saved.mechanism,
        saved.tls,
        saved.sender,
        saved.told,
        saved.delivered,
        saved.more,
        old_done=frozenset(saved.done),
        old_waiting=frozenset(saved.waiting),
        left=saved.left,
        copies=saved.copies,
        kept=saved.kept,
        message_id=saved.message_id,
    )


def save_opened(record: Record, account: Account) -> Saved:
    """A message on its way into the queue."""
    return Saved(
        account,
        record.time or Instant(0.0),
        record.client,
        record.helo,
        record.mechanism,
        record.tls,
        spelling=record.account or "",
        message_id=record.message_id,
        user=record.user,
    )


def load_opened(queue_id: str, saved: Saved) -> Record:
    """The line that began a message, as it was."""
    return Record(
        kind="submission",
        part="opened",
        time=saved.at,
        account=saved.spelling,
        user=saved.user,
        client=saved.client,
        helo=saved.helo,
        mechanism=saved.mechanism,
        tls=saved.tls,
        queue_id=queue_id,
        message_id=saved.message_id,
    )
