"""Failures against outcomes, as a sequential test: the arithmetic that `recipients` and `refusals` share.

The log-likelihood ratio of "a thief's list" against "an honest list" after n outcomes with b failures is
b ln(p1/p0) + (n-b) ln((1-p1)/(1-p0)) (Wald, Sequential Tests of Statistical Hypotheses, 1945). It speaks early when the
evidence is strong, never after one or two unlucky bounces, and good deliveries take it back.
"""

from collections.abc import Iterable
from functools import cached_property
from math import log
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded
from gatepost.ledger.measures import Count, Measure, When
from gatepost.ledger.view import View


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
    habitual_most: float = 35.0  #: most points for failures through the owner's usual network and program

    def measures(self) -> tuple[Measure, ...]:
        """Failures by access, and resolved recipients."""
        return (*self._strange, *self._half, *self._all, self._resolved)

    def wakes(self) -> Wakes:
        """Enough failures of one kind to be enough with the other kinds."""
        return tuple((count, self.least / len(self.signals)) for count in self._all)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """All failures, at most `habitual_most`; failures through strange access, without that limit."""
        failed = _sum(ledger, self._all)
        resolved = ledger.count(self._resolved)
        points = 0.0
        if failed >= self.least:
            points = graded(self._ratio(failed, resolved - failed), self.points)
        if not points:
            return WITHDRAWN
        strange = _sum(ledger, self._strange) + _sum(ledger, self._half)
        by_owner = strange < self.least or 2 * strange < failed
        if by_owner:
            points = min(points, self.habitual_most)
        share = failed / max(resolved, failed)
        says = f"{failed} of {max(resolved, failed)} recipients {self.noun} in {spoken(self.within)} ({share:.0%})"
        if strange:
            says += f", {strange} of them through a network or a program without habit"
        lasts, acted = self.within, not by_owner
        return evidence(self, seen, says, points=points, measured=failed, limit=self.least, lasts=lasts, acted=acted)

    def _ratio(self, failed: int, good: int) -> float:
        return failed * log(self.thief / self.honest) + max(0, good) * log((1 - self.thief) / (1 - self.honest))

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


def _sum(ledger: View, counts: Iterable[Count]) -> int:
    return sum(ledger.count(count) for count in counts)
