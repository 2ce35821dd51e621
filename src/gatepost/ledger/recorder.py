"""Writes an observation on a page, by a plan compiled from the declared measures.

Owns what is recorded and in which slot; says what was new, and how strange the access was (contracts 4, 7).
Events before `cleared`, and events at or before the page's applied cursor, are recorded nowhere.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import NamedTuple

from gatepost.core.facts import Observation
from gatepost.core.units import DAY, Instant
from gatepost.ledger import daily, familiar, habit, packed, ring
from gatepost.ledger.measures import (
    CONTACTS,
    MATURE_DAYS,
    NETWORKS,
    PRINTS,
    YOUNG_DAYS,
    Count,
    Daily,
    Measure,
    Only,
    key_of,
)
from gatepost.ledger.page import Page
from gatepost.ledger.plan import HABITUAL, HALF, PLACED, STRANGE, Plan, RingSlot, SetSlot, ValueSlots
from gatepost.ledger.signals import ACCESS, CASES, MOST, SIGNALS, strangers
from gatepost.ledger.site import Site


class Fresh(NamedTuple):
    """What the recorder found out."""

    strangeness: int = HABITUAL
    new: tuple[tuple[str, str], ...] = ()
    """(slot, value) pairs that this page had not known."""


def fits(measure: Measure) -> bool:
    """Whether the signal exists and has what the measure remembers: an amount, or values."""
    signal = SIGNALS.get(measure.signal)
    if signal is None:
        return False
    return (signal.amount if isinstance(measure, (Count, Daily)) else signal.values) is not None


def needed(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """What must be remembered for others to be counted."""
    return (CONTACTS,) if any(getattr(SIGNALS.get(one.signal), "fresh", "") for one in measures) else ()


class Recorder:
    """Records observations on the pages of one kind of subject."""

    def __init__(self, measures: Iterable[Measure], key: bytes = b"", *, habits: bool = True) -> None:
        """Compile the plan.

        Args:
            measures: what to remember; equal measures share a slot.
            key: for the hashes of Familiar; at most 64 bytes.
            habits: also remember networks and prints, which strangeness needs (accounts do, networks do not).

        Raises:
            ValueError: a measure asks an amount of a signal that has values, or the other way round.
        """
        wanted = tuple(dict.fromkeys((*measures, *needed(measures), *((NETWORKS, PRINTS) if habits else ()))))
        for measure in wanted:
            if not fits(measure):
                msg = f"{key_of(measure)!r}: there is no such signal, or it cannot be remembered that way"
                raise ValueError(msg)
        self.plans: Mapping[str, Plan] = {case: Plan(wanted, case, placed=habits and case in PLACED) for case in CASES}
        self.key = key
        self.habits = habits
        delivered = self.plans["delivered"]
        self.direct = not (delivered.selective or delivered.values or delivered.diaries)
        """Whether delivered recipients move nothing but rings, so that `resolve` can write them."""

    def record(self, page: Page, seen: Observation, case: str, site: Site) -> Fresh:
        """Write one observation."""
        at = seen.event.at
        if at < page.cleared:
            return _NOTHING_NEW[HABITUAL]
        day = int(at // DAY)
        if day > page.day:
            page.touch_day(day)
        plan = self.plans[case]
        strangeness = self.strangeness(page, seen, site) if plan.placed else HABITUAL
        for amount, rings in plan.rings[strangeness]:
            if n := amount(seen):
                _count(page, rings, n, at, seen)
        for amount, measure, key in plan.diaries:
            _write(page, measure, key, at, amount(seen), site)
        if not plan.values and not plan.counts_fresh:
            return _NOTHING_NEW[strangeness]
        if self.habits and seen.origin is not None and case in ACCESS:
            site.meet(seen.origin.network, seen.print, at)
        new: list[tuple[str, str]] = []
        for slots in plan.values:
            values = slots.values(seen)
            if slots.sets or slots.known:
                for value in values:
                    self._learn(page, slots, value, seen, strangeness, new)
            for key in slots.familiar if values else ():
                self._familiar(page, key, values, new)
        if plan.counts_fresh:
            self._strangers(page, plan, seen, strangeness, new, site)
        return Fresh(strangeness, tuple(new)) if new else _NOTHING_NEW[strangeness]

    def _strangers(
        self, page: Page, plan: Plan, seen: Observation, strangeness: int, new: list[tuple[str, str]], site: Site
    ) -> None:
        """Count the recipients that are new to the page."""
        at, number = seen.event.at, strangers(seen, sum(slot == _CONTACTS for slot, _ in new))
        if number:
            _count(page, plan.fresh[strangeness], number, at, seen)
        for measure, key in plan.fresh_diaries:
            _write(page, measure, key, at, number, site)

    def resolve(self, page: Page, at: Instant, amount: int) -> None:
        """Write delivered recipients, as `record` would; only when `direct`."""
        if at < page.cleared:
            return
        day = int(at // DAY)
        if day > page.day:
            page.touch_day(day)
        for _, rings in self.plans["delivered"].rings[HABITUAL]:
            _count(page, rings, min(amount, MOST), at, None)

    def strangeness(self, page: Page, seen: Observation, site: Site) -> int:
        """How many of network and print are no habit; an account too young for habits is judged by the site's."""
        if seen.origin is None:
            return HABITUAL
        at, network = seen.event.at, seen.origin.network
        if page.days < YOUNG_DAYS:
            return HABITUAL if site.used_to(network, seen.print, at) else HALF
        place = habit.is_habit(page.known.get(_NETWORKS, _NOTHING), network, at, page.dirty)
        program = not seen.print or habit.is_habit(page.known.get(_PRINTS, _NOTHING), seen.print, at, page.dirty)
        return (not place) + (not program)

    def _learn(
        self,
        page: Page,
        slots: ValueSlots,
        value: str,
        seen: Observation,
        strangeness: int,
        new: list[tuple[str, str]],
    ) -> None:
        """One value, wherever it is remembered; adds to `new` where it was not known."""
        at = seen.event.at
        for where in slots.sets:
            if where.when is None or where.when == strangeness:
                _collect(page, where, value, at, seen)
        for key, measure in slots.known:
            sights = page.known.get(key)
            if sights is None:
                sights = page.known[key] = {}
            if habit.see(sights, value, at, page.dirty, measure.cap, measure.horizon):
                new.append((key, value))
                if len(sights) >= packed.FEW:
                    page.known[key] = packed.rows(sights)

    def _familiar(self, page: Page, key: str, values: tuple[str, ...], new: list[tuple[str, str]]) -> None:
        """Values of which only hashes are kept."""
        sets = page.familiar.get(key)
        if sets is None:
            sets = page.familiar[key] = familiar.Sets()
        mark, secret = familiar.mark, self.key
        for value in values:
            hashed = mark(value, secret)
            if familiar.learn(sets, hashed):
                new.append((key, value))


_NETWORKS = key_of(NETWORKS)
_PRINTS = key_of(PRINTS)
_CONTACTS = key_of(CONTACTS)
_NOTHING: habit.Sights = {}


_NOTHING_NEW = tuple(Fresh(strangeness) for strangeness in (HABITUAL, HALF, STRANGE))


def _count(page: Page, rings: tuple[RingSlot, ...], amount: int, at: float, seen: Observation | None) -> None:
    slots = page.rings
    places, row = slots.places, slots.numbers
    for key, width, only in rings:
        if only and (seen is None or not holds(only, seen)):
            continue
        place = places.get(key)
        if place is None:
            place = slots.place(key)
            places, row = slots.places, slots.numbers
        bucket = int(at // width)
        if bucket == row[place] and row[place + 1] <= ring.FULL:
            row[place + 1] += amount
            row[place + 2 + bucket % ring.BUCKETS] += amount
        elif not ring.add(row, bucket, amount, place):
            page.late += 1


def _collect(page: Page, where: SetSlot, value: str, at: float, seen: Observation) -> None:
    if where.only and not holds(where.only, seen):
        return
    values = page.seen.get(where.key)
    if values is None:
        values = page.seen[where.key] = {}
    last = values.get(value)
    if last is None:
        if values:
            _make_room(values, max(at, max(values.values())) - where.window, where.cap)
        values[value] = at
        if len(values) >= packed.FEW:
            page.seen[where.key] = packed.times(values)
    elif at > last:
        values[value] = at


def _make_room(values: MutableMapping[str, float], before: float, cap: int) -> None:
    """Forget what left the window; when the set is still full, the value seen longest ago."""
    if min(values.values()) <= before:
        for value in [value for value, last in values.items() if last <= before]:
            del values[value]
    if len(values) >= cap:
        del values[min(values, key=values.__getitem__)]


def _write(page: Page, measure: Daily, key: str, at: float, amount: int, site: Site) -> None:
    diary = page.diaries.get(key)
    if diary is None:
        diary = page.diaries[key] = daily.new()
    closed = daily.write(diary, at, amount, measure.days)
    if closed is not None and page.days < MATURE_DAYS and closed[0] not in page.dirty:
        site.teach(measure.signal, closed[1])


def holds(only: Only, seen: Observation) -> bool:
    """Whether an observation is what `only` asks for."""
    origin, event = seen.origin, seen.event
    facts = {
        "country": origin.country if origin else "",
        "network": origin.network if origin else "",
        "kind": origin.kind if origin else "",
        "service": getattr(event, "service", "submission"),
        "mechanism": getattr(event, "mechanism", ""),
        "print": seen.print,
    }
    return all(facts[name] in values for name, values in only)


ONLY = ("country", "network", "kind", "service", "mechanism", "print")
"""What `only` may ask."""
