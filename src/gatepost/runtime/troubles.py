"""Receivers that refuse everybody, as they are found while lines are read.

Owns who is a witness, and what the desk will be told. No clock, no I/O: the same in replay and live.
"""

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.events import Delivery
from gatepost.core.facts import BounceClass, Observation
from gatepost.core.units import Instant
from gatepost.engine import Engine
from gatepost.enrich.bounces.listing import Listing, listing
from gatepost.ledger.familiar import mark
from gatepost.ledger.page import Page
from gatepost.ledger.receivers import Receivers
from gatepost.ledger.site import Site

MAX_TOLD = 100
"""Receivers in trouble that wait to be told; more are not kept."""


class Refusing(Struct, frozen=True):
    """A receiver began to refuse everybody."""

    receiver: str
    """Who runs it: "example.net"; the host's owner chose the name."""
    cause: BounceClass
    at: Instant
    host: str
    """Our server that was refused."""
    accounts: int
    """Accounts refused within the hour before."""
    reply: str
    """One of its refusals, as it stands."""
    listing: Listing | None
    """The blocklist it names."""


class Troubles:
    """Watches what honest accounts are refused."""

    def __init__(self, receivers: Receivers | None = None) -> None:
        self.receivers = receivers if receivers is not None else Receivers()
        self.told: list[Refusing] = []

    def look(self, seen: Observation, page: Page, engine: Engine, site: Site) -> Observation:
        """A refusal, with who refused; spared when that receiver refuses everybody."""
        event, cause = seen.event, seen.bounce
        if not isinstance(event, Delivery) or event.result != "bounced" or cause is None:
            return seen
        receiver = self.receivers.named(event.receiver, event.address)
        if engine.usual(seen, page, site):
            account = mark(event.account, engine.key)
            if self.receivers.witness(receiver, cause, account, event.at) and len(self.told) < MAX_TOLD:
                self.told.append(self._refusing(event, receiver, cause))
        return replace(seen, receiver=receiver, spared=self.receivers.troubled(receiver, cause, event.at))

    def _refusing(self, event: Delivery, receiver: str, cause: BounceClass) -> Refusing:
        accounts = self.receivers.accounts(receiver, cause)
        on = listing(event.reply, cause)
        return Refusing(receiver, cause, event.at, event.host, accounts, event.reply, on)

    def take(self) -> list[Refusing]:
        """The receivers that wait to be told; they are kept no longer."""
        told, self.told = self.told, []
        return told
