"""Customers who end a block themselves, as narrowly as contracts 19 says.

Owns the decision. Looking at the page does nothing; the button acts, once. It releases only when a database that the
account's own password does not open says that the password was changed after the theft was noticed, and the click comes
from a network that was the account's habit before the theft. Everything else is a request that an operator decides.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from msgspec.structs import replace

from gatepost.act.foreign import quoted, shown
from gatepost.act.page import Page, page
from gatepost.config.unlocking import SelfService as Rules
from gatepost.core.errors import ConfigError, StoreError
from gatepost.core.incident import Incident
from gatepost.core.units import Account, Instant, account_subject
from gatepost.ledger import habit
from gatepost.ledger import page as ledger
from gatepost.ledger.measures import NETWORKS, key_of
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House
from gatepost.store import links
from gatepost.store.database import Database
from gatepost.store.links import Link
from gatepost.store.place import place_of

CUSTOMER = "the customer (self-service)"
"""Who did it, in the audit trail."""

SUBJECT = "a customer asks to send again"

Obey = Callable[[Request, str], Awaitable[Reply]]

log = structlog.get_logger("gatepost.selfservice")


class SelfService:
    """Answers the page."""

    def __init__(self, house: House, desk: Desk, obey: Obey) -> None:
        """Say whose page.

        Args:
            house: whose incidents.
            desk: told of requests.
            obey: does what an operator, or here a customer, says.
        """
        self._house, self._desk, self._obey = house, desk, obey

    async def answer(self, secret: str, client: str, *, pressed: bool) -> Page:
        """One visit.

        Args:
            secret: what stands behind the page's address.
            client: address of the visitor.
            pressed: whether he pressed the button.
        """
        found = self._house.links.find(secret)
        if found is None:
            return page("gone")
        if not pressed:
            return page("ask", account=found[0].account)
        return await self._press(*found, client)

    async def _press(self, incident: Incident, link: Link, client: str) -> Page:
        """The button works once, whatever comes of it."""
        used = replace(link, used=self._house.clock.now(), client=client)
        links.put(self._house.store, used)
        why = self._stranger(incident, client) or await self._unchanged(incident)
        if why:
            return self._request(replace(used, why=why), incident)
        said = "new password, from a network of his own"
        request = Request("release", incident.account, said, "password-changed", incident=incident.key)
        reply = await self._obey(request, CUSTOMER)
        if reply.error:
            return self._request(replace(used, why=reply.error), incident)
        return page("done", account=incident.account)

    def _request(self, link: Link, incident: Incident) -> Page:
        links.put(self._house.store, link)
        lines = [
            f"{shown(incident.key)}, from {quoted(link.client, 60)}",
            f"not done by itself: {shown(link.why)}",
            f"ask him, then: gatepost release {shown(incident.key)} --password-changed --because '…'",
        ]
        self._desk.tell(f"request {incident.key}", SUBJECT, lines)
        return page("asked", account=incident.account)

    def _stranger(self, incident: Incident, client: str) -> str:
        """Why the click may be the thief's; "" when its network was habit before the theft."""
        origin = self._house.pipeline.observer.networks.origin(client)
        if origin is None:
            return "nobody can say where he is"
        held = self._house.pipeline.shelf.peek(account_subject(incident.account))
        if held is not None and _at_home(held, origin.network, incident.hostile_since or incident.opened):
            return ""
        return f"he is in {origin.network}, which was no habit of the account before"

    async def _unchanged(self, incident: Incident) -> str:
        """Why the password may be the stolen one; "" when it was changed since the theft was noticed."""
        rules = self._house.settings.selfservice
        if not rules.statement:
            return "no database says whether the password was changed"
        try:
            changed = await asyncio.to_thread(_changed, rules, incident.account)
        except (ConfigError, StoreError, ValueError) as error:
            log.error("the database could not be asked when a password was changed", reason=str(error))
            return "the database that knows when the password was changed could not be asked"
        return "" if changed > incident.opened else "the password was not changed since"


def _at_home(held: ledger.Page, network: str, before: Instant) -> bool:
    """Whether a network was habit of an account before an instant."""
    sights = held.known.get(key_of(NETWORKS), {})
    sight = sights.get(network)
    return sight is not None and sight[0] < before and habit.is_habit(sights, network, before, held.dirty)


def _changed(rules: Rules, account: Account) -> float:
    """When a password was changed last; 0 when nobody knows.

    Raises:
        ConfigError, StoreError: the database cannot be asked.
        ValueError: what it said is no time.
    """
    with Database(place_of(rules.database), rules.password).session() as session:
        rows = session.rows(rules.statement, {"login": account}, 1)
    return _time(rows[0][0]) if rows else 0.0


def _time(value: object) -> float:
    """Seconds of a time as databases give it: a number, a date with time, or its text; without a zone it is UTC."""
    if value is None:
        return 0.0
    if isinstance(value, (int, float)):
        return float(value)
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
