"""Joins the lines of one queue id into events with an account.

Owns the table of open messages of one host: recipients, outcomes, deferrals and late bounces belong to the account
that submitted the message, whatever file they are read from. At most `limit` messages are open; beyond that the
oldest are closed, and what comes for them later is counted as `early.unjoined` (contracts 10).

A recipient is an *original* envelope recipient: fifty members of one alias are one, and a message deferred twenty
times is deferred once (contracts 3). Delivered recipients are told together, when the message is complete or when
something else happens to it, so that an account's page is touched once a message.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from gatepost.core.accounts import Accounts
from gatepost.core.events import AnyEvent, Cursor
from gatepost.core.units import NOBODY, Account, Instant, kind_of
from gatepost.mta import told
from gatepost.mta.base import TAMPERED, Record
from gatepost.mta.early import Early
from gatepost.mta.handover import Handovers
from gatepost.mta.message import Message, Saved, load, save
from gatepost.mta.passage import RELAYED, Passage

LIMIT = 500_000
"""Open messages; about 200 bytes each."""

REMEMBERED = 100_000
"""Messages kept until they are written down for reports: more than any ten seconds bring."""


class Thread:
    """The open messages of one host."""

    def __init__(self, host: str, *, accounts: Accounts | None = None, key: bytes = b"", limit: int = LIMIT) -> None:
        """Start with an empty table.

        Args:
            host: the MTA whose queue ids these are.
            accounts: which logins are one account.
            key: for the hashes of saved recipients; at most 64 bytes.
            limit: open messages.
        """
        self.host, self.key, self.limit = host, key, limit
        self.accounts = accounts or Accounts()
        self.open: dict[str, Message | None] = {}
        """None: a message that is nobody's (incoming, a bounce, or tampered with)."""
        self.early = Early()
        self.touched: set[str] = set()
        """Queue ids whose message changed since the table was saved; kept only once it was loaded or saved."""
        self._kept = False
        self.sent: dict[str, Message] | None = None
        """Messages that were handed in or ended since somebody looked, by queue id; None: nobody wants to know."""
        self._passage = Passage(self.open, self._touch, self._account)
        self.handovers: Handovers | None = None
        """Other hosts of ours that mail is handed to and comes from."""

    def skim(self, queue_id: str, address: str) -> bool:
        """A recipient was delivered; False when the whole line must be read instead."""
        message = self.open.get(queue_id, self)
        if message is None:
            return self.handovers is None or not self.handovers.waits(self.host, queue_id)
        if message is self:
            first = self._passage.firsts.get(queue_id)
            return first is not None and self.skim(first, address)
        assert isinstance(message, Message)
        if message.deliver(address, self.key) and self._kept:
            self.touched.add(queue_id)
        return True

    def message(self, queue_id: str) -> Message | None:
        """The open message that goes under a queue id, when it is an account's or kept."""
        return self.open.get(self._passage.firsts.get(queue_id, queue_id))

    def feed(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """What a record means, now that we know whose message it is about."""
        return self.handovers.feed(self, record, cursor) if self.handovers is not None else self.read(record, cursor)

    def hand(self, queue_id: str, address: str) -> None:
        """A recipient of an open message goes on in another host's queue."""
        first = self._passage.firsts.get(queue_id, queue_id)
        message = self.open.get(first)
        if message is not None:
            message.hand(address, self.key)
            self._touch(first)

    def adopt(self, queue_id: str, message: Message) -> None:
        """A message that nobody had handed in on this host is this one."""
        self._passage.copies.take(queue_id)
        self._admit(queue_id, message)

    def read(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """What a record means on its own host."""
        found = self._once(record, cursor)
        if record.also is None and record.count == 1:
            return found
        also = record.also
        while also is not None:
            found += self._feed(also, told.after(cursor, found))
            also = also.also
        for _ in range(record.count - 1):
            found += self._once(record, told.after(cursor, found))
        return found

    def _once(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """What a line means, apart from what else it says and how often."""
        if not record.session and record.protocol != RELAYED:
            return self._feed(record, cursor)
        steps = self._passage.follow(record)
        if not steps:
            return []
        return self._feed(steps[0], cursor) if len(steps) == 1 else self._each(steps, cursor)

    def _each(self, records: list[Record], cursor: Cursor) -> list[AnyEvent]:
        """What a line says that stands for several."""
        found: list[AnyEvent] = []
        for each in records:
            found += self._feed(each, told.after(cursor, found))
        return found

    def _feed(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        kind = record.kind
        if kind == "delivery":
            found = self._outcome(record, cursor)
            return found if record.part != "counted" else self._counted(record, cursor, found)
        if kind == "part":
            return self._part(record, cursor)
        if kind == "submission":
            return self._submission(record, cursor)
        if kind == "login":
            return [told.login(record, self._account(record), self.host, cursor)]
        if kind == "own":
            return self._own(record, cursor)
        if kind == "unread" and record.why == TAMPERED and record.queue_id and self.message(record.queue_id) is None:
            self._admit(record.queue_id, None)
        return []

    def _own(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """gatepost's own answer: a refusal, or a message that is about to be taken in and kept."""
        if record.part == "kept":
            self._admit(record.queue_id, Message(NOBODY, told.at(record), kept=True))
        return [told.own(record, self._account(record), self.host, cursor)] if record.account else []

    def _account(self, record: Record) -> Account:
        """Whose a record is; a login that reads like a local user's subject is not his."""
        if record.user:
            return Account(record.account or "")
        account = self.accounts.fold(record.account) if record.account else NOBODY
        return account if kind_of(account) == "login" else Account(f"login:{account}")

    def _admit(self, queue_id: str, message: Message | None) -> None:
        if len(self.open) >= self.limit:
            oldest = next(iter(self.open))
            del self.open[oldest]
            self._touch(oldest)
        self.open[queue_id] = message
        if message is not None:
            self._touch(queue_id)

    def _touch(self, queue_id: str) -> None:
        if self._kept:
            self.touched.add(queue_id)

    def _remember(self, queue_id: str, message: Message) -> None:
        """Keep a message for whoever hears of it later; the oldest go first when nobody looks."""
        if self.sent is None or not message.account:
            return
        if len(self.sent) >= REMEMBERED:
            del self.sent[next(iter(self.sent))]
        self.sent[queue_id] = message

    def _submission(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        account, stated = self._account(record), told.recipients(record)
        waiting = self.open.get(record.queue_id)
        if waiting is not None and waiting.kept:
            return [told.own(record, account, self.host, cursor)] if account else []
        if record.queue_id:
            sender = record.envelope_sender or ""
            message = Message(
                account, told.at(record), told.client(record), record.helo, record.mechanism, record.tls, sender
            )
            message.told = -1 if stated is None else stated
            message.message_id = record.message_id if self.sent is not None else ""
            self._remember(record.queue_id, message)
            self._admit(record.queue_id, message if account else None)
        found: list[AnyEvent] = [told.submission(record, account, self.host, cursor)]
        for early in self.early.take(record.queue_id):
            found += self._outcome(early, told.after(cursor, found))
        return found

    def _part(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        part, queue_id = record.part, record.queue_id
        if part == "completed":
            message = self.open.pop(queue_id, None)
            if message is None:
                return []
            self._touch(queue_id)
            self._remember(queue_id, message)
            return self._tell(queue_id, message, told.at(record), cursor)
        if part == "kept":
            message = self.open.get(queue_id)
            return [told.kept(record, message, self.host, cursor)] if message is not None and message.account else []
        if part in ("received", "local") and queue_id:
            self._admit(queue_id, None)
            self.early.take(queue_id)
        return []

    def _outcome(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        if record.result == "refused":
            return self._refused(record, cursor)
        message = self.open.get(record.queue_id, self)
        if message is self:
            self.early.add(record)
            return []
        if not isinstance(message, Message):
            return []
        if record.result == "delivered":
            if message.deliver(record.address, self.key):
                self._touch(record.queue_id)
            return []
        return self._trouble(record, message, cursor)

    def _counted(self, record: Record, cursor: Cursor, found: list[AnyEvent]) -> list[AnyEvent]:
        """An outcome of a message whose end no line tells: it ends when every recipient is done."""
        message = self.open.get(record.queue_id)
        if message is None or not message.settled:
            return found
        return found + self._part(replace(record, kind="part", part="completed"), told.after(cursor, found))

    def _refused(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        return [told.refused(record, self._account(record), self.host, cursor)] if record.account else []

    def _trouble(self, record: Record, message: Message, cursor: Cursor) -> list[AnyEvent]:
        """A recipient failed, or is deferred for the first time; or all that wait are given up."""
        result = record.result
        if result is None:
            return []
        if record.part == "failed":
            addresses = message.expire(self.key)
        elif message.trouble(record.address, self.key, deferred=result == "deferred"):
            addresses = [record.address]
        else:
            return []
        self._touch(record.queue_id)
        found = self._tell(record.queue_id, message, told.at(record), cursor)
        for address in addresses:
            found.append(told.trouble(record, message, address, result, self.host, told.after(cursor, found)))
        return found

    def _tell(self, queue_id: str, message: Message, at: Instant, cursor: Cursor) -> list[AnyEvent]:
        """What became known of a message since last told: further recipients at its own time, and deliveries."""
        found: list[AnyEvent] = []
        if message.more:
            found.append(told.more(message, queue_id, self.host, cursor))
        if message.delivered:
            found.append(told.delivered(message, queue_id, at, self.host, told.after(cursor, found)))
        message.more = message.delivered = 0
        return found

    def save(self) -> tuple[list[tuple[str, Saved]], list[str]]:
        """What changed since the last call, and the queue ids that stand for nothing any more."""
        ids, self.touched = (self.touched if self._kept else {*self.open, *self._passage.ids()}), set()
        self._kept = True
        changed, closed = list[tuple[str, Saved]](), list[str]()
        for queue_id in {*ids, *self._passage.firsts_of(ids)}:
            saved = self._saved(queue_id)
            if saved is None:
                closed.append(queue_id)
            else:
                changed.append((queue_id, saved))
        return changed, closed

    def _saved(self, queue_id: str) -> Saved | None:
        message = self.open.get(queue_id)
        return save(message, self.key) if message is not None else self._passage.save(queue_id)

    def load(self, saved: Iterable[tuple[str, Saved]]) -> None:
        """Take over what was open when the table was saved."""
        self._kept = True
        for queue_id, message in saved:
            if not self._passage.load(queue_id, message):
                self.open[queue_id] = load(message)
