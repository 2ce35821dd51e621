"""What an incident asks for, as rows of the journal.

Owns what becomes of an order before any action sees it: the plan of the account says what a level means for it, the
breaker holds back what is too much, and what nothing here can carry out is said at once. What an operator asks for
himself passes plan and breaker.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from gatepost.config.plans import Plans
from gatepost.core.incident import ENSURES, Ensure, Incident, Order
from gatepost.core.ports import Action, Clock, RowState
from gatepost.judge import docket
from gatepost.runtime import beyond
from gatepost.runtime.breaker import Breaker, asked
from gatepost.runtime.worded import worded
from gatepost.store.sqlite import Sqlite

TRIPPED = ("held, not blocked", "too many blocks within an hour: only what can be undone is done; see [breaker]")
"""What a letter says when the breaker made a hold of a block."""

_LEVELS: Mapping[Ensure, str] = {ensure: level for level, ensure in ENSURES.items()}


class Giving:
    """Gives the orders of one configuration."""

    def __init__(
        self, store: Sqlite, clock: Clock, actions: Callable[[], Iterable[Action]], breaker: Breaker, plans: Plans
    ) -> None:
        """Say by what orders are given.

        Args:
            store: where they are written.
            clock: the time of day.
            actions: those that are configured now.
            breaker: bounds what gatepost does by itself.
            plans: what a level means for whom.
        """
        self._store, self._clock, self._actions = store, clock, actions
        self._breaker, self._plans = breaker, plans

    def give(self, orders: Sequence[Order], *, told: bool, enforcing: bool) -> None:
        """Rows for the actions that orders concern; a release is carried out from the rows that are there.

        Args:
            orders: of one incident and step.
            told: an operator gave them.
            enforcing: False: they are only noted.
        """
        state: RowState = "planned" if enforcing else "would"
        for order, carriers in self.concerned(orders, told=told, bounded=enforcing):
            for name in carriers:
                self._store.plan(order, name, self._clock.now(), state)
            self._admit(order, state)

    def concerned(self, orders: Sequence[Order], *, told: bool, bounded: bool) -> Iterator[tuple[Order, list[str]]]:
        """The orders that are really given, each with the actions that carry it out; nothing is written.

        Args:
            orders: of one incident and step.
            told: an operator gave them.
            bounded: by the breaker.
        """
        for order in self._settled(orders, told=told, bounded=bounded):
            yield order, beyond.carriers(order, self._actions())

    def take_up(self, incident: Incident) -> None:
        """Plan what the present level of an incident asks for, though it was only noted so far."""
        for order, carriers in self.concerned(docket.orders_of(incident), told=asked(incident), bounded=True):
            for name in carriers:
                self._store.take_up(order, name, self._clock.now())
            self._admit(order, "planned")

    def _admit(self, order: Order, state: RowState) -> None:
        """Write down that an order cannot be carried out by anything here; it is not tried again."""
        if beyond.helpless(order, self._actions()):
            beyond.admit(self._store, order, self._clock.now(), state)

    def _settled(self, orders: Sequence[Order], *, told: bool, bounded: bool) -> Sequence[Order]:
        if not told:
            orders = self._planned(orders)
            orders = self._bounded(orders) if bounded else orders
        return beyond.admitted(worded(orders, self._actions(), self._store), self._actions())

    def _planned(self, orders: Sequence[Order]) -> Sequence[Order]:
        """What the plan of the account makes of a measure, said in the letter about it."""
        found: list[Order] = []
        for order in orders:
            level = _LEVELS.get(order.ensure, "")
            means = self._plans.of(order.account, level) if level else ""
            if means == level:
                found.append(order)
                continue
            if means != "watch":
                found.append(replace(order, ensure=ENSURES[means]))
            why = ("measures", f"{level} means {means} for this account, by its plan")
            return [*found, *_saying(why, (one for one in orders if one is not order))]
        return found

    def _bounded(self, orders: Sequence[Order]) -> Sequence[Order]:
        """A hold in the place of a block that would be one too many, said in the letter about it."""
        block = next((order for order in orders if order.ensure == "blocked"), None)
        if block is None or not self._breaker.trips(block.incident):
            return orders
        held = replace(block, ensure="held", instead="blocked")
        return [held, *_saying(TRIPPED, (order for order in orders if order is not block))]


def _saying(why: tuple[str, str], orders: Iterable[Order]) -> list[Order]:
    return [replace(order, detail=(*order.detail, why)) for order in orders]
