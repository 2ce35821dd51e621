"""What becomes of incidents for which nothing was done: noted in observe mode, or found in old logs (contracts 10, 11).

When observe becomes enforce, fresh ones get the orders of their present level, through the breaker. Old ones end: their
rows stay `would`, and the account can be accused anew.
"""

from collections.abc import Container

from msgspec.structs import replace

from gatepost.core.evidence import Level
from gatepost.core.incident import Incident
from gatepost.core.ports import RowState
from gatepost.core.units import account_subject
from gatepost.judge import docket
from gatepost.judge.docket import Change
from gatepost.runtime.house import House

FRESH = 86400.0
"""Seconds: evidence older than this is not acted on when observe becomes enforce."""

_BEGUN: frozenset[RowState] = frozenset({"running", "done", "failed"})


def noted(house: House) -> list[Incident]:
    """Fresh standing incidents for which nothing is done or planned, newest first: whom `enforce` would act on."""
    since = house.clock.now() - FRESH
    found = house.store.find(standing=True)
    return [one for one in found if one.changed >= since and not _has(house, one, _BEGUN | {"planned"})]


def enforce(house: House) -> list[str]:
    """Plan the orders of what was only noted; returns the keys of the incidents concerned.

    Raises:
        StoreError: nothing was written.
    """
    acting = noted(house)
    with house.store.transaction():
        for incident in reversed(acting):
            house.giving.take_up(incident)
    return [incident.key for incident in acting]


def observe(house: House) -> int:
    """Note only what was planned under enforce and not begun; returns the number of rows."""
    return house.store.put_down(house.clock.now())


def let_go(house: House, but: Container[str] = ()) -> list[Change]:
    """End what is old and for which nothing was begun: it would hide the next theft of the same account.

    Args:
        house: whose incidents.
        but: keys of incidents that stay.

    Raises:
        StoreError: as `House.settle`; nothing is lost.
    """
    since = house.clock.now() - FRESH
    stale = [one for one in house.store.find(standing=True) if one.changed < since and one.key not in but]
    old = [one for one in stale if not _has(house, one, _BEGUN)]
    changes = [change for incident in old if (change := _end(house, incident)) is not None]
    house.settle(changes)
    return changes


def _has(house: House, incident: Incident, states: frozenset[str]) -> bool:
    return any(row.state in states for row in house.store.rows(incident.key))


def _end(house: House, incident: Incident) -> Change | None:
    page = house.pipeline.shelf.page(account_subject(incident.account))
    standing = docket.standing(page)
    if standing is None or standing.key != incident.key:
        return None
    verdict = house.pipeline.engine.policy.verdict(page, incident.account, house.clock.now())
    change = docket.lapse(page, replace(verdict, level=Level.CLEAR))
    if page.incident is not None:
        house.pipeline.incidents[incident.key] = page.incident
    return change
