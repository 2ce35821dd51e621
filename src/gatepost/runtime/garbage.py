"""When Python looks for garbage: not while somebody waits for an answer at a door.

A full collection walks through everything that is remembered: 190 ms with 10,000 accounts, and Python begins one
whenever enough was made. What is old is therefore set aside (gc.freeze) every second, so that a collection by itself
looks at little, and all of it is looked at once in ten minutes.
"""

import gc

from gatepost.runtime.clock import Stopwatch

ASIDE = 1.0
"""Seconds between two times of setting aside."""

WHOLE = 600.0
"""Seconds between two full collections: what is garbage and was set aside waits for them."""


class Garbage:
    """Looked after between two blocks of lines."""

    def __init__(self, stopwatch: type[Stopwatch] = Stopwatch) -> None:
        self._new = stopwatch
        self._aside, self._whole = stopwatch(), stopwatch()

    def look(self) -> None:
        """Set aside, or collect, when it is time."""
        if self._whole.seconds >= WHOLE:
            gc.unfreeze()
            gc.collect()
            self._whole = self._new()
        elif self._aside.seconds < ASIDE:
            return
        gc.freeze()
        self._aside = self._new()
