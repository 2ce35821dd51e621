"""Messages that have left, and the reports about them that were counted."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, msgpack
from msgspec.structs import replace

from gatepost.core.events import Cursor, Delivery
from gatepost.core.units import Account, Instant
from gatepost.mta.message import Message
from gatepost.mta.sent import Sent, id_mark, sent, verp_mark
from gatepost.mta.thread import Thread
from gatepost.store.file import Query
from gatepost.store.sqlite import Sqlite

SOURCE = "reports"
"""What the cursors of counted reports call their source; their numbers are its offsets."""


class Left(Struct, frozen=True):
    """A message that has left."""

    queue_id: str
    host: str
    account: Account
    accepted: Instant
    message_id: bytes
    """Its mark."""
    sent: Sent


def remember(store: Sqlite, threads: Iterable[Thread], key: bytes) -> None:
    """Write down what has left lately, anew when it is known already; inside the caller's transaction."""
    for thread in threads:
        rows = (_row(queue_id, thread.host, message, key) for queue_id, message in (thread.sent or {}).items())
        store.many("REPLACE INTO sent VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def remembered(threads: Iterable[Thread]) -> None:
    """The transaction ended well."""
    for thread in threads:
        if thread.sent:
            thread.sent.clear()


def _row(queue_id: str, host: str, one: Message, key: bytes) -> Query:
    ids = id_mark(one.message_id, key), verp_mark(one.sender, key)
    return (queue_id, host, one.account, one.at, *ids, msgpack.encode(sent(one, key)))


def under(store: Sqlite, queue_id: str) -> Sequence[Left]:
    """The messages with a queue id, of all hosts."""
    return _left(store, "queue_id = ?", (queue_id,))


def called(store: Sqlite, message_id: bytes) -> Sequence[Left]:
    """The messages with the mark of a Message-ID, newest first, at most ten."""
    return _left(store, "message_id = ?", (message_id,)) if message_id else []


def sent_by(store: Sqlite, sender: bytes) -> Sequence[Left]:
    """The messages with the mark of a sender that holds its recipient, newest first, at most ten."""
    return _left(store, "sender = ? AND sender != x''", (sender,)) if sender else []


def of_account(store: Sqlite, account: Account) -> tuple[Sequence[Left], Sequence[Delivery]]:
    """The messages of an account that are remembered, and the reports that were counted."""
    found = store.run("SELECT number, data FROM reports WHERE account = ? ORDER BY number", (account,))
    return _left(store, "account = ?", (account,), -1), [_event(*row) for row in found]


def count(store: Sqlite, about: Left, what: bytes, source: str, event: Delivery) -> bool:
    """Count a report; False when the same was counted before."""
    values = (about.queue_id, about.host, about.accepted, what, about.account, source, event.at, msgpack.encode(event))
    sql = "INSERT OR IGNORE INTO reports (queue_id, host, accepted, what, account, source, came, data)"
    return store.run(f"{sql} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values).rowcount == 1


def counted(store: Sqlite, account: Account, source: str, since: float) -> int:
    """How many reports about an account from one network were counted since an instant."""
    sql = "SELECT count(*) FROM reports WHERE account = ? AND source = ? AND came > ?"
    return int(store.run(sql, (account, source, since)).fetchone()[0])


def after(store: Sqlite, number: int) -> Sequence[Delivery]:
    """The reports that were counted after a number, each with its own as its offset."""
    found = store.run("SELECT number, data FROM reports WHERE number > ? ORDER BY number", (number,))
    return [_event(*row) for row in found]


def _event(number: int, data: bytes) -> Delivery:
    return replace(msgpack.decode(data, type=Delivery), cursor=Cursor(SOURCE, 0, number))


def _left(store: Sqlite, where: str, values: Query, most: int = 10) -> list[Left]:
    sql = f"SELECT queue_id, host, account, accepted, message_id, data FROM sent WHERE {where}"
    return [
        Left(queue_id, host, Account(account), Instant(accepted), bytes(mark), msgpack.decode(data, type=Sent))
        for queue_id, host, account, accepted, mark, data in store.run(
            f"{sql} ORDER BY accepted DESC LIMIT ?", (*values, most)
        )
    ]
