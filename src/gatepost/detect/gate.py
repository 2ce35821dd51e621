"""When a detector need not be asked: nothing it compares is large enough to matter.

A gate compares what the page holds in all, windows left out, with the smallest measurement that could raise evidence.
What a page holds is never less than what a window of it holds, so a closed gate changes no answer (contracts 24).
"""

from collections.abc import Iterable

from gatepost.detect.base import Detector
from gatepost.ledger.measures import Count, Distinct, key_of
from gatepost.ledger.page import Page


class Gate:
    """The smallest measurements at which one of some detectors could speak."""

    __slots__ = ("always", "rings", "sets", "strange")

    def __init__(self, detectors: Iterable[Detector]) -> None:
        rings: dict[str, float] = {}
        sets: dict[str, float] = {}
        self.always = self.strange = False
        for detector in detectors:
            wakes = detector.wakes()
            self.strange = self.strange or detector.strange
            if wakes is None or any(least <= 0 or measure.of != "account" for measure, least in wakes):
                self.always = True
                continue
            for measure, least in wakes:
                _lower(rings if isinstance(measure, Count) else sets, measure, least)
        self.rings, self.sets = tuple(rings.items()), tuple(sets.items())

    def opens(self, page: Page, strangeness: int) -> bool:
        """Whether one of the detectors could speak, while none of them has evidence on the page."""
        if self.always or (self.strange and (strangeness or page.hostile)):
            return True
        rings = page.rings
        for key, least in self.rings:
            if (ring := rings.get(key)) is not None and ring[1] >= least:
                return True
        seen = page.seen
        for key, least in self.sets:  # noqa: SIM110 - a generator would cost more than the comparison
            if (values := seen.get(key)) is not None and len(values) >= least:
                return True
        return False


def _lower(slots: dict[str, float], measure: Count | Distinct, least: float) -> None:
    key = key_of(measure)
    slots[key] = min(slots.get(key, least), least)
