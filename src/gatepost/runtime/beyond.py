"""Orders that no configured action can carry out: said at once, in the journal and in the letter (contracts 8).

A deny table stops logins; a local user does not log in. Silence would read as if he had been stopped.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gatepost.core.incident import STOPPING, Order
from gatepost.core.ports import LOGINS, Action, RowState
from gatepost.core.units import Instant, kind_of
from gatepost.store.sqlite import Sqlite

NOBODY = "nobody"
"""The action in the journal's row."""

WHY = "no action configured here acts on local users: lock this one, or his web site, on that host"

NEVER = 4102444800.0
"""2100-01-01: the next try of what trying again cannot help."""


def carriers(order: Order, actions: Iterable[Action]) -> list[str]:
    """The names of the actions that an order concerns.

    What stands in the place of a block also concerns whatever would have blocked and loses nothing by it: else a
    hold that no action knows would be nothing at all (contracts 27).
    """
    kind = kind_of(order.account)
    return [
        action.name
        for action in actions
        if kind in getattr(action, "subjects", LOGINS)
        and (order.ensure in action.ensures or (order.instead in action.ensures and getattr(action, "lossless", False)))
    ]


def helpless(order: Order, actions: Iterable[Action]) -> bool:
    """Whether an order is to stop somebody whom nothing here can stop."""
    return kind_of(order.account) != "login" and order.ensure in STOPPING and not carriers(order, actions)


def admit(store: Sqlite, order: Order, at: Instant, state: RowState) -> None:
    """Write down that an order is beyond us: it failed and is not tried again; in observe mode it would have."""
    store.plan(order, NOBODY, at, state)
    if state == "planned":
        store.close_row(order.key, NOBODY, "failed", WHY, at, NEVER)


def admitted(orders: Sequence[Order], actions: Iterable[Action]) -> Sequence[Order]:
    """The same orders; the letter says so when nothing can be done."""
    if not any(helpless(order, actions) for order in orders):
        return orders
    told = (("NOT stopped", WHY),)
    return [replace(order, detail=told) if order.ensure == "notified" else order for order in orders]
