"""Many failed logins, then one that works."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import Answer, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, many
from gatepost.ledger import ring
from gatepost.ledger.measures import NETWORKS, Count, Distinct, Measure
from gatepost.ledger.view import View


class Guessing(Detector, frozen=True, kw_only=True):
    """Many failed logins of the account, then one that works from a network it has no habit of.

    Failures count only when the login that works comes from a network that failed before, or from one new to the
    account; so neither a phone with an old password nor strangers who guess all week accuse the owner at home. Where a
    door tells which passwords fail, one that is tried again and again is one guess. Never reaches hold alone: failures
    are something strangers can cause.

    Blind spots: an owner on the road who mistypes the password ten times; a thief who knew the password at once.
    """

    family: ClassVar[Family] = Family.CREDENTIALS
    on: ClassVar[tuple[str, ...]] = ("login.ok", "submission")

    within: Seconds = Seconds(86400)  #: window of event time
    points: Anchors = ((8.0, 15.0), (30.0, 35.0), (100.0, 55.0))  #: failed logins, points

    def measures(self) -> tuple[Measure, ...]:
        """Failed logins, the networks they came from, and the account's own networks."""
        return (self._failed, self._networks, NETWORKS)

    def wakes(self) -> Wakes:
        """Enough failed logins."""
        return ((self._failed, self.points[0][0]),)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """Speaks on the login that works."""
        again = self._again(seen, ledger)
        failed = max(ledger.count(self._failed) - again, 0)
        if failed < self.points[0][0] or seen.origin is None or ledger.young:
            return None
        network = seen.origin.network
        if ledger.is_habit(NETWORKS, network) or ledger.spared(network):
            return None
        networks = ledger.distinct(self._networks)
        known = "a network that failed" if network in networks else "a network without habit"
        origins = many(len(networks), self._networks)
        beside = f" beside {again} with a password tried before" if again else ""
        says = f"{failed} failed logins{beside} from {origins} networks in {spoken(self.within)}, then one from {known}"
        return evidence(
            self,
            seen,
            says,
            points=graded(failed, self.points),
            measured=failed,
            limit=self.points[0][0],
            lasts=self.within,
            acted=False,
            values=networks,
        )

    def _again(self, seen: Observation, ledger: View) -> int:
        """Failed logins that were no new guess: only those that are in the count for certain (ledger/ring.py)."""
        since = max(ledger.now - self.within * (ring.SPAN - 1) / ring.SPAN, ledger.cleared)
        return sum(number for at, number in seen.again if at >= since)

    @cached_property
    def _failed(self) -> Count:
        return Count("login.failed", self.within)

    @cached_property
    def _networks(self) -> Distinct:
        return Distinct("login.failed.network", self.within, cap=24)
