"""The only file that reads the clock."""

import time

from gatepost.core.units import Instant


class SystemClock:
    """The time of day."""

    def now(self) -> Instant:
        """Seconds since the Unix epoch, UTC."""
        return Instant(time.time())


class Stopwatch:
    """Seconds since it was made; never runs backwards."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Elapsed seconds."""
        return time.monotonic() - self._start
