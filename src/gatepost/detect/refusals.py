"""Too many refusals as spam, by blocklist or by policy."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import Family
from gatepost.core.units import Seconds
from gatepost.detect.base import Anchors
from gatepost.detect.failing import Failing
from gatepost.detect.opinion import Opinion
from gatepost.ledger.measures import Measure
from gatepost.ledger.signals import UNWANTED
from gatepost.ledger.view import View


class Refusals(Failing, frozen=True, kw_only=True):
    """Mail refused as spam, by blocklist or by policy.

    Honest mail is hardly ever refused as spam; two percent is already much. Refusals through the owner's usual network
    and program stay a warning (at most 35 points). What a single receiver refuses is its opinion of a letter or of us.

    Blind spots: when our own address is on a blocklist every customer is refused; the first ones get a warning here
    at most, until three of them show that it is us (`ledger/receivers.py`).
    """

    family: ClassVar[Family] = Family.REPUTATION
    on: ClassVar[tuple[str, ...]] = UNWANTED
    signals: ClassVar[tuple[str, ...]] = ("delivery.unwanted",)
    noun: ClassVar[str] = "refused as spam, by blocklist or by policy"

    within: Seconds = Seconds(86400)  #: window of event time
    honest: float = 0.02  #: share of such refusals in honest mail
    thief: float = 0.25  #: share of such refusals in a thief's mail
    young_most: float = 30.0  #: most points for strange access while the account has fewer than three clean days
    least: int = 3  #: refusals below which nothing is said
    points: Anchors = ((3.0, 15.0), (8.0, 42.0), (25.0, 80.0))  #: log-likelihood ratio, points

    def measures(self) -> tuple[Measure, ...]:
        """Also whether more than one receiver refuses."""
        return (*super().measures(), *self._opinion.measures())

    def _alone(self, ledger: View) -> int:
        return self._opinion.alone(ledger)

    @cached_property
    def _opinion(self) -> Opinion:
        return Opinion(self.within)
