"""When a detector need not be asked: nothing it compares is large enough to matter.

A gate compares what the page holds with the smallest measurement that could raise evidence. It looks at all that a
slot holds first, windows left out, which is never less than what a window of it holds, and only then at the window: a
closed gate changes no answer (contracts 24).
"""

from collections.abc import Iterable, Mapping

from gatepost.detect.base import Detector
from gatepost.ledger import habit, ring
from gatepost.ledger.measures import YOUNG_DAYS, Count, Distinct, Known, Lately, key_of
from gatepost.ledger.page import Page


class Gate:
    """The smallest measurements at which one of some detectors could speak."""

    __slots__ = ("always", "known", "rings", "sets", "strange")

    def __init__(self, detectors: Iterable[Detector], *, young: bool = False) -> None:
        """Work out the smallest measurements.

        Args:
            detectors: that could speak.
            young: of an account that has no habits yet; a gate for others is right for those too, but opens earlier.
        """
        rings: dict[Count, float] = {}
        sets: dict[Distinct | Lately, float] = {}
        self.always = self.strange = False
        for detector in detectors:
            wakes = detector.wakes_young() if young else detector.wakes()
            self.strange = self.strange or detector.strange
            if wakes is None or any(least <= 0 or measure.of != "account" for measure, least in wakes):
                self.always = True
                continue
            for measure, least in wakes:
                if isinstance(measure, Count):
                    rings[measure] = min(rings.get(measure, least), least)
                else:
                    sets[measure] = min(sets.get(measure, least), least)
        self.rings = tuple((key_of(one), one.window / ring.SPAN, least) for one, least in rings.items())
        self.sets = tuple(
            _row(one, one.window, least) for one, least in sets.items() if isinstance(_kept(one), Distinct)
        )
        self.known = tuple(_row(one, one.window, least) for one, least in sets.items() if isinstance(_kept(one), Known))

    def opens(self, page: Page, strangeness: int) -> bool:
        """Whether one of the detectors could speak, while none of them has evidence on the page."""
        if self.always or (self.strange and (page.hostile or (strangeness and page.days >= YOUNG_DAYS))):
            return True
        places, row, now = page.rings.places, page.rings.numbers, page.clock
        for key, width, least in self.rings:
            place = places.get(key)
            if place is not None and row[place + 1] >= least and ring.count(row, now, width, place) >= least:
                return True
        seen = page.seen
        for key, window, least in self.sets:
            values = seen.get(key)
            if values is not None and len(values) >= least and _within(values, now - window) >= least:
                return True
        return any(_lately(page, key, now - window, least) for key, window, least in self.known)


def _within(values: Mapping[str, float], after: float) -> int:
    return sum(last > after for last in values.values())


def _lately(page: Page, key: str, after: float, least: float) -> bool:
    sights = page.known.get(key)
    if sights is None or len(sights) < least:
        return False
    return len(habit.lately(sights, after, page.cleared)) >= least


def _kept(one: Distinct | Lately) -> Distinct | Known:
    """The measure that holds the values."""
    return one.measure if isinstance(one, Lately) else one


def _row(one: Distinct | Lately, window: float, least: float) -> tuple[str, float, float]:
    return key_of(_kept(one)), window, least
