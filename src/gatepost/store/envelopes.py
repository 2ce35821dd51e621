"""The last messages of accounts under suspicion, for the letter to the abuse desk."""

from collections.abc import Iterable, Sequence

from gatepost.core.envelope import DOMAINS, KEPT, Envelope
from gatepost.core.units import Account, Instant
from gatepost.store.sqlite import Sqlite


def add(store: Sqlite, found: Iterable[Envelope]) -> None:
    """Write down messages; of each account the last ten stay."""
    many = list(found)
    rows = (
        (one.account, one.host, one.queue_id, one.at, one.client, one.sender, one.recipients, " ".join(one.domains))
        for one in many
    )
    store.many("REPLACE INTO envelopes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    last = "SELECT at FROM envelopes WHERE account = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
    for account in {one.account for one in many}:
        store.run(f"DELETE FROM envelopes WHERE account = ? AND at < ({last})", (account, account, KEPT - 1))


def grow(store: Sqlite, account: Account, host: str, queue_id: str, more: int, domains: Sequence[str]) -> None:
    """A message has further recipients; one that is not there stays away."""
    where = "WHERE account = ? AND host = ? AND queue_id = ?"
    row = store.run(f"SELECT domains FROM envelopes {where}", (account, host, queue_id)).fetchone()
    if row is not None:
        told = " ".join(list(dict.fromkeys((*row[0].split(), *domains)))[:DOMAINS])
        sql = f"UPDATE envelopes SET recipients = recipients + ?, domains = ? {where}"
        store.run(sql, (more, told, account, host, queue_id))


def of(store: Sqlite, account: Account, since: float = 0.0) -> list[Envelope]:
    """The last messages since an instant, newest first."""
    sql = "SELECT * FROM envelopes WHERE account = ? AND at >= ? ORDER BY at DESC, queue_id DESC LIMIT ?"
    return [_read(*row) for row in store.run(sql, (account, since, KEPT))]


def _read(
    account: str, host: str, queue_id: str, at: float, client: str, sender: str, recipients: int, domains: str
) -> Envelope:
    told = tuple(domains.split())
    return Envelope(Account(account), host, queue_id, Instant(at), client, sender, recipients, told)


def old(store: Sqlite, before: float) -> int:
    """Forget messages handed in before an instant."""
    return store.run("DELETE FROM envelopes WHERE at < ?", (before,)).rowcount
