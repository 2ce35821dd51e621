"""Values with first and last sight, and the clean days they were seen on.

A sight is a plain list [first, last, days, open_day]: `days` counts closed clean days, `open_day` is the day of the
last sight, credited when a later day begins, unless an incident touched it (contracts 7).
"""

from collections.abc import Collection, Iterable, MutableMapping

from gatepost.core.units import DAY
from gatepost.ledger.measures import HABIT_DAYS
from gatepost.ledger.packed import Rows

Sight = list[float]
Sights = MutableMapping[str, Sight]
"""A dictionary, or, of many values, packed rows: then a sight is a copy, and what changed is written back."""


def see(sights: Sights, value: str, at: float, dirty: Collection[int], cap: int, horizon: float) -> bool:
    """Record one sight; True when the value was not known on this page."""
    if type(sights) is Rows:
        if sights.move(value, at, at // DAY, dirty):
            return False
    elif (sight := sights.get(value)) is not None:
        _move(sight, at, dirty)
        return False
    if len(sights) >= cap:
        _forget(sights, at - horizon)
    sights[value] = [at, at, 0.0, at // DAY]
    return True


def _move(sight: Sight, at: float, dirty: Collection[int]) -> None:
    """A further sight of a value that is known."""
    if at > sight[1]:
        sight[1] = at
        day = at // DAY
        if day > sight[3]:
            if sight[3] not in dirty:
                sight[2] += 1.0
            sight[3] = day
    elif at < sight[0]:
        sight[0] = at


def _forget(sights: Sights, before: float) -> None:
    """Make room: everything older than the horizon, else the value seen least and longest ago."""
    for value in [value for value, sight in sights.items() if sight[1] < before]:
        del sights[value]
    if len(sights) and not any(sight[1] < before for sight in sights.values()):
        del sights[min(sights, key=lambda value: (sights[value][2], sights[value][1]))]


def is_habit(sights: Sights, value: str, at: float, dirty: Collection[int]) -> bool:
    """Seen on at least two different clean days, today left out."""
    if type(sights) is Rows:
        found = sights.days(value)
        if found is None:
            return False
        days, day = found
    else:
        sight = sights.get(value)
        if sight is None:
            return False
        days, day = sight[2], sight[3]
    if days < HABIT_DAYS and day < at // DAY and day not in dirty:
        days += 1
    return days >= HABIT_DAYS


def before(sights: Sights, value: str, at: float) -> bool:
    """Seen on an earlier day."""
    sight = sights.get(value)
    return sight is not None and sight[0] // DAY < at // DAY


def lately(sights: Sights, after: float, cleared: float) -> list[str]:
    """The values seen after one instant, and not before another."""
    return [value for value, last in lasts(sights) if last > after and last >= cleared]


def lasts(sights: Sights) -> Iterable[tuple[str, float]]:
    """Values with their last sight."""
    return sights.lasts() if type(sights) is Rows else ((value, sight[1]) for value, sight in sights.items())


def befriend(sights: Sights, value: str) -> None:
    """Make a known value a habit."""
    sight = sights[value]
    sight[2] = max(sight[2], float(HABIT_DAYS))
    sights[value] = sight


def merge(mine: Sights, other: Sights) -> Sights:
    """Two nodes' sights as one: first is the minimum, last and days the maximum."""
    both: Sights = {value: list(sight) for value, sight in mine.items()}
    for value, sight in other.items():
        old = both.get(value)
        if old is None:
            both[value] = list(sight)
        else:
            both[value] = [min(old[0], sight[0]), *(max(pair) for pair in zip(old[1:], sight[1:], strict=True))]
    return both
