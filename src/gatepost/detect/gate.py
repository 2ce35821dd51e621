"""When a detector need not be asked: nothing it compares is large enough to matter.

A gate compares what the page holds with the smallest measurement that could raise evidence. It looks at all that a
slot holds first, windows left out, which is never less than what a window of it holds, and only then at the window: a
closed gate changes no answer (contracts 24).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from gatepost.detect.base import Detector
from gatepost.ledger import habit, ring
from gatepost.ledger.measures import Count, Distinct, Known, Lately, key_of
from gatepost.ledger.packed import Times
from gatepost.ledger.page import Page
from gatepost.ledger.plan import HALF, STRANGE

Least = tuple[tuple[float, int], ...]
"""Numbers of a measure, each with the bits of the detectors that could speak from it on."""


class Gate:
    """The smallest measurements at which some detectors could speak; the nth detector's bit is 1 << n."""

    __slots__ = ("always", "known", "least", "rings", "sets", "strange")

    def __init__(self, detectors: Iterable[Detector], *, young: bool = False) -> None:
        """Work out the smallest measurements.

        Args:
            detectors: that could speak.
            young: of an account that has no habits yet; a gate for others is right for those too, but opens earlier.
        """
        wanted = defaultdict[Count | Distinct | Lately, list[tuple[float, int]]](list)
        self.always = self.strange = 0
        self.least = STRANGE if young else HALF
        for place, detector in enumerate(detectors):
            bit, wakes = 1 << place, detector.wakes_young() if young else detector.wakes()
            if detector.strange:
                self.strange |= bit
            if wakes is None or any(least <= 0 or measure.of != "account" for measure, least in wakes):
                self.always |= bit
                continue
            for measure, least in wakes:
                wanted[measure].append((least, bit))
        rows = [(one, key_of(_kept(one)), one.window, _least(pairs)) for one, pairs in wanted.items()]
        self.rings = tuple(
            (key, window / ring.SPAN, least[0][0], least) for one, key, window, least in rows if isinstance(one, Count)
        )
        self.sets = tuple(row[1:] for row in rows if isinstance(_kept(row[0]), Distinct))
        self.known = tuple(row[1:] for row in rows if isinstance(_kept(row[0]), Known))

    def awake(self, page: Page, strangeness: int) -> int:
        """The bits of the detectors that could speak, while none of them has evidence on the page."""
        bits = self.always
        if self.strange and (page.hostile or strangeness >= self.least):
            bits |= self.strange
        places, row, now = page.rings.places, page.rings.numbers, page.clock
        for key, width, lowest, least in self.rings:
            place = places.get(key)
            if place is not None and row[place + 1] >= lowest:
                bits |= _reached(ring.count(row, now, width, place), least)
        for key, window, least in self.sets:
            values = page.seen.get(key)
            if values is not None and len(values) >= least[0][0]:
                bits |= _reached(_within(values, now - window), least)
        for key, window, least in self.known:
            sights = page.known.get(key)
            if sights is not None and len(sights) >= least[0][0]:
                bits |= _reached(len(habit.lately(sights, now - window, page.cleared)), least)
        return bits

    def opens(self, page: Page, strangeness: int) -> bool:
        """Whether one of the detectors could speak, while none of them has evidence on the page."""
        return self.awake(page, strangeness) != 0


def _reached(number: int, least: Least) -> int:
    bits = 0
    for enough, bit in least:
        if number < enough:
            break
        bits |= bit
    return bits


def _least(pairs: Iterable[tuple[float, int]]) -> Least:
    return tuple(sorted(pairs))


def _within(values: Mapping[str, float], after: float) -> int:
    lasts = values.numbers if type(values) is Times else values.values()
    return len([last for last in lasts if last > after])


def _kept(one: Count | Distinct | Lately) -> Count | Distinct | Known:
    """The measure that holds the values."""
    return one.measure if isinstance(one, Lately) else one
