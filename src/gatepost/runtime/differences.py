"""What two configurations made of the same accounts, account by account."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from gatepost.core.evidence import Level, Verdict
from gatepost.core.incident import Incident
from gatepost.core.units import Account, Instant

Stops = Literal["both", "here", "there", "neither"]


class Side(Struct, frozen=True):
    """What one configuration did with one account: the first of its incidents with the highest level."""

    level: Level
    since: Instant
    """The oldest evidence that carried it."""
    reached: Instant
    """When it was first at hold or block; of others, when it came to its level."""
    out_before: int
    """Recipients accepted until then."""
    out_after: int
    """Recipients accepted after it."""
    incidents: int
    """How many there were in all."""
    verdict: Verdict
    """The one that raised it to that level."""

    @property
    def stopped(self) -> bool:
        """Whether it was held or blocked."""
        return self.level >= Level.HOLD


class Difference(Struct, frozen=True):
    """One account, by the one configuration and by the other; None: it had no incident there."""

    account: Account
    here: Side | None
    there: Side | None

    @property
    def stopped_by(self) -> Stops:
        """Which of the two held or blocked it."""
        here, there = (side is not None and side.stopped for side in (self.here, self.there))
        if here and there:
            return "both"
        return "here" if here else "there" if there else "neither"

    @property
    def alike(self) -> bool:
        """Whether both did the same at the same time; for which reasons may differ."""
        return _told(self.here) == _told(self.there)

    @property
    def risen(self) -> bool:
        """Whether the other configuration went further, or as far and earlier."""
        if self.there is None or self.here is None:
            return self.there is not None
        if self.there.level != self.here.level:
            return self.there.level > self.here.level
        return self.there.reached < self.here.reached


def _told(side: Side | None) -> tuple[object, ...] | None:
    if side is None:
        return None
    return side.level, side.reached, side.out_before, side.out_after


def compared(here: Iterable[Incident], there: Iterable[Incident]) -> list[Difference]:
    """Every account that either has an incident of, in the order of time; those that are alike, too."""
    one, other = sides(here), sides(there)
    found = [Difference(account, one.get(account), other.get(account)) for account in {**one, **other}]
    return sorted(found, key=lambda each: (_first(each), each.account))


def _first(difference: Difference) -> float:
    return min(side.reached for side in (difference.here, difference.there) if side is not None)


def sides(incidents: Iterable[Incident]) -> Mapping[Account, Side]:
    """What was done with each account."""
    found: dict[Account, list[Incident]] = {}
    for incident in incidents:
        found.setdefault(incident.account, []).append(incident)
    return {account: _side(its) for account, its in found.items()}


def _side(incidents: Sequence[Incident]) -> Side:
    top = max(incidents, key=lambda incident: (incident.peak, -incident.number))
    return Side(
        level=top.peak,
        since=top.hostile_since or top.opened,
        reached=top.stopped or top.verdict.at,
        out_before=top.out_before,
        out_after=top.out_after,
        incidents=len(incidents),
        verdict=top.verdict,
    )
