"""What one case of observation writes on a page, worked out once from the declared measures.

Owns which slot each amount and each value goes to, by how strange the access was.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from gatepost.ledger import ring
from gatepost.ledger.measures import Count, Daily, Distinct, Familiar, Known, Measure, Only, key_of
from gatepost.ledger.signals import ACCESS, FAILED, REFUSED, SIGNALS, Amount, Values

HABITUAL, HALF, STRANGE = 0, 1, 2
_WHEN = {"habitual": HABITUAL, "half": HALF, "strange": STRANGE, "always": None}
PLACED = frozenset((*ACCESS, "more", "complained", *REFUSED, *FAILED))
"""Cases that know where the client was: their strangeness is worked out."""


class RingSlot(NamedTuple):
    """Where an amount is counted."""

    key: str
    place: int
    """The amount's place in `Plan.amounts`."""
    only: Only


Rings = tuple[tuple[float, tuple[RingSlot, ...]], ...]
"""Rings by the width of their buckets, which all rings of a window share."""


class SetSlot(NamedTuple):
    """Where a value is kept for a window."""

    key: str
    window: float
    cap: int
    only: Only


class ValueSlots(NamedTuple):
    """Everything that remembers the same values."""

    values: Values
    sets: tuple[SetSlot, ...]
    known: tuple[tuple[str, Known], ...]
    familiar: tuple[str, ...]


class Plan:
    """What one case writes on a page; each amount and each value is worked out once."""

    def __init__(self, measures: Iterable[Measure], case: str, *, placed: bool) -> None:
        self.placed = placed
        """Whether strangeness is worked out."""
        mine = [one for one in measures if case in SIGNALS[one.signal].cases]
        counted = [one for one in mine if isinstance(one, (Count, Daily)) and not SIGNALS[one.signal].fresh]
        fresh = [one for one in mine if isinstance(one, (Count, Daily)) and SIGNALS[one.signal].fresh]
        self.amounts = tuple(dict.fromkeys(_amount(one) for one in counted))
        places = {amount: place for place, amount in enumerate(self.amounts)}
        self.rings = _by_access(counted, lambda one: places[_amount(one)])
        """By strangeness."""
        self.diaries = tuple((places[_amount(one)], one, key_of(one)) for one in counted if isinstance(one, Daily))
        """Amounts of first-seen values are known when the values are written."""
        self.spares = tuple(dict.fromkeys(SIGNALS[one.signal].spare for one in fresh))
        """One such amount each: what it leaves out of a message's first-seen recipients."""
        spared = {spare: place for place, spare in enumerate(self.spares)}
        self.fresh = _by_access(fresh, lambda one: spared[SIGNALS[one.signal].spare])
        """Where first-seen recipients are counted, by strangeness."""
        self.fresh_diaries = tuple(
            (spared[SIGNALS[one.signal].spare], one, key_of(one)) for one in fresh if isinstance(one, Daily)
        )
        self.values = tuple(_remembered(mine, strangeness) for strangeness in (HABITUAL, HALF, STRANGE))
        """By strangeness."""

    @property
    def selective(self) -> bool:
        """Whether a ring asks for more of an observation than its amount."""
        return any(slot.only for kind in self.rings for _, slots in kind for slot in slots)


def _amount(measure: Measure) -> Amount:
    amount = SIGNALS[measure.signal].amount
    assert amount is not None
    return amount


def _by_access(measures: Iterable[Measure], place: Callable[[Measure], int]) -> tuple[Rings, ...]:
    """The rings of some measures, by strangeness and width."""
    found: tuple[dict[float, list[RingSlot]], ...] = ({}, {}, {})
    for measure in measures:
        if isinstance(measure, Count):
            for strangeness, widths in enumerate(found):
                if _WHEN[measure.when] in (None, strangeness):
                    slot = RingSlot(key_of(measure), place(measure), measure.only)
                    widths.setdefault(measure.window / ring.SPAN, []).append(slot)
    return tuple(tuple((width, tuple(slots)) for width, slots in widths.items()) for widths in found)


def _remembered(measures: Iterable[Measure], strangeness: int) -> tuple[ValueSlots, ...]:
    """What remembers values of an access as strange as this."""
    found: dict[Values, tuple[list[SetSlot], list[tuple[str, Known]], list[str]]] = {}
    for measure in measures:
        values, key = SIGNALS[measure.signal].values, key_of(measure)
        if values is None:
            continue
        sets, known, familiar = found.setdefault(values, ([], [], []))
        if isinstance(measure, Distinct) and _WHEN[measure.when] in (None, strangeness):
            sets.append(SetSlot(key, measure.window, measure.cap, measure.only))
        elif isinstance(measure, Known):
            known.append((key, measure))
        elif isinstance(measure, Familiar):
            familiar.append(key)
    return tuple(
        ValueSlots(values, tuple(sets), tuple(known), tuple(familiar))
        for values, (sets, known, familiar) in found.items()
        if sets or known or familiar
    )
