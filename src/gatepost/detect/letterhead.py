"""From lines inside messages that are not the account's."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, many, named
from gatepost.detect.identity import DOMAINS
from gatepost.ledger.measures import Distinct, Known, Measure
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
        """Messages with their foreign domains; domains ever used in the letter and on the envelope."""
        return (self._messages, HEADS, DOMAINS)

    def wakes(self) -> Wakes:
        """A few messages."""
        return ((self._messages, min(self.domain_points[0][0], self.message_points[0][0])),)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The stronger of domains and messages, those of habits left out."""
        if seen.event.account in self.relays:
            return None
        told = [message.partition(" ")[0] for message in ledger.distinct(self._messages)]
        ours = {domain for domain in set(told) if _ours(ledger, domain)}
        foreign = [domain for domain in told if domain not in ours]
        domains = list(dict.fromkeys(foreign))
        points = max(graded(len(domains), self.domain_points), graded(len(foreign), self.message_points))
        if not points:
            return WITHDRAWN
        number = many(len(foreign), self._messages)
        said = (
            f"{number} messages in {spoken(self.within)} with a From line that is not the account's: {named(domains)}"
        )
        return evidence(
            self,
            seen,
            said,
            points=points,
            measured=len(foreign),
            limit=min(self.domain_points[0][0], self.message_points[0][0]),
            lasts=self.within,
            acted=False,
            values=domains,
        )

    @cached_property
    def _messages(self) -> Distinct:
        return Distinct("letterhead.message", self.within, cap=64)


def _ours(ledger: View, domain: str) -> bool:
    return ledger.is_habit(HEADS, domain) or ledger.is_habit(DOMAINS, domain) or ledger.spared(domain)
