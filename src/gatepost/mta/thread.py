"""Joins the lines of one queue id into events with an account.

Owns the table of open messages of one host: recipients, outcomes, deferrals and late bounces belong to the account
that submitted the message, whatever file they are read from. At most `limit` messages are open; beyond that the
oldest are closed, and what comes for them later is counted as `unjoined` (contracts 10).

A recipient is an *original* envelope recipient: fifty members of one alias are one, and a message deferred twenty
times is deferred once (contracts 3). Delivered recipients are told together, when the message is complete or when
something else happens to it, so that an account's page is touched once a message.
"""

from collections.abc import Iterable

from gatepost.core.events import MAX_REPLY, AnyEvent, Cursor, Delivery, Login, Own, Submission
from gatepost.core.units import NOBODY, Account, Instant, fold_account
from gatepost.mta.base import Record
from gatepost.mta.message import Message, Saved, domains, load, save

LIMIT = 500_000
"""Open messages; about 200 bytes each."""

EARLY = 1_000
"""Deliveries kept for messages whose arrival line is still to come, as after Exim's cutthrough delivery (`>>` stands
before `<=`, within the same moment); the oldest go first. They are not saved."""


class Thread:
    """The open messages of one host."""

    def __init__(self, host: str, *, default_domain: str = "", key: bytes = b"", limit: int = LIMIT) -> None:
        """Start with an empty table.

        Args:
            host: the MTA whose queue ids these are.
            default_domain: the realm of logins without one.
            key: for the hashes of saved recipients; at most 64 bytes.
            limit: open messages.
        """
        self.host, self.default_domain, self.key, self.limit = host, default_domain, key, limit
        self.open: dict[str, Message | None] = {}
        """None: a message that is nobody's (incoming, a bounce, or tampered with)."""
        self.unjoined = 0
        self.touched: set[str] = set()
        """Queue ids whose message changed since the table was saved; kept only once it was loaded or saved."""
        self._kept = False
        self._early: dict[str, list[Record]] = {}
        self._waiting = 0
        """Records in `_early`."""

    def skim(self, queue_id: str, address: str) -> bool:
        """A recipient was delivered; False when the whole line must be read instead."""
        message = self.open.get(queue_id, self)
        if message is None:
            return True
        if message is self:
            return False
        assert isinstance(message, Message)
        if message.deliver(address, self.key) and self._kept:
            self.touched.add(queue_id)
        return True

    def feed(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        """What a record means, now that we know whose message it is about."""
        found = self._feed(record, cursor)
        if record.also is not None:
            found += self._feed(record.also, Cursor(cursor.source, cursor.generation, cursor.offset + len(found)))
        return found

    def _feed(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        kind = record.kind
        if kind == "delivery":
            return self._outcome(record, cursor)
        if kind == "part":
            return self._part(record, cursor)
        if kind == "submission":
            return self._submission(record, cursor)
        if kind == "login":
            return [self._login(record, cursor)]
        if kind == "own":
            return [self._own(record, cursor)] if record.account else []
        if kind == "unread" and record.queue_id and record.candidates:
            self._admit(record.queue_id, None)
        return []

    def _account(self, record: Record) -> Account:
        return fold_account(record.account, self.default_domain) if record.account else NOBODY

    def _login(self, record: Record, cursor: Cursor) -> Login:
        return Login(
            at=_at(record),
            account=self._account(record),
            host=self.host,
            cursor=cursor,
            client=record.client,
            ok=bool(record.ok),
            mechanism=record.mechanism,
            claimed=record.account or "",
            helo=record.helo,
            tls=record.tls,
        )

    def _own(self, record: Record, cursor: Cursor) -> Own:
        return Own(at=_at(record), account=self._account(record), host=self.host, cursor=cursor, client=record.client)

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

    def _submission(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        account, at, told = self._account(record), _at(record), record.recipients
        sender = record.envelope_sender or ""
        if record.queue_id:
            message = Message(account, at, record.client, record.helo, record.mechanism, record.tls, sender)
            message.told = -1 if told is None else len(told)
            self._admit(record.queue_id, message if account else None)
        found: list[AnyEvent] = [
            Submission(
                at=at,
                account=account,
                host=self.host,
                cursor=cursor,
                client=record.client,
                queue_id=record.queue_id,
                envelope_sender=sender,
                recipients=None if told is None else len(told),
                size=record.size or 0,
                message_id=record.message_id,
                helo=record.helo,
                mechanism=record.mechanism,
                tls=record.tls,
                spelling=record.account or "",
                domains=domains(told) if told else (),
            )
        ]
        for early in self._joined(record.queue_id) if self._early else ():
            found += self._outcome(early, _after(cursor, found))
        return found

    def _part(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        part, queue_id = record.part, record.queue_id
        if part == "completed":
            message = self.open.pop(queue_id, None)
            if message is None:
                return []
            self._touch(queue_id)
            return self._tell(queue_id, message, _at(record), cursor)
        if part in ("received", "local") and queue_id:
            self._admit(queue_id, None)
            self._joined(queue_id)
        return []

    def _outcome(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        if record.result == "refused":
            return self._refused(record, cursor)
        message = self.open.get(record.queue_id, self)
        if message is self:
            return self._unknown(record)
        if not isinstance(message, Message):
            return []
        if record.result == "delivered":
            if message.deliver(record.address, self.key):
                self._touch(record.queue_id)
            return []
        return self._trouble(record, message, cursor)

    def _unknown(self, record: Record) -> list[AnyEvent]:
        """An outcome before its arrival line, or after its message was closed."""
        self.unjoined += 1
        if record.result == "delivered":
            if self._waiting >= EARLY:
                self._waiting -= len(self._early.pop(next(iter(self._early))))
            self._early.setdefault(record.queue_id, []).append(record)
            self._waiting += 1
        return []

    def _joined(self, queue_id: str) -> list[Record]:
        """What came for a message before its arrival line, which is now read."""
        early = self._early.pop(queue_id, [])
        self._waiting -= len(early)
        self.unjoined -= len(early)
        return early

    def _refused(self, record: Record, cursor: Cursor) -> list[AnyEvent]:
        if not record.account:
            return []
        account = self._account(record)
        return [
            Delivery(
                at=_at(record),
                account=account,
                host=self.host,
                cursor=cursor,
                queue_id=record.queue_id,
                address=record.address,
                result="refused",
                status=record.status,
                reply=record.reply[:MAX_REPLY],
                client=record.client,
                helo=record.helo,
                mechanism=record.mechanism,
                tls=record.tls,
            )
        ]

    def _trouble(self, record: Record, message: Message, cursor: Cursor) -> list[AnyEvent]:
        """A recipient failed, or is deferred for the first time."""
        result = record.result
        if result is None or not message.trouble(record.address, self.key, deferred=result == "deferred"):
            return []
        self._touch(record.queue_id)
        found = self._tell(record.queue_id, message, _at(record), cursor)
        found.append(
            Delivery(
                at=_at(record),
                account=message.account,
                host=self.host,
                cursor=_after(cursor, found),
                queue_id=record.queue_id,
                address=record.address,
                result=result,
                status=record.status,
                reply=record.reply[:MAX_REPLY],
                client=message.client,
                helo=message.helo,
                mechanism=message.mechanism,
                tls=message.tls,
            )
        )
        return found

    def _tell(self, queue_id: str, message: Message, at: Instant, cursor: Cursor) -> list[AnyEvent]:
        """What became known of a message since last told: further recipients at its own time, and deliveries."""
        found: list[AnyEvent] = []
        if message.more:
            found.append(
                Submission(
                    at=message.at,
                    account=message.account,
                    host=self.host,
                    cursor=cursor,
                    client=message.client,
                    queue_id=queue_id,
                    envelope_sender=message.sender,
                    recipients=message.more,
                    helo=message.helo,
                    mechanism=message.mechanism,
                    tls=message.tls,
                    more=True,
                )
            )
        if message.delivered:
            found.append(
                Delivery(
                    at=at,
                    account=message.account,
                    host=self.host,
                    cursor=_after(cursor, found),
                    queue_id=queue_id,
                    address="",
                    result="delivered",
                    count=message.delivered,
                )
            )
        message.more = message.delivered = 0
        return found

    def save(self) -> tuple[list[tuple[str, Saved]], list[str]]:
        """The messages that changed since the last call, and the ids of those that are closed."""
        ids, self.touched = (self.touched if self._kept else set(self.open)), set()
        self._kept = True
        messages = [(queue_id, self.open.get(queue_id)) for queue_id in ids]
        changed = [(queue_id, save(message, self.key)) for queue_id, message in messages if message is not None]
        return changed, [queue_id for queue_id, message in messages if message is None]

    def load(self, saved: Iterable[tuple[str, Saved]]) -> None:
        """Take over the messages that were open when the table was saved."""
        self._kept = True
        for queue_id, message in saved:
            self.open[queue_id] = load(message)


def _at(record: Record) -> Instant:
    return record.time if record.time is not None else Instant(0.0)


def _after(cursor: Cursor, found: list[AnyEvent]) -> Cursor:
    """The cursor of the next event of one line."""
    return Cursor(cursor.source, cursor.generation, cursor.offset + len(found)) if found else cursor
