"""Writes an observation on a page, by a plan compiled from the declared measures.

Owns what is recorded and in which slot; says what was new, and how strange the access was (contracts 4, 7).
Events before `cleared`, and events at or before the page's applied cursor, are recorded nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gatepost.core.facts import Observation
from gatepost.core.units import DAY, Instant
from gatepost.ledger import habit, written
from gatepost.ledger.measures import (
    CONTACTS,
    NETWORKS,
    PRINTS,
    YOUNG_DAYS,
    Count,
    Daily,
    Measure,
    key_of,
)
from gatepost.ledger.page import Page
from gatepost.ledger.plan import HABITUAL, HALF, PLACED, STRANGE, Plan, ValueSlots
from gatepost.ledger.signals import ACCESS, CASES, MOST, SIGNALS, strangers
from gatepost.ledger.site import Site


class Fresh(NamedTuple):
    """What the recorder found out."""

    strangeness: int = HABITUAL
    new: Sequence[tuple[str, Sequence[str]]] = ()
    """Slots with the values that this page had not known."""


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
        self.direct = not (delivered.selective or any(delivered.values) or delivered.diaries)
        """Whether delivered recipients move nothing but rings, so that `resolve` can write them."""

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
            return _NOTHING_NEW[HABITUAL]
        day = int(at // DAY)
        if day > page.day:
            page.touch_day(day)
        plan = self.plans[case]
        if self.habits:
            strangeness = self.strangeness(page, seen, site) if plan.placed else HABITUAL
        if plan.amounts:
            amounts = [amount(seen) for amount in plan.amounts]
            written.count(page, plan.rings[strangeness], amounts, at, seen)
            if plan.diaries:
                written.write(page, plan.diaries, amounts, at, site)
        values = plan.values[strangeness]
        if not values and not plan.spares:
            return _NOTHING_NEW[strangeness]
        if self.habits and seen.origin is not None and case in ACCESS and not page.level:
            site.meet(page.known, seen.origin.network, seen.print, at)
        new = self._learn(page, values, seen)
        if plan.spares:
            met = next((len(values) for slot, values in new if slot == _CONTACTS), 0) if new else 0
            number = strangers(seen, met)
            amounts = [max(0, number - spare) for spare in plan.spares]
            written.count(page, plan.fresh[strangeness], amounts, at, seen)
            if plan.fresh_diaries:
                written.write(page, plan.fresh_diaries, amounts, at, site)
        return Fresh(strangeness, new) if new else _NOTHING_NEW[strangeness]

    def _learn(self, page: Page, slots: tuple[ValueSlots, ...], seen: Observation) -> list[tuple[str, Sequence[str]]]:
        """Values, wherever they are remembered; returns those that were new, by slot."""
        at, new = seen.event.at, list[tuple[str, Sequence[str]]]()
        for values, sets, known, familiar in slots:
            found = values(seen)
            if not found:
                continue
            for where in sets:
                for value in found:
                    written.collect(page, where, value, at, seen)
            for key, measure in known:
                if unknown := [value for value in found if written.meet(page, key, measure, value, at)]:
                    new.append((key, unknown))
            for key in familiar:
                if unknown := written.befriend(page, key, found, self.key):
                    new.append((key, unknown))
        return new

    def resolve(self, page: Page, at: Instant, amount: int) -> None:
        """Write delivered recipients, as `record` would; only when `direct`."""
        if at < page.cleared:
            return
        day = int(at // DAY)
        if day > page.day:
            page.touch_day(day)
        plan = self.plans["delivered"]
        if plan.amounts:
            written.count(page, plan.rings[HABITUAL], (min(amount, MOST),) * len(plan.amounts), at, None)

    def strangeness(self, page: Page, seen: Observation, site: Site) -> int:
        """How many of network and print are no habit; an account too young for habits is judged by the site's.

        After a day of its own it is judged by what it was seen with before; what is usual here is never strange to it.
        """
        if seen.origin is None:
            return HABITUAL
        at, network = seen.event.at, seen.origin.network
        if page.days < YOUNG_DAYS:
            return self._of_the_young(page, seen, site)
        place = habit.is_habit(page.known.get(_NETWORKS, _NOTHING), network, at, page.dirty)
        program = not seen.print or habit.is_habit(page.known.get(_PRINTS, _NOTHING), seen.print, at, page.dirty)
        return (not place) + (not program)

    def _of_the_young(self, page: Page, seen: Observation, site: Site) -> int:
        """Without habits: what was seen on an earlier day is known; to whom has none, what is usual here."""
        at, network, program = seen.event.at, seen.origin.network if seen.origin else "", seen.print
        usual = site.used_to(network, program, at)
        if not page.days:
            return HABITUAL if usual else HALF
        known = habit.before(page.known.get(_NETWORKS, _NOTHING), network, at)
        told = not program or habit.before(page.known.get(_PRINTS, _NOTHING), program, at)
        return min((not known) + (not told), HALF if usual else STRANGE)


_NETWORKS = key_of(NETWORKS)
_PRINTS = key_of(PRINTS)
_CONTACTS = key_of(CONTACTS)
_NOTHING: habit.Sights = {}


_NOTHING_NEW = tuple(Fresh(strangeness) for strangeness in (HABITUAL, HALF, STRANGE))
