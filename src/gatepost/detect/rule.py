"""A counting rule written in TOML."""

from functools import cached_property
from typing import ClassVar

from msgspec.structs import replace

from gatepost.core.evidence import WITHDRAWN, Answer, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Detector, Wakes, evidence
from gatepost.ledger.measures import Count, Distinct, Measure, Only, When
from gatepost.ledger.recorder import fits
from gatepost.ledger.signals import SIGNALS
from gatepost.ledger.view import View
from gatepost.ledger.written import ONLY


class Rule(Detector, frozen=True, kw_only=True, rename={"label": "name", "group": "family"}):
    """`count` or `distinct` of a signal within a window, at least so many, for so many points.

    Blind spots: those of a fixed number: it knows no habits, and accuses whoever is busy.
    """

    family: ClassVar[Family] = Family.VOLUME
    on: ClassVar[tuple[str, ...]] = ()

    label: str  #: name of the rule, unique among detectors; never "operator"
    count: str = ""  #: signal whose amount is counted; exactly one of count and distinct
    distinct: str = ""  #: signal whose different values are counted
    within: Seconds = Seconds(3600)  #: window of event time, 1m or more
    at_least: int  #: the number that raises it
    points: float  #: 0..100
    group: str = "volume"  #: family the points belong to
    ratio_of: str = ""  #: a second signal: the rule also asks for a share of it
    ratio: float = 0.0  #: the least share count / ratio_of
    when: When = "always"  #: "strange", "half" or "habitual" access only
    only: dict[str, tuple[str, ...]] = {}  #: equality lists on country, network, kind, service, mechanism, print

    @property
    def name(self) -> str:
        """The rule's own name."""
        return self.label

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases its signal reads."""
        return SIGNALS[self._counted.signal].cases

    def measures(self) -> tuple[Measure, ...]:
        """What is counted, and what it is compared with."""
        return (self._counted, self._compared) if self._compared else (self._counted,)

    def wakes(self) -> Wakes:
        """The number that raises it."""
        return ((self._counted, self.at_least),)

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """At least so many, and at least such a share."""
        counted = self._counted
        values = ledger.distinct(counted) if isinstance(counted, Distinct) else ()
        number = ledger.count(counted) if isinstance(counted, Count) else len(values)
        whole = ledger.count(self._compared) if self._compared else 0
        if number < self.at_least or (self._compared and number < self.ratio * whole):
            return WITHDRAWN
        share = f" ({number} of {whole} {self.ratio_of})" if self._compared else ""
        says = f"{number} {counted.signal} in {spoken(self.within)}, {self.at_least - 1} allowed{share}"
        found = evidence(
            self, seen, says, points=self.points, measured=number, limit=self.at_least, lasts=self.within, values=values
        )
        return replace(found, family=Family(self.group))

    def unusable(self, facts: frozenset[str]) -> str:
        """A rule about countries or networks needs the tables that know them."""
        missing = [name for name in self.only if name in ("country", "network") and name not in facts]
        return f"only.{missing[0]} needs a table that knows it, and there is none" if missing else ""

    @cached_property
    def _counted(self) -> Count | Distinct:
        only: Only = tuple(sorted(self.only.items()))
        if self.count:
            return Count(self.count, self.within, when=self.when, only=only)
        return Distinct(self.distinct, self.within, when=self.when, only=only)

    @cached_property
    def _compared(self) -> Count | None:
        return Count(self.ratio_of, self.within) if self.ratio_of else None

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise ValueError(problem)

    def _problem(self) -> str:
        if bool(self.count) == bool(self.distinct):
            return f"rule {self.label!r}: give either count or distinct"
        for signal, measure in ((self.count or self.distinct, self._counted), (self.ratio_of, self._compared)):
            if measure is not None and not fits(measure):
                words = ", ".join(sorted(SIGNALS))
                return f"rule {self.label!r}: {signal!r} is no signal that can be used so; there are: {words}"
        if self.group not in [family.value for family in Family]:
            return f"rule {self.label!r}: there is no family {self.group!r}"
        unknown = [name for name in self.only if name not in ONLY]
        if unknown:
            return f"rule {self.label!r}: only.{unknown[0]} is unknown; there are: {', '.join(ONLY)}"
        if self.at_least < 1 or not 0 <= self.points <= 100:
            return f"rule {self.label!r}: at_least must be 1 or more, points 0 to 100"
        return ""
