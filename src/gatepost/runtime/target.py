"""What an action gets to know beyond its order."""

from collections.abc import Iterable

from gatepost.act.postfixqueue import Logged
from gatepost.core.incident import Incident
from gatepost.core.ports import Target
from gatepost.core.units import Account
from gatepost.ledger import habit
from gatepost.ledger.measures import NETWORKS, key_of
from gatepost.ledger.page import Page
from gatepost.mta.thread import Thread

_NETWORKS = key_of(NETWORKS)


def of(account: Account, incident: Incident, page: Page | None) -> Target:
    """The spellings of an account, and the networks that were habit when its incident opened.

    A day that the incident touched teaches nothing, so a habit of now that is older was one then.
    """
    spellings = tuple(page.spellings) if page is not None else ()
    return Target(tuple(dict.fromkeys((str(account), *spellings))), incident, _habits(page, incident.opened))


def _habits(page: Page | None, at: float) -> tuple[str, ...]:
    sights: habit.Sights = page.known.get(_NETWORKS, {}) if page is not None else {}
    dirty = page.dirty if page is not None else ()
    return tuple(value for value, _ in habit.lasts(sights) if habit.is_habit(sights, value, at, dirty))


def logged(threads: Iterable[Thread], queue_id: str) -> Logged | None:
    """What the logs say of a queued message; None when none knows it."""
    for thread in threads:
        found = thread.message(queue_id)
        if found is not None:
            return Logged(found.account, found.at, found.client, found.sender)
    return None
