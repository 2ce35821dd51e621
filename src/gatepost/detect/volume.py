"""More recipients than is usual for this account, above all through strange access."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded
from gatepost.ledger.measures import Count, Daily, Familiar, Measure
from gatepost.ledger.view import View

QUARTER, DAY = Seconds(6 * 3600), Seconds(86400)


class Volume(Detector, frozen=True, kw_only=True):
    """More recipients than is usual for this account.

    Two comparisons, the stronger speaks. *Strange*: recipients within an hour through a network or program the account
    has no habit of, as a multiple of what it usually writes to in a whole day; a message counts as at most 12
    recipients here, so that one letter to a club from a hotel is no theft. *Usual places*: recipients in 24 hours as
    a multiple of the usual day; this alone never reaches hold, because people do have busy days and shops have forms
    that strangers fill in.

    Blind spots: a thief on the owner's own network and program who stays near the owner's usual day; an owner who
    moves house, changes the program and writes a circular on the same day.
    """

    family: ClassVar[Family] = Family.VOLUME
    on: ClassVar[tuple[str, ...]] = ("submission", "more")

    within: Seconds = Seconds(3600)  #: window for strange access
    least: int = 12  #: a usual day counts as at least this many recipients
    least_young: int = 50  #: the same while the account has no history of five clean days
    half: float = 0.6  #: weight of a recipient through half-strange access
    strangers: float = 1.25  #: factor when most recipient domains were never written to before
    strange_points: Anchors = ((1.0, 10.0), (3.0, 45.0), (8.0, 75.0))  #: multiple of a usual day, points
    usual_points: Anchors = ((5.0, 10.0), (15.0, 30.0), (60.0, 55.0))  #: multiple of a usual day, points
    young_most: float = 35  #: most points for strange access while the account has fewer than three clean days
    usual_least: int = 100  #: recipients in 24h below which the usual places raise nothing
    bulk: tuple[str, ...] = ()  #: accounts whose busy days through usual places say nothing (role = "bulk")

    def measures(self) -> tuple[Measure, ...]:
        """Recipients and messages by access, the usual day, and domains ever written to."""
        return (*self._strange, *self._half, self._all, self._usual, self._domains)

    def wakes(self) -> Wakes:
        """Half of what strange and half-strange access need together, each; or a busy day."""
        needed = self.strange_points[0][0] * min(self.least, self.least_young) / max(1.0, self.strangers)
        strange, half = (self._strange[0], needed / 2), (self._half[0], needed / 2 / max(self.half, 1e-9))
        return (strange, half, (self._all, self.usual_least))

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The stronger of the two comparisons."""
        found = [proof for proof in (self._by_strangers(seen, ledger), self._by_owner(seen, ledger)) if proof]
        if found:
            return max(found, key=lambda proof: proof.points)
        return WITHDRAWN

    def wakes_young(self) -> Wakes:
        """The same against the usual day of an account without history."""
        needed = self.strange_points[0][0] * self.least_young / 2
        return (
            (self._strange[0], needed),
            (self._half[0], needed / max(self.half, 1e-9)),
            (self._all, self.usual_least),
        )

    def _by_strangers(self, seen: Observation, ledger: View) -> Evidence | None:
        strange, half = (self._weighed(ledger, pair) for pair in (self._strange, self._half))
        if not strange and not half:
            return None
        usual = self._usual_day(ledger)
        times = (strange + self.half * half) * self._unfamiliar(seen, ledger) / usual
        points = graded(times, self.strange_points)
        if ledger.young:
            points = min(points, self.young_most)
        if not points:
            return None
        count = ledger.count(self._strange[0]) + ledger.count(self._half[0])
        where = "a network and a program" if strange else "a network or a program"
        says = f"{count} recipients in {spoken(self.within)} through {where} without habit, usual {usual:.0f} a day"
        return evidence(self, seen, says, points=points, measured=count, limit=usual, lasts=DAY)

    def _by_owner(self, seen: Observation, ledger: View) -> Evidence | None:
        count = ledger.count(self._all)
        if count < self.usual_least or seen.event.account in self.bulk:
            return None
        usual = self._usual_day(ledger)
        points = graded(count / usual, self.usual_points)
        if not points:
            return None
        says = f"{count} recipients in 24h, usual {usual:.0f} a day"
        return evidence(self, seen, says, points=points, measured=count, limit=usual, lasts=QUARTER, acted=False)

    def _weighed(self, ledger: View, pair: tuple[Count, Count]) -> int:
        """Recipients, a message at most 12 of them."""
        recipients = ledger.count(pair[0])
        return recipients and min(recipients, 12 * max(1, ledger.count(pair[1])))

    def _usual_day(self, ledger: View) -> float:
        usual = ledger.usual(self._usual)
        return max(usual.value, self.least if usual.mature else self.least_young)

    def _unfamiliar(self, seen: Observation, ledger: View) -> float:
        """The factor for a message that goes mostly to domains never written to."""
        domains = len(getattr(seen.event, "domains", ()))
        fresh = ledger.new_values(self._domains)
        return self.strangers if domains >= 3 and 2 * fresh > domains and not ledger.young else 1.0

    @cached_property
    def _strange(self) -> tuple[Count, Count]:
        return (
            Count("recipient.accepted", self.within, when="strange"),
            Count("message.accepted", self.within, when="strange"),
        )

    @cached_property
    def _half(self) -> tuple[Count, Count]:
        return (
            Count("recipient.accepted", self.within, when="half"),
            Count("message.accepted", self.within, when="half"),
        )

    @cached_property
    def _all(self) -> Count:
        return Count("recipient.accepted", DAY)

    @cached_property
    def _usual(self) -> Daily:
        return Daily("recipient.accepted")

    @cached_property
    def _domains(self) -> Familiar:
        return Familiar("recipient.domain")
