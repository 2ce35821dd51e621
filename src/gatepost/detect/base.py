"""The detector protocol, and how evidence is made.

A detector is a frozen struct: its fields are its parameters, its TOML block is its constructor. It is pure: equal
views give equal answers.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import asdict

from gatepost.core.events import Finding
from gatepost.core.evidence import Answer, Evidence, Family, Level
from gatepost.core.facts import Observation
from gatepost.core.units import Instant, Seconds
from gatepost.ledger.measures import Count, Distinct, Lately, Measure
from gatepost.ledger.view import View

Anchors = tuple[tuple[float, float], ...]
"""A curve as (measured, points) pairs, ascending."""

Wakes = tuple[tuple[Count | Distinct | Lately, float], ...]
"""Measures, each with the smallest number of it that could matter."""

MAX_VALUES = 10


class Detector(Struct, frozen=True, dict=True, kw_only=True, forbid_unknown_fields=True):
    """One question about an account.

    Subclasses say their family, the cases they wake on (see ledger/signals.py), their measures and their answer.
    """

    family: ClassVar[Family]
    on: ClassVar[tuple[str, ...]]
    """Cases that can make the answer stronger."""
    eases: ClassVar[tuple[str, ...]] = ()
    """Cases that can only take an answer back: they wake the detector only while its evidence stands."""

    strange: ClassVar[bool] = False
    """Also asked when the page keeps hostile values, or the access of an account that is not young is not habitual."""

    shadow: bool = False
    """True: works and is shown, but adds no points and demands nothing."""

    @classmethod
    def kind(cls) -> str:
        """What configuration calls it."""
        return cls.__name__.lower()

    @property
    def name(self) -> str:
        """What evidence calls it."""
        return self.kind()

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases that wake it."""
        return self.on

    def measures(self) -> tuple[Measure, ...]:
        """What it needs remembered."""
        raise NotImplementedError

    def wakes(self) -> Wakes | None:
        """What must be reached, by one measure at least, before `inspect` can answer with evidence.

        None: ask always. Only while no evidence of this detector stands; then it is asked each time.
        """
        return None

    def wakes_young(self) -> Wakes | None:
        """The same for an account that is young: it has no habits, so that most detectors need more of it."""
        return self.wakes()

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """Compare. Evidence replaces what stood, None leaves it, WITHDRAWN takes back what stood, if anything did."""
        raise NotImplementedError

    def expose(self, seen: Observation, ledger: View) -> Iterable[Finding]:
        """What a stopped account's act at a place says about others there; they hear of it, and nobody beyond them."""
        return ()

    def unusable(self, facts: frozenset[str]) -> str:
        """Why it cannot work when only these facts are known ("country", "network"); "" when it can."""
        return ""

    def settings(self) -> dict[str, object]:
        """Its parameters by name."""
        return asdict(self)


def summed(ledger: View, counts: Iterable[Count]) -> int:
    """Several counts as one."""
    return sum(ledger.count(count) for count in counts)


def graded(measured: float, anchors: Anchors) -> float:
    """Points on a curve: straight lines between anchors, 0 below the first, flat above the last."""
    low_x, low_y = anchors[0]
    if measured < low_x:
        return 0.0
    for x, y in anchors[1:]:
        if measured < x:
            return round(low_y + (y - low_y) * (measured - low_x) / (x - low_x), 1)
        low_x, low_y = x, y
    return float(low_y)


def evidence(
    detector: Detector,
    seen: Observation,
    says: str,
    *,
    points: float,
    measured: float,
    limit: float,
    lasts: Seconds,
    demands: Level = Level.CLEAR,
    acted: bool = True,
    values: Iterable[str] = (),
) -> Evidence:
    """What a detector found, citing the line that shows it.

    Args:
        detector: who says it.
        seen: the observation that made it say so.
        says: a sentence with numbers and units.
        points: 0..100.
        measured: the number in the sentence.
        limit: the smallest number that would have raised it.
        lasts: how long it stands when nothing renews it.
        demands: the level a hard limit asks for.
        acted: whether only an authenticated act of the account can cause this.
        values: networks, domains, addresses; the first ten are kept.
    """
    at = seen.event.at
    shown = tuple(values)[:MAX_VALUES]
    if detector.shadow:
        points, demands, says = 0.0, Level.CLEAR, f"{says} (shadow)"
    return Evidence(
        detector=detector.name,
        family=detector.family,
        points=points,
        since=at,
        until=Instant(at + lasts),
        says=says,
        measured=float(measured),
        limit=float(limit),
        demands=demands,
        acted=acted,
        values=shown,
        cites=(seen.event.cursor,),
    )


def finding(seen: Finding) -> Evidence:
    """What slow analysis found, as evidence that stands for a day."""
    return Evidence(
        detector=seen.detector,
        family=Family.HISTORY,
        points=min(100.0, max(0.0, seen.points)),
        since=seen.at,
        until=Instant(seen.at + 86400),
        says=seen.text,
        measured=seen.points,
        limit=0.0,
        cites=(seen.cursor,),
    )


def many(number: int, of: Distinct) -> str:
    """How many different values a set holds, for a sentence: "9", and "24 or more" when it is full."""
    return str(number) if number < of.cap else f"{number} or more"


def named(values: Sequence[str], most: int = 5) -> str:
    """A few values for a sentence: "a, b, c and 4 more"."""
    shown = ", ".join(values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"
