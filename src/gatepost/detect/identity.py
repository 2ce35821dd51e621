"""Sender addresses the account may not use."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, many, named
from gatepost.ledger.measures import Count, Daily, Distinct, Known, Measure
from gatepost.ledger.plan import STRANGE
from gatepost.ledger.view import View

DOMAINS = Known("sender.domain", cap=40)


class Identity(Detector, frozen=True, kw_only=True):
    """Envelope senders that are not the account's.

    An account may use its own address, its own domain, what the configuration gives it, and every domain it has used
    on two different clean days. Churn counts: many foreign addresses or domains. So does an unusual share of the null
    sender. Accounts that always send for others (forwarders, smarthosts) are measured against their own usual day.

    Blind spots: a thief who keeps the owner's address; an owner who moves to a new domain and writes from it at once
    gets a warning on the first day.
    """

    family: ClassVar[Family] = Family.IDENTITY
    on: ClassVar[tuple[str, ...]] = ("submission",)

    within: Seconds = Seconds(86400)  #: window of event time
    domain_points: Anchors = ((3.0, 22.0), (6.0, 50.0), (12.0, 80.0))  #: foreign sender domains, points
    address_points: Anchors = ((4.0, 20.0), (10.0, 48.0), (25.0, 80.0))  #: foreign sender addresses, points
    null_share: float = 0.2  #: share of null senders above which it is a fact
    null_least: int = 10  #: messages below which no share is taken
    null_points: float = 25  #: points of that fact
    young_most: float = 30  #: most points of churn before five clean days are known, unless the access is strange
    relays: tuple[str, ...] = ()  #: accounts whose foreign senders are normal (role = "relay" or "device")

    def measures(self) -> tuple[Measure, ...]:
        """Foreign addresses, messages, null senders, the usual day, domains ever used."""
        return (self._addresses, self._messages, self._null, self._usual, DOMAINS)

    def wakes(self) -> Wakes:
        """A few foreign addresses, or more null senders than the share of the fewest messages."""
        return ((self._addresses, self.domain_points[0][0]), (self._null, int(self.null_share * self.null_least) + 1))

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The stronger of churn and null senders."""
        if seen.event.account in self.relays:
            return None
        found = [proof for proof in (self._churn(seen, ledger), self._nulls(seen, ledger)) if proof]
        if found:
            return max(found, key=lambda proof: proof.points)
        return WITHDRAWN

    def _churn(self, seen: Observation, ledger: View) -> Evidence | None:
        addresses = ledger.distinct(self._addresses)
        if len(addresses) < self.domain_points[0][0]:
            return None
        foreign = {address: address.rpartition("@")[2] for address in addresses}
        ours = {domain for domain in set(foreign.values()) if ledger.is_habit(DOMAINS, domain) or ledger.spared(domain)}
        strange = [address for address, domain in foreign.items() if domain not in ours]
        domains = list(dict.fromkeys(foreign[address] for address in strange))
        usual = ledger.usual(self._usual)
        scale = max(1.0, usual.value / self.domain_points[0][0])
        points = max(
            graded(len(domains) / scale, self.domain_points), graded(len(strange) / scale, self.address_points)
        )
        if not usual.mature and ledger.strangeness < STRANGE:
            points = min(points, self.young_most)
        if not points:
            return None
        number = many(len(strange), self._addresses)
        says = f"{number} foreign senders in {len(domains)} domains in {spoken(self.within)}: {named(domains)}"
        limit = self.domain_points[0][0] * scale
        return evidence(
            self, seen, says, points=points, measured=len(strange), limit=limit, lasts=self.within, values=domains
        )

    def _nulls(self, seen: Observation, ledger: View) -> Evidence | None:
        null = ledger.count(self._null)
        if not null:
            return None
        messages = ledger.count(self._messages)
        if messages < self.null_least or null <= self.null_share * messages:
            return None
        says = f"{null} of {messages} messages with the null sender in {spoken(self.within)}"
        limit = self.null_share * messages
        points = self.null_points
        return evidence(self, seen, says, points=points, measured=null, limit=limit, lasts=self.within)

    @cached_property
    def _addresses(self) -> Distinct:
        return Distinct("sender.foreign", self.within, cap=28)

    @cached_property
    def _messages(self) -> Count:
        return Count("message.accepted", self.within)

    @cached_property
    def _null(self) -> Count:
        return Count("message.null_sender", self.within)

    @cached_property
    def _usual(self) -> Daily:
        return Daily("message.foreign")
