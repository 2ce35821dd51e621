"""Failures against outcomes, as a sequential test: the arithmetic that `recipients` and `refusals` share.

The log-likelihood ratio of "a thief's list" against "an honest list" after n outcomes with b failures is
b ln(p1/p0) + (n-b) ln((1-p1)/(1-p0)) (Wald, Sequential Tests of Statistical Hypotheses, 1945). It speaks early when the
evidence is strong, never after one or two unlucky bounces, and good deliveries take it back.
"""

from functools import cached_property
from math import log
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, summed
from gatepost.ledger.measures import Count, Measure, When
from gatepost.ledger.view import View


def ratio(failed: int, good: int, honest: float, thief: float) -> float:
    """The log-likelihood ratio; numbers below 0 are none.

    Args:
        failed: outcomes that failed.
        good: outcomes that did not.
        honest: share of failures in an honest list.
        thief: the same in a thief's.
    """
    return max(0, failed) * log(thief / honest) + max(0, good) * log((1 - thief) / (1 - honest))


class Failing(Detector, frozen=True, kw_only=True):
    """Base of detectors that weigh failed recipients against all resolved ones."""

    signals: ClassVar[tuple[str, ...]]
    """What counts as such a failure."""
    noun: ClassVar[str]
    eases: ClassVar[tuple[str, ...]] = ("delivered",)

    within: Seconds = Seconds(86400)  #: window of event time
    honest: float = 0.05  #: share of such failures in an honest list
    thief: float = 0.30  #: share of such failures in a thief's list
    least: int = 4  #: failures below which nothing is said
    points: Anchors = ((3.0, 15.0), (8.0, 42.0), (25.0, 80.0))  #: log-likelihood ratio, points
    least_strange: int = 2  #: the same for failures through a network or program without habit
    strange_points: Anchors = ((1.0, 12.0), (3.0, 26.0), (8.0, 50.0), (25.0, 80.0))  #: the same for those, points
    young_most: float = 80.0  #: most points for those while the account has fewer than three clean days
    habitual_most: float = 35.0  #: most points for failures through the owner's usual network and program

    def measures(self) -> tuple[Measure, ...]:
        """Failures by access, and resolved recipients."""
        return (*self._strange, *self._half, *self._all, self._resolved, *self._tried)

    def wakes(self) -> Wakes:
        """Enough failures of one kind to be enough with the other kinds."""
        least = min(self.least, self.least_strange) / len(self.signals)
        return tuple((count, least) for count in self._all)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """All failures, at most `habitual_most`; failures through strange access, by a test of their own."""
        alone = self._alone(ledger)
        told = (self._by_strangers(seen, ledger, alone), self._by_owner(seen, ledger, alone))
        found = [proof for proof in told if proof]
        return max(found, key=lambda proof: proof.points) if found else WITHDRAWN

    def _by_strangers(self, seen: Observation, ledger: View, alone: int) -> Evidence | None:
        failed = self._strangely(ledger)
        if failed < self.least_strange:
            return None
        strange, half = (ledger.count(tried) for tried in self._tried)
        tried = max(failed, strange if ledger.unknown else strange + half)
        alone = 0 if 2 * failed >= tried else alone
        points = graded(self._ratio(failed - alone, tried - failed), self.strange_points)
        if ledger.young:
            points = min(points, self.young_most)
        says = f"{self._told(failed, tried)}, through a network or a program without habit"
        return self._proof(seen, says, points, failed, acted=True) if points else None

    def _by_owner(self, seen: Observation, ledger: View, alone: int) -> Evidence | None:
        failed, resolved = summed(ledger, self._all), ledger.count(self._resolved)
        if failed < self.least:
            return None
        points = graded(self._ratio(failed - alone, resolved - failed), self.points)
        strange = self._strangely(ledger)
        by_owner = strange < self.least or 2 * strange < failed
        if by_owner:
            points = min(points, self.habitual_most)
        elif ledger.young:
            points = min(points, self.young_most)
        says = self._told(failed, max(resolved, failed))
        if strange:
            says += f", {strange} of them through a network or a program without habit"
        return self._proof(seen, says, points, failed, acted=not by_owner) if points else None

    def _alone(self, ledger: View) -> int:
        """Failures that are one receiver's own opinion, and count for nothing where others were asked as often."""
        return 0

    def _strangely(self, ledger: View) -> int:
        """Failures through strange and half-strange access; an account's first day is half-strange as a whole.

        Of an account that no log tells of, such as a relay's network at a door, there is nothing else to go by.
        """
        habitless = ledger.unknown and not ledger.unseen
        return summed(ledger, self._strange) + (0 if habitless else summed(ledger, self._half))

    def _told(self, failed: int, tried: int) -> str:
        return f"{failed} of {tried} recipients {self.noun} in {spoken(self.within)} ({failed / tried:.0%})"

    def _proof(self, seen: Observation, says: str, points: float, failed: int, *, acted: bool) -> Evidence:
        limit, lasts = self.least, self.within
        return evidence(self, seen, says, points=points, measured=failed, limit=limit, lasts=lasts, acted=acted)

    def _ratio(self, failed: int, good: int) -> float:
        return ratio(failed, good, self.honest, self.thief)

    @cached_property
    def _tried(self) -> tuple[Count, Count]:
        strange, half = (Count("recipient.accepted", self.within, when=when) for when in ("strange", "half"))
        return strange, half

    @cached_property
    def _strange(self) -> tuple[Count, ...]:
        return self._counts("strange")

    @cached_property
    def _half(self) -> tuple[Count, ...]:
        return self._counts("half")

    @cached_property
    def _all(self) -> tuple[Count, ...]:
        return self._counts("always")

    def _counts(self, when: When) -> tuple[Count, ...]:
        return tuple(Count(signal, self.within, when=when) for signal in self.signals)

    @cached_property
    def _resolved(self) -> Count:
        return Count("delivery.resolved", self.within)

    def __post_init__(self) -> None:
        if not 0 < self.honest < self.thief < 1:
            msg = "honest and thief are shares: 0 < honest < thief < 1"
            raise ValueError(msg)
