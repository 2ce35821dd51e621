"""A clock that was moved."""

from tests.runtime.scene import NIGHT, Fixed

from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.steady import Steady


class Stopped(Stopwatch):
    """A stopwatch that shows what it is told."""

    shows = 0.0

    @property
    def seconds(self) -> float:
        """Elapsed seconds."""
        return self.shows


def test_time_that_passes_is_no_jump() -> None:
    """Clock and stopwatch agree; small corrections are nothing."""
    clock = Fixed()
    steady = Steady(clock, Stopped)
    Stopped.shows, clock.at = 86400.0, NIGHT + 86400 + 59
    assert steady.jump() == 0.0


def test_a_jump_is_told_once_either_way() -> None:
    """An hour ahead, and an hour back."""
    Stopped.shows, clock = 0.0, Fixed()
    steady = Steady(clock, Stopped)
    clock.at += 3600
    assert steady.jump() == 3600
    assert steady.jump() == 0.0
    clock.at -= 7200
    assert steady.jump() == -7200
