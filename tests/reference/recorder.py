"""The recorder as it is meant, without a short cut: the reference of the law `fast = plain`.

Owns what is recorded and in which slot; says what was new, and how strange the access was (contracts 4, 7).
Events before `cleared`, and events at or before the page's applied cursor, are recorded nowhere.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import NamedTuple

from gatepost.core.facts import Observation
from gatepost.core.units import DAY
from gatepost.ledger import daily, familiar, habit, ring
from gatepost.ledger.measures import (
    CONTACTS,
    MATURE_DAYS,
    NETWORKS,
    PRINTS,
    YOUNG_DAYS,
    Count,
    Daily,
    Distinct,
    Familiar,
    Known,
    Measure,
    Only,
    key_of,
)
from gatepost.ledger.page import Page
from gatepost.ledger.recorder import needed
from gatepost.ledger.signals import ACCESS, CASES, FAILED, REFUSED, SIGNALS, Amount, Values, strangers
from gatepost.ledger.site import Site

HABITUAL, HALF, STRANGE = 0, 1, 2
_WHEN = {"habitual": HABITUAL, "half": HALF, "strange": STRANGE, "always": None}
_PLACED = frozenset((*ACCESS, "more", "complained", *REFUSED, *FAILED))
"""Cases that know where the client was: their strangeness is worked out."""


class Fresh(NamedTuple):
    """What the recorder found out."""

    strangeness: int = HABITUAL
    new: tuple[tuple[str, str], ...] = ()
    """(slot, value) pairs that this page had not known."""


class _Ring(NamedTuple):
    key: str
    width: float
    when: int | None
    only: Only


class _Set(NamedTuple):
    key: str
    window: float
    cap: int
    when: int | None
    only: Only


class _Plan:
    """What one case writes on a page."""

    def __init__(self, measures: Iterable[Measure], case: str) -> None:
        self.rings: dict[Amount, list[_Ring]] = {}
        self.sets: dict[Values, list[_Set]] = {}
        self.known: list[tuple[Values, Known, str]] = []
        self.diaries: list[tuple[Amount, Daily, str]] = []
        self.familiar: list[tuple[Values, str]] = []
        self.fresh: dict[int, list[_Ring]] = {}
        self.fresh_diaries: list[tuple[int, Daily, str]] = []
        for measure in measures:
            if case in SIGNALS[measure.signal].cases:
                self._plan(measure, key_of(measure))

    def _plan(self, measure: Measure, key: str) -> None:
        signal = SIGNALS[measure.signal]
        if signal.fresh and isinstance(measure, Count):
            slot = _Ring(key, measure.window / ring.SPAN, _WHEN[measure.when], measure.only)
            self.fresh.setdefault(signal.spare, []).append(slot)
        elif signal.fresh and isinstance(measure, Daily):
            self.fresh_diaries.append((signal.spare, measure, key))
        elif signal.amount is not None and isinstance(measure, Count):
            slot = _Ring(key, measure.window / ring.SPAN, _WHEN[measure.when], measure.only)
            self.rings.setdefault(signal.amount, []).append(slot)
        elif signal.amount is not None and isinstance(measure, Daily):
            self.diaries.append((signal.amount, measure, key))
        elif signal.values is not None and isinstance(measure, Distinct):
            place = _Set(key, measure.window, measure.cap, _WHEN[measure.when], measure.only)
            self.sets.setdefault(signal.values, []).append(place)
        elif signal.values is not None and isinstance(measure, Known):
            self.known.append((signal.values, measure, key))
        elif signal.values is not None and isinstance(measure, Familiar):
            self.familiar.append((signal.values, key))


def fits(measure: Measure) -> bool:
    """Whether the signal exists and has what the measure remembers: an amount, or values."""
    signal = SIGNALS.get(measure.signal)
    if signal is None:
        return False
    return (signal.amount if isinstance(measure, (Count, Daily)) else signal.values) is not None


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
        self.plans: Mapping[str, _Plan] = {case: _Plan(wanted, case) for case in CASES}
        self.key = key
        self.habits = habits

    def record(self, page: Page, seen: Observation, case: str, site: Site, strangeness: int = HABITUAL) -> Fresh:
        """Write one observation.

        Args:
            page: whose it is.
            seen: what happened.
            case: of the observation.
            site: of the server.
            strangeness: of the access for its account, for a page that has no habits of its own.
        """
        at = seen.event.at
        if at < page.cleared:
            return Fresh()
        day = int(at // DAY)
        if day > page.day:
            page.touch_day(day)
        plan = self.plans[case]
        if self.habits:
            strangeness = self._strangeness(page, seen, site) if case in _PLACED else HABITUAL
        for amount, rings in plan.rings.items():
            if n := amount(seen):
                _count(page, rings, n, seen, strangeness)
        for values, sets in plan.sets.items():
            for value in values(seen):
                _collect(page, sets, value, seen, strangeness)
        for amount, measure, key in plan.diaries:
            _write(page, measure, key, at, amount(seen), site)
        if self.habits and case in ACCESS and seen.origin is not None and not page.level:
            site.meet(page.known, seen.origin.network, seen.print, at)
        new = self._learn(page, plan, seen)
        fresh = strangers(seen, sum(slot == key_of(CONTACTS) for slot, _ in new))
        for spare, rings in plan.fresh.items():
            if fresh > spare:
                _count(page, rings, fresh - spare, seen, strangeness)
        for spare, measure, key in plan.fresh_diaries:
            _write(page, measure, key, at, max(0, fresh - spare), site)
        return Fresh(strangeness, new)

    def _strangeness(self, page: Page, seen: Observation, site: Site) -> int:
        """How many of network and print are no habit; an account too young for habits is judged by the site's."""
        if seen.origin is None:
            return HABITUAL
        at, network = seen.event.at, seen.origin.network
        if page.days < YOUNG_DAYS:
            usual = site.used_to(network, seen.print, at)
            if page.days == 0:
                return HABITUAL if usual else HALF
            sights = ((_NETWORKS, network), (_PRINTS, seen.print))
            known = [page.known.get(slot, _NOTHING).get(value) for slot, value in sights if value]
            new = sum(sight is None or sight[0] // DAY >= at // DAY for sight in known)
            return HALF if usual and new == STRANGE else new
        place = habit.is_habit(page.known.get(_NETWORKS, _NOTHING), network, at, page.dirty)
        program = not seen.print or habit.is_habit(page.known.get(_PRINTS, _NOTHING), seen.print, at, page.dirty)
        return (not place) + (not program)

    def _learn(self, page: Page, plan: _Plan, seen: Observation) -> tuple[tuple[str, str], ...]:
        """Known and Familiar values; returns those that were new."""
        new: list[tuple[str, str]] = []
        at = seen.event.at
        for values, measure, key in plan.known:
            sights = page.known.setdefault(key, {})
            for value in values(seen):
                if habit.see(sights, value, at, page.dirty, measure.cap, measure.horizon):
                    new.append((key, value))
        for values, key in plan.familiar:
            for value in values(seen):
                if key not in page.familiar:
                    page.familiar[key] = familiar.Sets()
                if familiar.learn(page.familiar[key], familiar.mark(value, self.key)):
                    new.append((key, value))
        return tuple(new)


_NETWORKS = key_of(NETWORKS)
_PRINTS = key_of(PRINTS)
_NOTHING: habit.Sights = {}


def _count(page: Page, rings: list[_Ring], amount: int, seen: Observation, strangeness: int) -> None:
    at = seen.event.at
    for key, width, when, only in rings:
        if (when is not None and when != strangeness) or (only and not holds(only, seen)):
            continue
        place = page.rings.place(key)
        if not ring.add(page.rings.numbers, int(at // width), amount, place):
            page.late += 1


def _collect(page: Page, sets: list[_Set], value: str, seen: Observation, strangeness: int) -> None:
    at = seen.event.at
    for key, window, cap, when, only in sets:
        if (when is not None and when != strangeness) or (only and not holds(only, seen)):
            continue
        values = page.seen.get(key)
        if values is None:
            values = page.seen[key] = {}
        if value not in values and values:
            _make_room(values, max(at, max(values.values())) - window, cap)
        if at > values.get(value, float("-inf")):
            values[value] = at


def _make_room(values: MutableMapping[str, float], before: float, cap: int) -> None:
    """Forget what left the window; when the set is still full, the value seen longest ago."""
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
