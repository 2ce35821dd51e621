"""The lists of dead addresses in the state: at most so many an account, each with its first and latest refusal.

Writing a refusal twice changes nothing, so a log may be read again.
"""

from collections.abc import Iterable, Sequence

from gatepost.core.dead import MOST, Dead
from gatepost.core.units import Account
from gatepost.store.sqlite import Sqlite

_ADD = """
INSERT INTO dead VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, address) DO UPDATE SET
    first = min(first, excluded.first), last = max(last, excluded.last),
    cause = iif(excluded.last >= last, excluded.cause, cause),
    status = iif(excluded.last >= last, excluded.status, status),
    reply = iif(excluded.last >= last, excluded.reply, reply)"""

_TRIM = """
DELETE FROM dead WHERE account = ?1 AND address IN
    (SELECT address FROM dead WHERE account = ?1 ORDER BY last DESC, address LIMIT -1 OFFSET ?2)"""


def add(store: Sqlite, found: Sequence[Dead]) -> None:
    """Write refusals down, and let the oldest of a full list go."""
    store.many(_ADD, ((d.account, d.address, d.first, d.last, d.cause, d.status, d.reply) for d in found))
    store.many(_TRIM, ((account, MOST) for account in _full(store, {dead.account for dead in found})))


def _full(store: Sqlite, accounts: Iterable[Account]) -> list[Account]:
    sql = "SELECT count(*) FROM dead WHERE account = ?"
    return [account for account in accounts if store.run(sql, (account,)).fetchone()[0] > MOST]


def of(store: Sqlite, account: Account) -> list[Dead]:
    """An account's list, refused last first."""
    found = store.run("SELECT * FROM dead WHERE account = ? ORDER BY last DESC, address", (account,))
    return [Dead(*row) for row in found]


def disown(store: Sqlite, account: Account, since: float) -> int:
    """Delete what was first refused since an instant: a thief wrote there, not the owner."""
    return store.run("DELETE FROM dead WHERE account = ? AND first >= ?", (account, since)).rowcount


def old(store: Sqlite, before: float) -> int:
    """Delete what was refused last before an instant."""
    return store.run("DELETE FROM dead WHERE last < ?", (before,)).rowcount
