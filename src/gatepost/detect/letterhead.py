"""From lines inside messages that are not the account's."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, named
from gatepost.detect.identity import DOMAINS
from gatepost.ledger.measures import Count, Daily, Distinct, Known, Measure
from gatepost.ledger.view import View

HEADS = Known("letterhead.domain", cap=40)


class Letterhead(Detector, frozen=True, kw_only=True):
    """From lines that are not the account's, under an envelope sender that is.

    A thief who keeps the owner's address in the envelope still writes another name into the letter. Only a milter door
    tells of the From line. Domains that the account wrote or sent under on two clean days are its own. Whoever fills in
    a web form may choose the From line of the message it sends; so this fact warns, and no more.

    Blind spots: a thief who also writes the owner's From line; a second From line; mail that no milter door saw.
    """

    family: ClassVar[Family] = Family.IDENTITY
    on: ClassVar[tuple[str, ...]] = ("submission",)

    within: Seconds = Seconds(86400)  #: window of event time
    domain_points: Anchors = ((3.0, 10.0), (6.0, 20.0))  #: foreign domains in From lines, points
    message_points: Anchors = ((10.0, 10.0), (30.0, 20.0))  #: messages with a foreign From line, points
    relays: tuple[str, ...] = ()  #: accounts whose foreign From lines are normal (role = "relay" or "device")

    def measures(self) -> tuple[Measure, ...]:
        """Foreign domains and messages, the usual day, domains ever used in the letter and on the envelope."""
        return (self._domains, self._messages, self._usual, HEADS, DOMAINS)

    def wakes(self) -> Wakes:
        """A few foreign domains, or a few messages."""
        return ((self._domains, self.domain_points[0][0]), (self._messages, self.message_points[0][0]))

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The stronger of domains and messages, when a domain is among them that is no habit."""
        if seen.event.account in self.relays:
            return None
        domains = [domain for domain in ledger.distinct(self._domains) if not _ours(ledger, domain)]
        messages = ledger.count(self._messages)
        scale = max(1.0, ledger.usual(self._usual, alone=True).value / self.message_points[0][0])
        points = max(graded(len(domains), self.domain_points), graded(messages / scale, self.message_points))
        if not domains or not points:
            return WITHDRAWN
        said = f"{messages} messages in {spoken(self.within)} with a From line that is not the account's"
        limit = self.message_points[0][0] * scale
        return evidence(
            self,
            seen,
            f"{said}: {named(domains)}",
            points=points,
            measured=messages,
            limit=limit,
            lasts=self.within,
            acted=False,
            values=domains,
        )

    @cached_property
    def _domains(self) -> Distinct:
        return Distinct("letterhead.domain", self.within, cap=28)

    @cached_property
    def _messages(self) -> Count:
        return Count("message.letterhead", self.within)

    @cached_property
    def _usual(self) -> Daily:
        return Daily("message.letterhead")


def _ours(ledger: View, domain: str) -> bool:
    return ledger.is_habit(HEADS, domain) or ledger.is_habit(DOMAINS, domain) or ledger.spared(domain)
