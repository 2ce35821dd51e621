"""Locking an account's password where it is kept, and unlocking it (contracts 18).

Owns the order's side: whose login, under which mark, one thing at a time. How a mark is set and taken away is the
lock's: lockedsql.py, lockedldap.py, lockedfile.py. The mark stands in front of the stored value or beside it, so
nothing is read, copied or kept of a password: unlocking takes the mark away, if it is still there. No `lossless` here:
what the breaker holds back is not carried out as a hold (contracts 27).
"""

import asyncio
import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from gatepost.act.keys import lower, unclear
from gatepost.core.errors import ActionError, StoreError
from gatepost.core.incident import Order
from gatepost.core.ports import Journal, Target

T = TypeVar("T")

LONGEST = 320
"""Characters of a login: 64, "@" and 255 (RFC 5321 section 4.5.3.1)."""

GONE = "not locked by gatepost any more: changed since by someone else, or unlocked already; left as it is"


class Lock(Protocol):
    """Where passwords are kept. Blocks: for a thread of its own."""

    place: str
    """For names and messages."""

    def lock(self, names: Sequence[str], mark: str) -> str:
        """Set a mark on every login among these that exists; what has it keeps it. Returns a note.

        Raises:
            ActionError: none of them exists, or one stands for more than one account; nothing was changed.
            StoreError: no answer, or a refusal.
        """
        ...

    def unlock(self, names: Sequence[str], mark: str) -> str:
        """Take this mark away, and nothing else."""
        ...

    def changed(self, locked: Sequence[tuple[Sequence[str], str]]) -> Sequence[bool]:
        """Of logins and marks that were set, whether somebody set the password anew: it is there without the mark."""
        ...


def mark_of(incident: str) -> str:
    """What marks a password: "{gatepost!ann@example.org#3}".

    In front of a stored value it is a password scheme that no server knows, so no password fits, whatever the default
    scheme: tried with Dovecot 2.3, where "!gatepost:…" before a cleartext password was itself a password that fits.
    """
    return "{gatepost!" + incident + "}"


MARK = "{gatepost!"
"""Begins every mark."""


def logins(account: str, spellings: Iterable[str]) -> list[str]:
    """The logins that may name the account where passwords are kept: its own name, and each spelling as it was seen.

    Raises:
        ActionError: one of them is not known exactly.
    """
    seen = tuple(spellings)
    names = dict.fromkeys([*([account] if all(name.isascii() for name in seen) else []), *seen, *map(lower, seen)])
    for name in names:
        wrong = unclear(name) or _unfit(name)
        if wrong:
            raise ActionError(
                f"the login {name!r} cannot be looked up: {wrong}; change this account's password by hand"
            )
    return list(names)


def _unfit(name: str) -> str:
    if not name or any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        return "it is empty or has control characters"
    return f"it is longer than {LONGEST} characters" if len(name) > LONGEST else ""


_QUEUES: dict[str, ThreadPoolExecutor] = {}
"""One thread for each place, whatever configuration is loaded: what a deadline left behind ends before the next begins,
so that a late lock never comes after its release."""


class Credentials:
    """An Action that locks passwords."""

    def __init__(
        self,
        kind: str,
        lock: Lock,
        journal: Journal,
        on: frozenset[str] = frozenset({"blocked"}),
        *,
        releases: bool = False,
    ) -> None:
        """Say where; nothing is connected yet.

        Args:
            kind: "sql", "ldap" or "passwd".
            lock: where passwords are kept.
            journal: says what must be locked.
            on: the orders that lock: "held", "blocked".
            releases: whether a password that was set anew ends the incident.
        """
        self.name, self.ensures, self.releases = f"{kind}:{lock.place}", on, releases
        self._lock, self._journal = lock, journal

    def plan(self, order: Order, target: Target) -> str:
        """The undo record, JSON: {"mark": what is set, "logins": the logins it is looked for at}; no password.

        Raises:
            ActionError: a login that is not known exactly.
        """
        return json.dumps({"mark": mark_of(order.incident), "logins": logins(order.account, target.spellings)})

    async def load(self) -> None:
        """Get ready for the first order: importing a driver then would cost it half a second."""
        if (load := getattr(self._lock, "load", None)) is not None:
            await self._do(load)

    async def ensure(self, order: Order, target: Target) -> str:
        """Set the mark."""
        names, mark = _read(self.plan(order, target), self.name)
        return await self._do(lambda: self._lock.lock(names, mark))

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Take the mark away, from the undo record alone."""
        names, mark = _read(record, self.name)
        return await self._do(lambda: self._lock.unlock(names, mark))

    async def changed(self) -> list[str]:
        """Incidents whose locked password somebody has set anew since.

        Raises:
            ActionError: the place does not answer.
        """
        rows = [row for row in self._journal.standing(self.name) if row.state == "done"]
        if not rows:
            return []
        records = [_read(row.undo, self.name) for row in rows]
        changed = await self._do(lambda: self._lock.changed(records))
        return list(dict.fromkeys(row.order.incident for row, gone in zip(rows, changed, strict=True) if gone))

    async def _do(self, work: Callable[[], T]) -> T:
        queue = _QUEUES.setdefault(self.name, ThreadPoolExecutor(1, "credentials"))
        try:
            return await asyncio.get_running_loop().run_in_executor(queue, work)
        except StoreError as error:
            raise ActionError(str(error), retry=True) from error


def _read(record: str, action: str) -> tuple[list[str], str]:
    """Logins and mark of an undo record."""
    try:
        found = json.loads(record)
        return [str(name) for name in found["logins"]], str(found["mark"])
    except (ValueError, KeyError, TypeError):
        msg = f"{action}: no undo record, but {record[:80]!r}: restore the state from a backup"
        raise ActionError(msg) from None
