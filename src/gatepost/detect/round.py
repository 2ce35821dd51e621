"""Whom one kind of event concerns, and who of them need be asked.

Owns the choice: who could speak (gate.py), and whoever has evidence that stands. One look at a page answers for all
detectors of a case; the few choices that come of it are worked out once.
"""

from collections.abc import Iterable
from typing import NamedTuple

from gatepost.detect.base import Detector
from gatepost.detect.gate import Gate
from gatepost.ledger.measures import YOUNG_DAYS
from gatepost.ledger.page import Page


class Named(NamedTuple):
    """A detector, its name worked out once."""

    name: str
    detector: Detector


class Round:
    """The detectors of one case in their order: those that it wakes, then those that it can only ease."""

    __slots__ = ("_all", "_bits", "_chosen", "_gate", "_members", "_young", "wakes")

    def __init__(self, case: str, detectors: Iterable[Detector]) -> None:
        """Sort them out.

        Args:
            case: see ledger/signals.py.
            detectors: in the order they are asked.
        """
        every = [Named(one.name, one) for one in detectors]
        woken = [one for one in every if case in one.detector.cases]
        self._members = (*woken, *(one for one in every if case in one.detector.eases))
        self._gate, self._young = (Gate([one.detector for one in woken], young=young) for young in (False, True))
        self.wakes = bool(woken)
        """Whether it concerns anybody while nothing stands."""
        self._all = (1 << len(woken)) - 1
        self._bits: dict[str, int] = {}
        for place, one in enumerate(self._members):
            self._bits[one.name] = self._bits.get(one.name, 0) | 1 << place
        self._chosen: dict[int, tuple[Named, ...]] = {}

    def choose(self, page: Page, strangeness: int, *, everybody: bool = False) -> tuple[Named, ...]:
        """Those who could speak now, and those whose evidence stands.

        Args:
            page: the account's, written already.
            strangeness: of the access.
            everybody: ask all that the case wakes, whatever the page says.
        """
        if not self._members:
            return ()
        if everybody:
            bits = self._all
        else:
            gate = self._young if page.days < YOUNG_DAYS else self._gate
            bits = gate.awake(page, strangeness)
        if page.standing.octets:
            for name in page.standing:
                bits |= self._bits.get(name, 0)
        chosen = self._chosen.get(bits)
        if chosen is None:
            chosen = tuple(one for place, one in enumerate(self._members) if bits >> place & 1)
            self._chosen[bits] = chosen
        return chosen
