"""One number a day, and what is usual.

A diary is a row of (day, value) pairs laid flat, the open day last. Closed days that an incident touched
are dropped when they are read, so that nothing is learnt from an attack.
"""

from array import array
from collections.abc import Collection, Iterable, MutableSequence, Sequence
from functools import lru_cache

from gatepost.core.units import DAY

Diary = MutableSequence[int]
"""On a page an array, which weighs four octets a number."""

LARGEST = (1 << 31) - 1
"""The largest number that a day holds; a day with more has so many."""


def new(saved: Iterable[int] = ()) -> Diary:
    """A diary as pages hold it."""
    return array("i", [min(number, LARGEST) for number in saved])


def write(diary: Diary, at: float, amount: int, days: int) -> tuple[int, int] | None:
    """Add an amount to its day; returns (day, value) of the day that this closed, if it closed one."""
    day = int(at // DAY)
    if diary and diary[-2] == day:
        diary[-1] = min(diary[-1] + amount, LARGEST)
        return None
    if diary and diary[-2] > day:
        _late(diary, day, amount)
        return None
    closed = (diary[-2], diary[-1]) if diary else None
    diary.extend((day, amount))
    del diary[: max(0, len(diary) - 2 * (days + 1))]
    return closed


def _late(diary: Diary, day: int, amount: int) -> None:
    """A late event belongs to its own day when that day is still written."""
    for place in range(0, len(diary), 2):
        if diary[place] == day:
            diary[place + 1] = min(diary[place + 1] + amount, LARGEST)
            return


def closed(diary: Sequence[int], at: float, dirty: Collection[int]) -> list[int]:
    """The values of all clean days before the day of `at`."""
    today = int(at // DAY)
    return [value for day, value in zip(diary[::2], diary[1::2], strict=True) if day < today and day not in dirty]


def usual(diary: Diary, at: float, dirty: Collection[int]) -> tuple[int, float]:
    """How many clean days are closed before the day of `at`, and their 95th percentile."""
    today = int(at // DAY)
    before = diary[:-2] if diary and diary[-2] == today else diary
    return _usual(array("i", before).tobytes(), today, array("i", dirty).tobytes()) if before else (0, 0.0)


@lru_cache(maxsize=8192)
def _usual(diary: bytes, today: int, dirty: bytes) -> tuple[int, float]:
    """The same of packed numbers, which are quicker to tell apart than tuples of them."""
    values = closed(array("i", diary), today * DAY, array("i", dirty))
    return len(values), percentile95(values)


def percentile95(values: Sequence[int]) -> float:
    """The 95th percentile by the nearest rank; 0 for no values."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return float(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))])


def merge(mine: Diary, other: Diary) -> Diary:
    """Two nodes' diaries as one: days add."""
    days: dict[int, int] = dict(zip(mine[::2], mine[1::2], strict=True))
    for day, value in zip(other[::2], other[1::2], strict=True):
        days[day] = days.get(day, 0) + value
    return new(number for pair in sorted(days.items()) for number in pair)
