"""Which letters customers got: the last one of each matter."""

from msgspec import Struct

from gatepost.core.units import Account, Instant
from gatepost.store.sqlite import Sqlite


class Sent(Struct, frozen=True):
    """The last letter about one matter."""

    account: Account
    matter: str
    """"list" or "bulk"."""
    state: str
    """The letter: "first", "second", "proof" or "bulk"."""
    at: Instant
    """When it was sent."""
    listed: int
    """Dead addresses in it."""


def put(store: Sqlite, sent: Sent) -> None:
    """Write down that a letter was sent."""
    values = (sent.account, sent.matter, sent.state, sent.at, sent.listed)
    store.run("REPLACE INTO letters VALUES (?, ?, ?, ?, ?)", values)


def last(store: Sqlite, account: Account, matter: str) -> Sent | None:
    """The last letter about a matter."""
    row = store.run("SELECT * FROM letters WHERE account = ? AND matter = ?", (account, matter)).fetchone()
    return None if row is None else Sent(*row)


def of(store: Sqlite, account: Account) -> list[Sent]:
    """Every letter of which we know."""
    return [Sent(*row) for row in store.run("SELECT * FROM letters WHERE account = ? ORDER BY at", (account,))]


def candidates(store: Sqlite, since: float, least: int) -> list[Account]:
    """Accounts with so many dead addresses refused since an instant, or with a letter that asked for something."""
    many = "SELECT account FROM dead WHERE last > ? GROUP BY account HAVING count(*) >= ?"
    asked = "SELECT account FROM letters WHERE matter = 'list' AND state != 'proof'"
    return [Account(account) for (account,) in store.run(f"{many} UNION {asked} ORDER BY account", (since, least))]


def old(store: Sqlite, before: float) -> int:
    """Forget letters sent before an instant."""
    return store.run("DELETE FROM letters WHERE at < ?", (before,)).rowcount
