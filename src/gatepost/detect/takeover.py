"""Mail to strangers in numbers that receivers call spam: above all a thief inside, not outside."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, summed
from gatepost.detect.failing import ratio
from gatepost.detect.opinion import Opinion
from gatepost.ledger.measures import Count, Daily, Measure, When
from gatepost.ledger.signals import DEAD, UNWANTED
from gatepost.ledger.view import View

HOUR = Seconds(3600)

FURTHER = "recipient.further_stranger"
"""Of which who writes to one stranger at a time has none, however many there are."""

ELSEWHERE: tuple[When, ...] = ("strange", "half")
"""Access that is no habit of the account, in part or in whole."""

_DEAD = tuple(f"delivery.{case}" for case in DEAD)
"""Accepted recipients whose receiver never saw the mail: it cannot have called it spam."""


class Takeover(Detector, frozen=True, kw_only=True):
    """Mail to strangers that receivers call spam, wherever it comes from.

    From where the owner sends (web mail, malware on the owner's computer, a script in a shop) place and program are
    usual, so three facts must hold together: far more recipients never written to than on a usual day, several of them
    a message, and refusals in a share that honest mail does not have, as spam by more than one receiver. Within an hour
    those beyond one a message are measured against a usual day's: a shop has none. A form that a bot fills writes to
    one address at a time, an old newsletter is not refused as spam, and receivers that refuse everybody refuse by
    blocklist: none of them has all three. Through strange and half-strange access the usual day is no measure, nobody
    fills a form, and only what came that way is weighed.

    Blind spots: one stranger a message from the usual place; a thief whose mail no receiver takes for spam.
    """

    family: ClassVar[Family] = Family.REPUTATION
    on: ClassVar[tuple[str, ...]] = UNWANTED
    eases: ClassVar[tuple[str, ...]] = ("delivered",)

    within: Seconds = Seconds(86400)  #: window of event time
    least: int = 3  #: refusals below which nothing is said
    voices: int = 2  #: of the last eight, so many must be other receivers' than the one that refuses most
    strangers: float = 2.0  #: multiple of a usual day's strangers below which nothing is said
    burst: float = 1.25  #: multiple of a usual day's strangers beyond one a message, within one hour
    usual_least: int = 20  #: a usual day counts as at least this many strangers
    each: float = 1.4  #: strangers a message below which a form may have written to them
    honest: float = 0.004  #: share of refusals as spam in honest mail
    thief: float = 0.05  #: the same in a thief's mail
    careful: float = 0.02  #: the same in the mail of a thief whose list is good
    careful_most: float = 35.0  #: most points for what only fits that
    unknown: float = 2.0  #: on an account's first day the ratio counts as this much less
    points: Anchors = ((2.0, 25.0), (6.0, 62.0), (15.0, 85.0))  #: log-likelihood ratio, points

    def measures(self) -> tuple[Measure, ...]:
        """Refusals, outcomes, strangers and messages, the usual day's too; the first two also by access."""
        everywhere = (*self._opinion.measures(), self._resolved, *self._dead, self._unaccepted)
        elsewhere = (*self._refused_elsewhere, *self._tried_elsewhere, *self._dead_elsewhere)
        met = (self._strangers, self._usual, self._further, self._usual_further, self._messages)
        return (*everywhere, *elsewhere, *met)

    def wakes(self) -> Wakes:
        """Enough refusals."""
        return ((self._opinion.refused, self.least),)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The stronger of both, or nothing."""
        strangers = ledger.count(self._strangers)
        if self._opinion.voices(ledger, spam=True) < self.voices or strangers < self.usual_least:
            return WITHDRAWN
        told = (self._at_home(seen, ledger, strangers), self._elsewhere(seen, ledger))
        return max((one for one in told if one), key=lambda one: one.points, default=WITHDRAWN)

    def _at_home(self, seen: Observation, ledger: View, strangers: int) -> Evidence | None:
        """Through usual access, against the account's own usual day."""
        says = self._several(ledger, strangers)
        if not says:
            return None
        refused = ledger.count(self._opinion.refused) - summed(ledger, self._refused_elsewhere)
        good = ledger.count(self._resolved) - refused - self._unseen(ledger) - summed(ledger, self._tried_elsewhere)
        heard = self._opinion.agreed(ledger, refused, spam=True)
        careful = min(self._points(heard, good, self.careful), self.careful_most)
        points = max(self._points(heard, good, self.thief), careful)
        return self._told(seen, refused, good, points, says)

    def _several(self, ledger: View, strangers: int) -> str:
        """What is far beyond a usual day, in words; "" when nothing is.

        Strangers, several a message; or within an hour those beyond one a message, of which who writes to one at a time
        has none.
        """
        each = strangers / max(1, ledger.count(self._messages))
        usual = self._of_a_day(ledger, self._usual)
        if each >= self.each and strangers > self.strangers * usual:
            says = f"{strangers} recipients never written to in {spoken(self.within)}, usual {usual:.0f} a day"
            return f"{says}, {each:.1f} a message"
        further = ledger.count(self._further)
        usual = self._of_a_day(ledger, self._usual_further)
        if further <= self.burst * usual:
            return ""
        return f"{further} recipients never written to beyond one a message in {spoken(HOUR)}, usual {usual:.0f} a day"

    def _of_a_day(self, ledger: View, strangers: Daily) -> float:
        """The account's own usual number, or the least that counts as usual."""
        return max(ledger.usual(strangers, alone=True).value, self.usual_least)

    def _elsewhere(self, seen: Observation, ledger: View) -> Evidence | None:
        """Through strange and half-strange access, whatever is usual at home."""
        refused = summed(ledger, self._refused_elsewhere)
        good = summed(ledger, self._tried_elsewhere) - refused - summed(ledger, self._dead_elsewhere)
        heard = self._opinion.agreed(ledger, refused, spam=True)
        points = self._points(heard, good, self.thief, self.unknown if ledger.unknown else 1.0)
        return self._told(seen, refused, good, points, "through a network or a program without habit")

    def _unseen(self, ledger: View) -> int:
        """Outcomes at home of mail that no receiver saw."""
        dead = summed(ledger, self._dead) - summed(ledger, self._dead_elsewhere)
        return dead + ledger.count(self._unaccepted)

    def _told(self, seen: Observation, refused: int, good: int, points: float, says: str) -> Evidence | None:
        if not points:
            return None
        says = (
            f"{says}, {refused} of {refused + max(0, good)} existing recipients refused, as spam by several receivers"
        )
        return evidence(self, seen, says, points=points, measured=refused, limit=self.least, lasts=self.within)

    def _points(self, heard: int, good: int, share: float, less: float = 1.0) -> float:
        """What the log-likelihood ratio of a thief's share against an honest one is worth."""
        if heard < self.least:
            return 0.0
        return graded(ratio(heard, good, self.honest, share) / less, self.points)

    @cached_property
    def _refused_elsewhere(self) -> tuple[Count, ...]:
        return self._through("delivery.unwanted")

    @cached_property
    def _tried_elsewhere(self) -> tuple[Count, ...]:
        return self._through("recipient.accepted")

    @cached_property
    def _dead(self) -> tuple[Count, ...]:
        return tuple(Count(signal, self.within) for signal in _DEAD)

    @cached_property
    def _dead_elsewhere(self) -> tuple[Count, ...]:
        return self._through(*_DEAD)

    def _through(self, *signals: str) -> tuple[Count, ...]:
        """What came through strange and half-strange access."""
        return tuple(Count(signal, self.within, when=when) for signal in signals for when in ELSEWHERE)

    @cached_property
    def _unaccepted(self) -> Count:
        return Count("recipient.invalid_here", self.within)

    @cached_property
    def _opinion(self) -> Opinion:
        return Opinion(self.within)

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
    def _further(self) -> Count:
        return Count(FURTHER, HOUR)

    @cached_property
    def _usual(self) -> Daily:
        return Daily("recipient.stranger")

    @cached_property
    def _usual_further(self) -> Daily:
        return Daily(FURTHER)

    def __post_init__(self) -> None:
        if not 0 < self.honest < self.careful < self.thief < 1:
            msg = "honest, careful and thief are shares: 0 < honest < careful < thief < 1"
            raise ValueError(msg)
