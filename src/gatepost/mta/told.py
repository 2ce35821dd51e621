"""Events about an account, made from records and messages.

Owns which field goes where; when an event is due is the thread's to know.
"""

from gatepost.core.events import MAX_REPLY, AnyEvent, Cursor, Delivery, Login, Own, Result, Service, Submission
from gatepost.core.units import HIDDEN, Account, Instant
from gatepost.mta.base import TAMPERED, Record
from gatepost.mta.message import Message, addresses

_SERVICES: dict[str, Service] = {"imap": "imap", "pop3": "pop3", "sieve": "other", "lmtp": "other"}
"""What a login's protocol makes of it; a mail server's own logins are for submission."""


def at(record: Record) -> Instant:
    """When a record happened; the epoch when nobody knows."""
    return record.time if record.time is not None else Instant(0.0)


def after(cursor: Cursor, found: list[AnyEvent]) -> Cursor:
    """The cursor of the next event of one line."""
    return Cursor(cursor.source, cursor.generation, cursor.offset + len(found)) if found else cursor


def recipients(record: Record) -> int | None:
    """How many recipients a record states; the number, where it names others too that were not taken."""
    count, named = record.recipient_count, record.recipients
    return len(named) if count is None and named is not None else count


def login(record: Record, account: Account, host: str, cursor: Cursor) -> Login:
    """Somebody logged in, or tried to."""
    return Login(
        at=at(record),
        account=account,
        host=host,
        cursor=cursor,
        client=client(record),
        ok=bool(record.ok),
        service=_SERVICES.get(record.protocol, "submission"),
        mechanism=record.mechanism,
        claimed=record.account or "",
        helo=record.helo,
        tls=record.tls,
    )


def own(record: Record, account: Account, host: str, cursor: Cursor) -> Own:
    """Our own refusal, or a message that we keep."""
    return Own(at=at(record), account=account, host=host, cursor=cursor, client=client(record))


def kept(record: Record, message: Message, host: str, cursor: Cursor) -> Own:
    """An access rule froze a message that was told as accepted."""
    known = max(message.told, 0)
    return Own(at=at(record), account=message.account, host=host, cursor=cursor, client=message.client, kept=known)


def client(record: Record) -> str:
    """Where a record's event came from; of a line that several clients can be read from, that nobody knows."""
    return record.client or (HIDDEN if record.why == TAMPERED else "")


def submission(record: Record, account: Account, host: str, cursor: Cursor) -> Submission:
    """A message was handed in."""
    return Submission(
        at=at(record),
        account=account,
        host=host,
        cursor=cursor,
        client=client(record),
        queue_id=record.queue_id,
        envelope_sender=record.envelope_sender or "",
        recipients=recipients(record),
        size=record.size or 0,
        message_id=record.message_id,
        helo=record.helo,
        mechanism=record.mechanism,
        tls=record.tls,
        spelling="" if record.user else record.account or "",
        addresses=addresses(record.recipients) if record.recipients else (),
    )


def refused(record: Record, account: Account, host: str, cursor: Cursor) -> Delivery:
    """A recipient or a message was refused in the session."""
    return Delivery(
        at=at(record),
        account=account,
        host=host,
        cursor=cursor,
        queue_id=record.queue_id,
        address=record.address,
        result="refused",
        status=record.status,
        reply=record.reply[:MAX_REPLY],
        client=client(record),
        helo=record.helo,
        mechanism=record.mechanism,
        tls=record.tls,
    )


def trouble(record: Record, message: Message, address: str, result: Result, host: str, cursor: Cursor) -> Delivery:
    """A recipient of a message failed or was put off."""
    return Delivery(
        at=at(record),
        account=message.account,
        host=host,
        cursor=cursor,
        queue_id=record.queue_id,
        address=address,
        result=result,
        status=record.status,
        reply=record.reply[:MAX_REPLY],
        receiver=record.receiver,
        client=message.client,
        helo=message.helo,
        mechanism=message.mechanism,
        tls=message.tls,
    )


def more(message: Message, queue_id: str, host: str, cursor: Cursor) -> Submission:
    """Recipients of a message that became known after it was handed in, at its own time."""
    return Submission(
        at=message.at,
        account=message.account,
        host=host,
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


def delivered(message: Message, queue_id: str, time: Instant, host: str, cursor: Cursor) -> Delivery:
    """Recipients of a message that were delivered since it was last told."""
    return Delivery(
        at=time,
        account=message.account,
        host=host,
        cursor=cursor,
        queue_id=queue_id,
        address="",
        result="delivered",
        count=message.delivered,
    )
