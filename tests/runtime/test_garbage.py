"""Python's collections: short ones only, and garbage goes all the same."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from tests.runtime.test_steady import Stopped

from gatepost.runtime.garbage import ASIDE, WHOLE, Garbage


class Ring:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Nothing stays set aside for other tests."""
    Stopped.shows = 0.0
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_what_is_old_is_no_longer_walked_through() -> None:
    """After a second everything is set aside; a collection then finds nothing to look at."""
    garbage = Garbage(Stopped)
    garbage.look()
    assert gc.get_freeze_count() == 0
    Stopped.shows = ASIDE
    garbage.look()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects(generation=2)) < 1000


def test_garbage_that_was_set_aside_goes_within_ten_minutes() -> None:
    """It is not kept for ever."""
    garbage, ring = Garbage(Stopped), Ring()
    gone = weakref.ref(ring)
    Stopped.shows = ASIDE
    garbage.look()
    del ring
    gc.collect()
    assert gone() is not None
    Stopped.shows = WHOLE
    garbage.look()
    assert gone() is None and gc.get_freeze_count() > 10_000
