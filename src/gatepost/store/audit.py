"""The audit trail: who did what, when, why, and what came of it.

Append-only: the file itself refuses to change a row (a trigger in schema.py). Rows are written in the transaction of
what they tell of, and said in the log as well, which may be kept on another machine. They go with their incidents'
time, and with `gatepost forget`.
"""

from collections.abc import Sequence

import structlog
from msgspec import Struct

from gatepost.core.units import Account, Instant
from gatepost.store.file import StateFile

US = "gatepost"
"""Who acts when no operator does."""

SHOWN = 500
"""Characters of a reason, and of a result."""

log = structlog.get_logger("gatepost.audit")


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that was done."""

    at: Instant
    """When, by the clock."""
    who: str
    """A user of the host, with the one behind sudo; "gatepost" when nobody told it to."""
    what: str
    """A verb of an operator ("release --honest"), a level ("block"), or an order's key part ("blocked/2")."""
    account: Account = Account("")
    incident: str = ""
    why: str = ""
    result: str = ""
    number: int = 0
    """Grows by one; 0 until it is written."""


def append(store: StateFile, entry: Entry) -> None:
    """Write one row.

    Raises:
        StoreError: it could not be written.
    """
    why, result = entry.why[:SHOWN], entry.result[:SHOWN]
    values = (entry.at, entry.who, entry.what, entry.account, entry.incident, why, result)
    store.run(f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    log.info(entry.what, who=entry.who, account=entry.account, incident=entry.incident, why=why, result=result)


def entries(store: StateFile, account: Account | None = None, since: float = 0.0) -> Sequence[Entry]:
    """Rows since an instant, of one account or of all, oldest first."""
    where, values = ("AND account = ?", (account,)) if account is not None else ("", ())
    sql = f"SELECT {_COLUMNS}, number FROM audit WHERE at >= ? {where} ORDER BY number"
    return [
        Entry(at=at, who=who, what=what, account=of, incident=incident, why=why, result=result, number=number)
        for at, who, what, of, incident, why, result, number in store.run(sql, (since, *values))
    ]


def old(store: StateFile, before: float) -> int:
    """Forget rows from before an instant; returns their number."""
    return store.run("DELETE FROM audit WHERE at < ?", (before,)).rowcount


_COLUMNS = "at, who, what, account, incident, why, result"
