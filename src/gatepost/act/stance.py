"""What the doors are to say about an account: the deny table of those who ask.

An action like every other: its rows in the journal are the truth, so that mode, breaker, exemptions and releases hold
at the doors as they hold for a table. What stands is kept in memory, and read from the journal again at start.
"""

from collections.abc import Mapping
from types import MappingProxyType

from gatepost.core.incident import Ensure, Order
from gatepost.core.ports import LOGINS, Journal, Target
from gatepost.core.units import Account, Kind

NAME = "doors"

_STRENGTH: dict[Ensure, int] = {"throttled": 1, "held": 2, "blocked": 3}


class Stance:
    """An Action that keeps what every door answers equal to what stands in the journal."""

    lossless = True
    """Undone, everything is as before: the breaker lets it carry out a hold in the place of a block."""

    def __init__(self, journal: Journal, on: frozenset[str], subjects: frozenset[Kind] = LOGINS) -> None:
        """Read what stands.

        Args:
            journal: says what must stand.
            on: the orders that the doors act on: "throttled", "held", "blocked".
            subjects: whom the doors are asked about.

        Raises:
            StoreError: the journal cannot be read.
        """
        self.name, self.ensures, self.subjects = NAME, on, subjects
        self._journal = journal
        self._now: Mapping[Account, Ensure] = {}
        self._instead = frozenset[Account]()
        self._read()

    def of(self, account: Account) -> Ensure | None:
        """What stands about an account; None is nothing."""
        return self._now.get(account)

    def instead(self, account: Account) -> bool:
        """Whether an account is held because the breaker held back its block."""
        return account in self._instead

    @property
    def all(self) -> Mapping[Account, Ensure]:
        """Every account about which something stands."""
        return MappingProxyType(dict(self._now))

    def plan(self, order: Order, target: Target) -> str:
        """The undo record: the journal's row is enough."""
        return ""

    async def ensure(self, order: Order, target: Target) -> str:
        """Let the doors know, this order's row is running."""
        self._read()
        return f"the doors answer {order.account}: {self._now.get(order.account, 'pass')}"

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Let the doors forget this order's incident."""
        self._read(without=order.incident)
        return f"the doors answer {order.account}: {self._now.get(order.account, 'pass')}"

    def _read(self, without: str = "") -> None:
        found: dict[Account, Ensure] = {}
        instead = set[Account]()
        for row in self._journal.standing(self.name):
            order = row.order
            if order.incident != without and _STRENGTH.get(order.ensure, 0) > _STRENGTH.get(
                found.get(order.account, "released"), 0
            ):
                found[order.account] = order.ensure
            if order.incident != without and order.instead is not None:
                instead.add(order.account)
        self._now, self._instead = found, frozenset(instead)
