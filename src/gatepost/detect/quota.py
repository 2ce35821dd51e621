"""Hard limits per hour and per 24 hours, with advice for honest bulk senders."""

from functools import cached_property
from typing import ClassVar

from msgspec import Struct

from gatepost.core.evidence import WITHDRAWN, Answer, Family, Level
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds
from gatepost.detect.base import Detector, Wakes, evidence
from gatepost.ledger.measures import Count, Measure
from gatepost.ledger.view import View

HOUR, DAY = Seconds(3600), Seconds(86400)


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Recipients an account may write to."""

    hour: int = 500
    day: int = 2000


class Quota(Detector, frozen=True, kw_only=True):
    """More recipients than the account may write to.

    Too much honest mail is not a theft: this asks for a slower pace (throttle) and carries no points of suspicion.
    From 80 % of the daily limit on it advises a bulk service.

    Blind spots: it accuses honest newsletters above the limit, which need a limit of their own; it never sees a thief
    who stays below it.
    """

    family: ClassVar[Family] = Family.VOLUME
    on: ClassVar[tuple[str, ...]] = ("submission", "more")

    hour: int = 500  #: recipients in any 60 minutes
    day: int = 2000  #: recipients in any 24 hours
    demands: str = "throttle"  #: level asked for above a limit: watch, throttle, hold or block
    advice: str = "regular bulk mail belongs on a bulk mail service"  #: what honest bulk senders are told
    accounts: dict[str, Limits] = {}  #: limits of single accounts
    domains: dict[str, Limits] = {}  #: limits of all accounts of a domain
    bulk: tuple[str, ...] = ()  #: accounts that are not advised, because they are known (role = "bulk")

    def measures(self) -> tuple[Measure, ...]:
        """Recipients per hour and per day."""
        return (self._hour, self._day)

    def wakes(self) -> Wakes:
        """The smallest limits anybody has."""
        limits = (self._limits, *self.accounts.values(), *self.domains.values())
        hour, day = min(one.hour for one in limits), min(one.day for one in limits)
        return ((self._hour, hour + 1), (self._day, 0.8 * day))

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """Compare both windows with the account's own limits."""
        hour, day = ledger.count(self._hour), ledger.count(self._day)
        limits = self.limits(seen.event.account) if self.accounts or self.domains else self._limits
        for count, limit, window, words in ((hour, limits.hour, HOUR, "1h"), (day, limits.day, DAY, "24h")):
            if count > limit:
                return self._over(seen, count, limit, window, words)
        if day >= 0.8 * limits.day and seen.event.account not in self.bulk:
            says = f"{day} recipients in 24h, {day / limits.day:.0%} of the {limits.day} allowed: {self.advice}"
            return evidence(self, seen, says, points=0, measured=day, limit=0.8 * limits.day, lasts=HOUR)
        return WITHDRAWN

    def limits(self, account: str) -> Limits:
        """The account's own limits, its domain's, or the general ones."""
        return self.accounts.get(account) or self.domains.get(account.rpartition("@")[2]) or self._limits

    def _over(self, seen: Observation, count: int, limit: int, window: Seconds, words: str) -> Answer:
        level = Level[self.demands.upper()]
        says = f"{count} recipients in {words}, {limit} allowed: {self.advice}"
        return evidence(self, seen, says, points=0, measured=count, limit=limit, lasts=window, demands=level)

    @cached_property
    def _limits(self) -> Limits:
        return Limits(self.hour, self.day)

    @cached_property
    def _hour(self) -> Count:
        return Count("recipient.accepted", HOUR)

    @cached_property
    def _day(self) -> Count:
        return Count("recipient.accepted", DAY)

    def __post_init__(self) -> None:
        if self.hour < 1 or self.day < 1:
            msg = "hour and day must be at least 1 recipient"
            raise ValueError(msg)
        if self.demands.upper() not in Level.__members__:
            msg = f'demands = "{self.demands}": write "watch", "throttle", "hold" or "block"'
            raise ValueError(msg)
