"""More networks than one person has, and networks this account never had."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import ceil
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded, named
from gatepost.ledger.measures import BLOCKS, NETWORKS, Lately, Measure
from gatepost.ledger.plan import STRANGE
from gatepost.ledger.view import View

HOUR, DAY = Seconds(3600), Seconds(86400)
HOSTILE_POINTS = 50.0


class Spread(Detector, frozen=True, kw_only=True):
    """More networks at once than one person has.

    Networks are what counts as one access (mostly an AS, but each rented server: `enrich/network.py`); inside one
    network every `per_network` different blocks (/24, /56) count as one more, so that a phone that changes towers is
    one access and a farm of proxies inside one carrier is many. New networks count harder, once the account has
    habits: a second new network within the hour is rarer than a second known one. A network that took part in an
    earlier theft of the same account speaks at once.

    Blind spots: a botnet inside one mobile carrier; a whole office behind several uplinks; without tables a phone
    whose carrier owns several /16 looks like several networks until they are habit (two clean days).
    """

    family: ClassVar[Family] = Family.ORIGIN
    on: ClassVar[tuple[str, ...]] = ("login.ok", "submission")
    strange: ClassVar[bool] = True

    hour_points: Anchors = ((5.0, 20.0), (8.0, 45.0), (15.0, 85.0))  #: units of access in 1 h, points
    day_points: Anchors = ((9.0, 20.0), (14.0, 45.0), (25.0, 85.0))  #: units of access in 24 h, points
    new_points: Anchors = ((1.0, 12.0), (2.0, 22.0), (3.0, 38.0), (5.0, 62.0), (9.0, 90.0))  #: new networks in 1 h
    week_points: Anchors = ((8.0, 20.0), (14.0, 45.0), (25.0, 75.0))  #: new networks in 7 days, points
    per_network: int = 3  #: blocks inside one network that count as one access
    pools: dict[str, int] = {}  #: the same of single networks where more is usual: { as64500 = 10 }, at most 11
    strange_extra: float = 6.0  #: added to a new network whose program is new too
    young_most: float = 30.0  #: most points for new networks while the account has fewer than three clean days
    shared: tuple[str, ...] = ()  #: accounts that several people use (role = "shared"): twice as much is allowed

    def measures(self) -> tuple[Measure, ...]:
        """Blocks within networks per day, and all networks ever seen; hour and week are read from their last sights."""
        return (BLOCKS, NETWORKS)

    def wakes(self) -> Wakes | None:
        """A second block within the hour: the only one is the place of this access, which is habit or strange."""
        if self.new_points[0][0] <= 0:
            return None
        hour = min(2.0, self.hour_points[0][0])
        return ((self._hour, hour), (BLOCKS, self.day_points[0][0]), (self._week, self.week_points[0][0]))

    def wakes_young(self) -> Wakes | None:
        """As many blocks as units of access that raise something: nothing is new to an account without habits."""
        return ((self._hour, self.hour_points[0][0]), (BLOCKS, self.day_points[0][0]))

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The strongest of the four facts."""
        if seen.origin is None or seen.origin.kind in ("own", "local"):
            return None
        if ledger.hostile(seen.origin.network) and not ledger.spared(seen.origin.network):
            return self._hostile(seen)
        facts = self._facts(seen, ledger)
        if facts:
            return max(facts, key=lambda proof: proof.points)
        return WITHDRAWN

    def _facts(self, seen: Observation, ledger: View) -> list[Evidence]:
        found: list[Evidence] = []
        hour = _blamed(ledger, ledger.lately(self._hour))
        self._units(seen, hour, HOUR, self.hour_points, found)
        self._units(seen, _blamed(ledger, ledger.distinct(BLOCKS)), DAY, self.day_points, found)
        if ledger.young:
            self._begun(seen, ledger, hour, found)
        else:
            self._new(seen, ledger, self._fresh(ledger, hour), HOUR, self.new_points, found)
            week = _blamed(ledger, ledger.lately(self._week))
            if len(week) >= self.week_points[0][0]:
                self._new(seen, ledger, self._fresh(ledger, week), Seconds(7 * DAY), self.week_points, found)
        return found

    def _units(
        self, seen: Observation, blocks: Sequence[str], window: Seconds, anchors: Anchors, found: list[Evidence]
    ) -> None:
        """Units of access: networks, and one more for every `per_network` blocks inside one."""
        if len(blocks) < anchors[0][0]:
            return
        per_network = Counter(_network(block) for block in blocks)
        units = self._fair(seen, sum(self._accesses(network, count) for network, count in per_network.items()))
        points = graded(units, anchors)
        if points:
            limit = anchors[0][0]
            says = f"{units:g} networks in {spoken(window)}, {limit - 1:.0f} allowed"
            found.append(
                evidence(self, seen, says, points=points, measured=units, limit=limit, lasts=window, values=per_network)
            )

    def _accesses(self, network: str, blocks: int) -> int:
        """How many accesses so many blocks of a network are."""
        return ceil(blocks / max(self.per_network, self.pools.get(network, 0)))

    def _new(
        self,
        seen: Observation,
        ledger: View,
        fresh: Sequence[str],
        window: Seconds,
        anchors: Anchors,
        found: list[Evidence],
    ) -> None:
        """Networks without habit."""
        points = graded(self._fair(seen, len(fresh)), anchors)
        if not points:
            return
        if ledger.young:
            points = min(points, self.young_most)
        elif ledger.strangeness == STRANGE:
            points = min(anchors[-1][1], points + self.strange_extra)
        noun = "network" if len(fresh) == 1 else "networks"
        program = " and a program" if ledger.strangeness == STRANGE else ""
        says = f"{len(fresh)} {noun}{program} without habit in {spoken(window)}: {named(fresh)}"
        limit = anchors[0][0]
        found.append(
            evidence(self, seen, says, points=points, measured=len(fresh), limit=limit, lasts=window, values=fresh)
        )

    def _begun(self, seen: Observation, ledger: View, hour: Sequence[str], found: list[Evidence]) -> None:
        """Networks without habit where nothing is habit yet: those that began today, when the program began, too."""
        if ledger.strangeness < STRANGE:
            return
        since = seen.event.at // DAY * DAY
        networks = dict.fromkeys(_network(block) for block in hour)
        fresh = [network for network in networks if (ledger.first_seen(NETWORKS, network) or 0.0) >= since]
        self._new(seen, ledger, fresh, HOUR, self.new_points, found)

    def _fresh(self, ledger: View, values: Sequence[str]) -> list[str]:
        networks = dict.fromkeys(_network(value) for value in values)
        return [network for network in networks if not ledger.is_habit(NETWORKS, network)]

    def _fair(self, seen: Observation, units: int) -> float:
        """Units for the curve: those of a shared account count half."""
        return units / 2 if seen.event.account in self.shared else units

    def _hostile(self, seen: Observation) -> Evidence:
        network = seen.origin.network if seen.origin else ""
        says = f"network {network} took part in an earlier theft of this account"
        return evidence(self, seen, says, points=HOSTILE_POINTS, measured=1, limit=1, lasts=DAY, values=(network,))

    @cached_property
    def _hour(self) -> Lately:
        return Lately(BLOCKS, HOUR)

    @cached_property
    def _week(self) -> Lately:
        return Lately(NETWORKS, Seconds(7 * DAY))


def _network(block: str) -> str:
    return block.partition(" ")[0]


def _blamed(ledger: View, blocks: Sequence[str]) -> Sequence[str]:
    """Without what was part of a wrong block."""
    return [block for block in blocks if not ledger.spared(_network(block))] if ledger.sparing else blocks
