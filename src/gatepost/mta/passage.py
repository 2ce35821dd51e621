"""A message's way through lines, queue ids and filters, told as if it had one line and one queue id.

Owns what several lines say together: `client=` and the queue manager's line are one submission; a filter's copy of a
message is that message (`queued as`, `orig_queue_id=`, `orig_id=`); a refusal belongs to the account of its session.
The thread sees only what is left. Everything kept is bounded, and what is forgotten is nobody's.

A stranger's server can answer "queued as" with any queue id. It is believed of a filter alone: a relay on this host or
in a private network, and a message that came from such an address.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from gatepost.core.units import Account
from gatepost.mta.base import Record
from gatepost.mta.copies import Copies
from gatepost.mta.message import Message, Saved, load_opened, save_opened
from gatepost.mta.near import near
from gatepost.mta.sessions import Sessions

MAX_OPENED = 10_000
"""Messages of accounts on their way into the queue."""

MAX_FIRSTS = 100_000
"""Further queue ids of open messages."""

RELAYED = "submission"
"""The protocol of a service that takes mail for a mail server behind it."""

AT_ONCE = 600.0
"""Seconds from the first recipient to the queue; a message that took longer lay on hold, and counts when it began."""


class Passage:
    """Follows the messages and sessions of one host.

    Args:
        open: the thread's open messages, by their first queue id.
        touch: called with every queue id whose saved form changed.
        account: whose a record is.
    """

    def __init__(
        self, open: Mapping[str, Message | None], touch: Callable[[str], None], account: Callable[[Record], Account]
    ) -> None:
        self._open, self._touch, self._account = open, touch, account
        self.opened: dict[str, Record] = {}
        """Messages of accounts that are not in the queue yet."""
        self.firsts: dict[str, str] = {}
        """Queue ids under which an open message goes on, and its first one."""
        self.copies = Copies()
        self.sessions = Sessions()

    def follow(self, record: Record) -> list[Record]:
        """What a record means for the thread: nothing, itself, or records that waited for it."""
        kind, part = record.kind, record.part
        if kind == "own" or record.result == "refused":
            return self._refused(record)
        if kind == "delivery":
            return self._outcome(record)
        step = _STEPS.get(part)
        if step is not None:
            return step(self, record)
        return self._relayed(record) if kind == "submission" else [record]

    def _refused(self, record: Record) -> list[Record]:
        message = self.opened.get(record.queue_id)
        if record.part == "failed":
            self._forget(record.queue_id)
        if message is not None and not record.client:
            record = replace(record, account=message.account, user=message.user, client=message.client)
        return self.sessions.refused(record)

    # Messages on their way into the queue

    def _begun(self, record: Record) -> list[Record]:
        """A client begins a message: an account's, a filter's copy, or nobody's."""
        queue_id = record.queue_id
        found = self._ended(queue_id, record)
        first = self._first(record.parent) if record.parent else ""
        if record.account and not record.user:
            session = self.sessions.of(record)
            record.tls = session.tls
            found += self.sessions.logged_in(record, session)
        if queue_id and first in self._open:
            return found + self._joined(queue_id, first)
        if record.account and queue_id:
            self._open_up(record)
        elif queue_id and near(record.client):
            self.copies.begin(queue_id)
        elif queue_id:
            found.append(replace(record, part="received"))
        return found

    def _open_up(self, record: Record) -> None:
        if len(self.opened) >= MAX_OPENED:
            self._forget(next(iter(self.opened)))
        self.opened[record.queue_id] = record
        self._touch(record.queue_id)

    def _forget(self, queue_id: str) -> None:
        if self.opened.pop(queue_id, None) is not None:
            self._touch(queue_id)

    def _ended(self, queue_id: str, record: Record) -> list[Record]:
        """A queue id that is used again: its message left without a line that says so."""
        self._forget(queue_id)
        self.copies.take(queue_id)
        if queue_id in self._open:
            for child in [child for child, first in self.firsts.items() if first == queue_id]:
                self._left_behind(child)
        if queue_id in self.firsts or queue_id in self._open:
            return self._completed(Record(kind="part", part="completed", time=record.time, queue_id=queue_id))
        return []

    def _named(self, record: Record) -> list[Record]:
        message = self.opened.get(record.queue_id)
        if message is not None:
            message.message_id = record.message_id
            self._touch(record.queue_id)
        return []

    def _queued(self, record: Record) -> list[Record]:
        """The queue manager took a message on, for the first time or again."""
        queue_id = record.queue_id
        message = self.opened.pop(queue_id, None)
        if message is not None:
            self._touch(queue_id)
            bounce = message.user and not record.envelope_sender
            return [replace(record, part="local") if bounce else _submission(message, record)]
        if self.copies.wait(queue_id, record):
            return []
        if record.envelope_sender or queue_id in self._open or queue_id in self.firsts:
            return []
        return [replace(record, part="local")]

    def _picked_up(self, record: Record) -> list[Record]:
        """A local user's message, or one that the operator put through the queue again under a new id."""
        first = self._first(record.parent)
        if record.parent and first in self._open:
            self._left_behind(record.parent)
            return self._joined(record.queue_id, first)
        found = self._ended(record.queue_id, record)
        if record.kind != "submission" or record.parent:
            return [*found, replace(record, kind="part", account=None, user="")]
        self._open_up(record)
        return found

    # Messages in the queue

    def _first(self, queue_id: str) -> str:
        return self.firsts.get(queue_id, queue_id)

    def _outcome(self, record: Record) -> list[Record]:
        queue_id = record.queue_id
        if record.part == "handed" and self._is_copy(record.child, self._first(queue_id)):
            return self._joined(record.child, self._first(queue_id))
        if self.copies.wait(queue_id, record):
            return []
        first = self.firsts.get(queue_id)
        found = [record if first is None else replace(record, queue_id=first)]
        return found if record.part != "notice" else found + self._notified(record)

    def _is_copy(self, child: str, first: str) -> bool:
        """Whether the queue id that a filter named is of a message that a filter brought."""
        if first not in self._open:
            return False
        known = child in self.copies or (child in self._open and self._open[child] is None)
        return known or self.firsts.get(child) == first

    def _joined(self, child: str, first: str) -> list[Record]:
        """From here on `child` is the message `first`; what waited for this is told."""
        waited = self.copies.take(child)
        message = self._open[first]
        if message is None:
            return [Record(kind="part", part="local", queue_id=child)]
        if child not in self.firsts and child != first:
            if len(self.firsts) >= MAX_FIRSTS:
                self._left_behind(next(iter(self.firsts)))
            self.firsts[child] = first
            message.copies += 1
            self._touch(child)
            self._touch(first)
        return self._told(waited)

    def _told(self, waited: Iterable[Record]) -> list[Record]:
        return [told for record in waited for told in self.follow(record)]

    def _handed(self, record: Record) -> list[Record]:
        """A filter in front of the queue took on what a session sent: its copy is the message."""
        session = self.sessions.of(record)
        if not session.account or record.child not in self.copies:
            return []
        self._open_up(
            Record(
                kind="submission",
                time=record.time,
                account=session.account,
                client=session.client,
                mechanism=session.mechanism,
                tls=session.tls,
                queue_id=record.child,
            )
        )
        return self._told(self.copies.take(record.child))

    def _relayed(self, record: Record) -> list[Record]:
        """A submission service handed a message to the mail server, whose own lines may be in this log too."""
        queue_id = record.queue_id
        if queue_id in self.opened or queue_id in self.firsts or self._open.get(queue_id) is not None:
            return []
        waited = [each for each in self.copies.take(queue_id) if each.part != "queued"]
        return [record, *self._told(waited)]

    def _notified(self, record: Record) -> list[Record]:
        """A notification about a message, or what its recipient forwarded, is nobody's."""
        self.copies.take(record.child)
        if record.child in self._open or record.child in self.firsts or record.child in self.opened:
            return []
        return [Record(kind="part", part="local", time=record.time, queue_id=record.child, parent=record.queue_id)]

    def _completed(self, record: Record) -> list[Record]:
        """A queue id left the queue; its message did when no other id is left of it."""
        queue_id = record.queue_id
        self._forget(queue_id)
        if self.copies.wait(queue_id, record):
            return []
        first = self._left_behind(queue_id)
        message = self._open.get(first)
        if message is not None and not (message.left and message.copies <= 0):
            return []
        return [record if first == queue_id else replace(record, queue_id=first)]

    def _left_behind(self, queue_id: str) -> str:
        """Note that a queue id is gone; the first id of its message."""
        first = self.firsts.pop(queue_id, "")
        message = self._open.get(first or queue_id)
        if message is not None:
            message.left = message.left or not first
            message.copies -= bool(first)
            self._touch(first or queue_id)
        if first:
            self._touch(queue_id)
        return first or queue_id

    # What is saved

    def ids(self) -> set[str]:
        """Every queue id that has a saved form here."""
        return {*self.opened, *self.firsts}

    def firsts_of(self, ids: Iterable[str]) -> set[str]:
        """The first queue ids of the messages that go on under some of these."""
        return {self.firsts[queue_id] for queue_id in ids if queue_id in self.firsts}

    def save(self, queue_id: str) -> Saved | None:
        """The saved form of a queue id; None when there is none here."""
        if queue_id in self.opened:
            return save_opened(self.opened[queue_id], self._account(self.opened[queue_id]))
        first = self.firsts.get(queue_id)
        message = self._open.get(first) if first is not None else None
        return Saved(message.account, message.at, first=first or "") if message is not None else None

    def load(self, queue_id: str, saved: Saved) -> bool:
        """Take over a saved form; False when it is an open message's, which is not kept here."""
        if saved.first:
            self.firsts[queue_id] = saved.first
        elif saved.spelling:
            self.opened[queue_id] = load_opened(queue_id, saved)
        return bool(saved.first or saved.spelling)


_STEPS: dict[str, Callable[[Passage, Record], list[Record]]] = {
    "encrypted": lambda passage, record: passage.sessions.encrypted(record),
    "left": lambda passage, record: passage.sessions.left(record),
    "entered": lambda passage, record: passage.sessions.entered(record),
    "sent": lambda passage, record: passage.sessions.sent(record),
    "opened": Passage._begun,
    "named": Passage._named,
    "queued": Passage._queued,
    "local": Passage._picked_up,
    "handed": Passage._handed,
    "notice": Passage._notified,
    "completed": Passage._completed,
}


def _submission(opened: Record, queued: Record) -> Record:
    """What the client's line and the queue manager's say together."""
    began, taken = opened.time, queued.time
    if began is None or taken is None or taken - began <= AT_ONCE:
        opened.time = taken
    opened.part = ""
    opened.envelope_sender, opened.size = queued.envelope_sender, queued.size
    opened.recipient_count = queued.recipient_count
    return opened
