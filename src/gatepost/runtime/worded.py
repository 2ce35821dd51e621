"""A word about a throttle, where somebody wants one.

The docket orders a word from hold on (contracts 1): people are not told of everything that is slow. An action that
names throttle among its levels gets the word all the same, once an incident.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gatepost.core.incident import Order
from gatepost.core.ports import Action, Journal


def worded(orders: Sequence[Order], actions: Iterable[Action], journal: Journal) -> Sequence[Order]:
    """The same orders, and behind a throttle that nobody was told of the word about it.

    Args:
        orders: of one incident and step.
        actions: those that are configured.
        journal: what was told before; the same step is told again to whoever was not there.
    """
    slow = next((order for order in orders if order.ensure == "throttled"), None)
    if slow is None or any(order.ensure == "notified" for order in orders):
        return orders
    if not any("throttle" in getattr(action, "levels", ()) for action in actions):
        return orders
    rows = journal.rows(slow.incident)
    if any(row.order.ensure == "notified" and row.order.step < slow.step for row in rows):
        return orders
    return (*orders, replace(slow, ensure="notified"))
