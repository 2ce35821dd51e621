"""What one case of observation writes on a page, worked out once from the declared measures.

Owns which slot each amount and each value goes to, by how strange the access was.
"""

from collections.abc import Iterable
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
    width: float
    only: Only


class SetSlot(NamedTuple):
    """Where a value is kept for a window."""

    key: str
    window: float
    cap: int
    when: int | None
    only: Only


class ValueSlots(NamedTuple):
    """Everything that remembers the same values."""

    values: Values
    sets: list[SetSlot]
    known: list[tuple[str, Known]]
    familiar: list[str]


class Plan:
    """What one case writes on a page; each amount and each value is worked out once."""

    def __init__(self, measures: Iterable[Measure], case: str, *, placed: bool) -> None:
        self.placed = placed
        """Whether strangeness is worked out."""
        rings: tuple[dict[Amount, list[RingSlot]], ...] = ({}, {}, {})
        values: dict[Values, ValueSlots] = {}
        self.diaries: list[tuple[Amount, Daily, str]] = []
        self._fresh: tuple[list[RingSlot], ...] = ([], [], [])
        self.fresh_diaries: list[tuple[Daily, str]] = []
        for measure in measures:
            signal = SIGNALS[measure.signal]
            if case not in signal.cases:
                continue
            if signal.fresh:
                self._first_seen(measure)
            elif signal.amount is not None:
                self._amount(measure, signal.amount, rings)
            elif signal.values is not None:
                slots = values.setdefault(signal.values, ValueSlots(signal.values, [], [], []))
                _remember(measure, slots)
        self.fresh = tuple(tuple(slots) for slots in self._fresh)
        """Where first-seen recipients are counted, by strangeness."""
        self.counts_fresh = bool(self.fresh_diaries or any(self.fresh))
        self.rings = tuple(tuple((amount, tuple(slots)) for amount, slots in kind.items()) for kind in rings)
        """By strangeness."""
        self.values = tuple(values.values())

    def _amount(self, measure: Measure, amount: Amount, rings: tuple[dict[Amount, list[RingSlot]], ...]) -> None:
        if isinstance(measure, Daily):
            self.diaries.append((amount, measure, key_of(measure)))
        elif isinstance(measure, Count):
            when, slot = _WHEN[measure.when], RingSlot(key_of(measure), measure.window / ring.SPAN, measure.only)
            for strangeness, slots in enumerate(rings):
                if when is None or when == strangeness:
                    slots.setdefault(amount, []).append(slot)

    def _first_seen(self, measure: Measure) -> None:
        """An amount of first-seen values is known when the values are written."""
        if isinstance(measure, Daily):
            self.fresh_diaries.append((measure, key_of(measure)))
        elif isinstance(measure, Count):
            when, slot = _WHEN[measure.when], RingSlot(key_of(measure), measure.window / ring.SPAN, measure.only)
            for strangeness, slots in enumerate(self._fresh):
                if when is None or when == strangeness:
                    slots.append(slot)

    @property
    def selective(self) -> bool:
        """Whether a ring asks for more of an observation than its amount."""
        return any(slot.only for kind in self.rings for _, slots in kind for slot in slots)


def _remember(measure: Measure, slots: ValueSlots) -> None:
    key = key_of(measure)
    if isinstance(measure, Distinct):
        slots.sets.append(SetSlot(key, measure.window, measure.cap, _WHEN[measure.when], measure.only))
    elif isinstance(measure, Known):
        slots.known.append((key, measure))
    elif isinstance(measure, Familiar):
        slots.familiar.append(key)
