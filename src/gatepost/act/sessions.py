"""Ends the sessions of an account, and lets Dovecot forget what it knows of its password.

Owns who is named: never a pattern and never a network, which doveadm would take for everybody else's sessions, too. How
Dovecot is told is in doveadm.py.
"""

import asyncio
import re
from typing import Protocol

from gatepost.act.keys import lower, unclear
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import Journal, Target

MOST = 50
"""Names of one account that are told."""

SETTLE = 2.0
"""Seconds to wait for the account's other measures: a login between them would be remembered again."""

LOOK = 0.05
"""Seconds between two looks."""

_NETWORK = re.compile(r"[0-9][0-9a-fA-FxX.]*|[0-9a-fA-FxX.:/\[\]]*[:/][0-9a-fA-FxX.:/\[\]]*")
"""What doveadm may take for an address or a network: inet_aton(3) reads "10" and "0x7f.1", too (doveadm-kick(1))."""


class Dovecot(Protocol):
    """Dovecot as far as sessions are concerned."""

    async def kick(self, name: str) -> int:
        """End all sessions of a user; how many, as far as Dovecot says so.

        Raises:
            ActionError: it cannot be told; worth another try.
        """
        ...

    async def forget(self, names: list[str]) -> None:
        """Drop what the auth cache holds of these users.

        Raises:
            ActionError: it cannot be told; worth another try.
        """
        ...


class Sessions:
    """An Action that ends sessions."""

    lossless = True
    """Whoever was thrown out logs in again: the breaker lets it carry out a hold in the place of a block."""

    def __init__(self, journal: Journal, dovecot: Dovecot, *, name: str, on: frozenset[str]) -> None:
        """Say whose.

        Args:
            journal: says how far the other measures are.
            dovecot: how it is told.
            name: the action's.
            on: the orders that end sessions: "held", "blocked".
        """
        self.name, self.ensures = name, on
        self._journal, self._dovecot = journal, dovecot

    def plan(self, order: Order, target: Target) -> str:
        """The undo record: that there may be something to forget.

        Raises:
            ActionError: none of the account's names can be told.
        """
        if not _names(order, target):
            msg = f"doveadm would take {order.account!r} for a pattern or a network: end its sessions by hand"
            raise ActionError(msg)
        return "sessions"

    async def ensure(self, order: Order, target: Target) -> str:
        """End the account's sessions at once, and again when it is locked: somebody may have come back meanwhile.

        Raises:
            ActionError: Dovecot cannot be told.
        """
        names = _names(order, target)
        ended = await self._end(names)
        if await self._waited(order, frozenset({"planned", "running"})):
            ended += await self._end(names)
        left = len(set(map(lower, target.spellings)) - set(names))
        more = f"; {left} of its names are patterns or networks to doveadm: not told" if left else ""
        return (f"sessions ended: {ended}" if ended else "no session was open") + more

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Nothing is taken back, but what Dovecot remembers of refused logins is forgotten.

        Raises:
            ActionError: Dovecot cannot be told.
        """
        await self._waited(order, frozenset({"done", "running"}))
        if names := _names(order, target):
            await self._dovecot.forget(names)
        return "ended sessions stay ended: the owner logs in again"

    async def _end(self, names: list[str]) -> int:
        """Forget the password, then end the sessions."""
        await self._dovecot.forget(names)
        return sum([await self._dovecot.kick(name) for name in names])

    async def _waited(self, order: Order, unlike: frozenset[str]) -> bool:
        """Wait for the other measures of this incident, for a moment; queued mail has no part in logins.

        Returns:
            Whether there was anything to wait for.
        """
        for turn in range(int(SETTLE / LOOK)):
            rows = [row for row in self._journal.rows(order.incident) if row.order.ensure != "notified"]
            others = [row for row in rows if row.action != self.name and not row.action.startswith("queue:")]
            if not any(row.state in unlike for row in others):
                return turn > 0
            await asyncio.sleep(LOOK)
        return True


def _names(order: Order, target: Target) -> list[str]:
    """Every spelling that can be told, each once."""
    return sorted(filter(_plain, dict.fromkeys(map(lower, (order.account, *target.spellings)))))[:MOST]


def _plain(name: str) -> bool:
    """Whether doveadm takes a name for exactly this user."""
    bad = unclear(name) or not name.isprintable() or any(char in name for char in "*?|")
    return bool(name) and not bad and not _NETWORK.fullmatch(name)
