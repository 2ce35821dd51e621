"""Notices that the clock was moved, or that the machine slept."""

from gatepost.core.ports import Clock
from gatepost.runtime.clock import Stopwatch

MOST = 60.0
"""Seconds a clock may be corrected at once without a word."""


class Steady:
    """Compares the clock with a stopwatch."""

    def __init__(self, clock: Clock, stopwatch: type[Stopwatch] = Stopwatch) -> None:
        self._clock, self._new = clock, stopwatch
        self._begin, self._watch = clock.now(), stopwatch()

    def jump(self) -> float:
        """Seconds by which the clock was moved since the last look; 0.0 when it was not, or by less than a minute."""
        moved = self._clock.now() - self._begin - self._watch.seconds
        if abs(moved) < MOST:
            return 0.0
        self._begin, self._watch = self._clock.now(), self._new()
        return moved
