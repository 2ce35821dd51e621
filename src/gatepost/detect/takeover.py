"""Mail to strangers in numbers from the owner's own place, refused as spam: a thief inside, not outside."""

from functools import cached_property
from math import log
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded
from gatepost.ledger.measures import Count, Daily, Measure
from gatepost.ledger.view import View


class Takeover(Detector, frozen=True, kw_only=True):
    """A thief who sends from where the owner sends: web mail, malware on the owner's computer, a script in a shop.

    Place and program are usual, so three facts must hold together: far more recipients never written to than on a
    usual day, several of them a message, and refusals as spam in a share that honest mail does not have. A form that a
    bot fills writes to one address at a time, an old newsletter is not refused as spam, and a receiver that refuses
    everybody refuses by blocklist: none of them has all three.

    Blind spots: one recipient a message; a thief whose mail no receiver takes for spam.
    """

    family: ClassVar[Family] = Family.HISTORY
    on: ClassVar[tuple[str, ...]] = ("failed.spam_content",)
    eases: ClassVar[tuple[str, ...]] = ("delivered",)

    within: Seconds = Seconds(86400)  #: window of event time
    least: int = 4  #: refusals as spam below which nothing is said
    strangers: float = 4.0  #: multiple of a usual day's strangers below which nothing is said
    usual_least: int = 12  #: a usual day counts as at least this many strangers
    each: float = 1.8  #: recipients a message below which a form may have written them
    honest: float = 0.004  #: share of refusals as spam in honest mail
    thief: float = 0.05  #: the same in a thief's mail
    points: Anchors = ((2.0, 25.0), (6.0, 62.0), (15.0, 85.0))  #: log-likelihood ratio, points

    def measures(self) -> tuple[Measure, ...]:
        """Refusals as spam, outcomes, strangers, messages and recipients, and the usual day's strangers."""
        return (self._spam, self._resolved, self._strangers, self._messages, self._recipients, self._usual)

    def wakes(self) -> Wakes:
        """Enough refusals."""
        return ((self._spam, self.least),)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """All three facts, or nothing."""
        spam, resolved = ledger.count(self._spam), ledger.count(self._resolved)
        strangers, messages = ledger.count(self._strangers), ledger.count(self._messages)
        usual = max(ledger.usual(self._usual, alone=True).value, self.usual_least)
        each = ledger.count(self._recipients) / max(1, messages)
        if spam < self.least or strangers < self.strangers * usual or each < self.each or ledger.unknown:
            return WITHDRAWN
        points = graded(self._ratio(spam, max(0, resolved - spam)), self.points)
        if not points:
            return WITHDRAWN
        says = f"{strangers} recipients never written to in {spoken(self.within)}, usual {usual:.0f} a day, "
        says += f"{each:.1f} a message, {spam} of {max(resolved, spam)} refused as spam"
        return evidence(self, seen, says, points=points, measured=spam, limit=self.least, lasts=self.within)

    def _ratio(self, spam: int, good: int) -> float:
        return spam * log(self.thief / self.honest) + good * log((1 - self.thief) / (1 - self.honest))

    @cached_property
    def _spam(self) -> Count:
        return Count("delivery.failed.spam_content", self.within)

    @cached_property
    def _resolved(self) -> Count:
        return Count("delivery.resolved", self.within)

    @cached_property
    def _strangers(self) -> Count:
        return Count("recipient.stranger", self.within)

    @cached_property
    def _messages(self) -> Count:
        return Count("message.accepted", self.within)

    @cached_property
    def _recipients(self) -> Count:
        return Count("recipient.accepted", self.within)

    @cached_property
    def _usual(self) -> Daily:
        return Daily("recipient.stranger")
