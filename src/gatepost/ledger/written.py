"""How amounts and values are written on a page: the innermost loops of the recorder.

Owns rings, diaries, sets, sights and hashes of one observation; which of them says a plan. Plain loops over plain
rows, because every line of a log comes through here.
"""

from collections.abc import Iterable, MutableMapping, Sequence

from gatepost.core.facts import Observation
from gatepost.core.units import DAY
from gatepost.ledger import daily, familiar, habit, packed, ring
from gatepost.ledger.measures import MATURE_DAYS, Daily, Known, Only
from gatepost.ledger.page import Page
from gatepost.ledger.plan import Rings, SetSlot
from gatepost.ledger.site import Site


def count(page: Page, rings: Rings, amounts: Sequence[int], at: float, seen: Observation | None) -> None:
    """Add amounts to their rings.

    Args:
        page: whose.
        rings: where to.
        amounts: by place.
        at: event time.
        seen: what it was; None when no ring asks for it.
    """
    slots = page.rings
    places, row = slots.places, slots.numbers
    for width, members in rings:
        bucket = int(at // width)
        into = bucket % ring.BUCKETS + 2
        for key, index, only in members:
            amount = amounts[index]
            if not amount or (only and (seen is None or not holds(only, seen))):
                continue
            place = places.get(key)
            if place is None:
                place = slots.place(key)
                places, row = slots.places, slots.numbers
            if bucket != row[place] and not ring.turn(row, bucket, place):
                page.late += 1
                continue
            total = row[place + 1]
            if total <= ring.FULL:
                row[place + 1] = total + amount
                row[place + into] += amount


def write(page: Page, diaries: Iterable[tuple[int, Daily, str]], amounts: Sequence[int], at: float, site: Site) -> None:
    """Add amounts to their days; what a day that is over held teaches the site while the account is young."""
    day, kept = int(at // DAY), page.diaries
    for index, measure, key in diaries:
        diary = kept.get(key)
        if diary is None:
            diary = kept[key] = daily.new()
        elif diary[-2] == day:
            total = diary[-1] + amounts[index]
            diary[-1] = total if total < daily.LARGEST else daily.LARGEST
            continue
        closed = daily.write(diary, at, amounts[index], measure.days)
        if diary[-2] == day:
            kept[key] = diary[:]  # an array that grew keeps room for more; its copy has none
        if closed is not None and page.days < MATURE_DAYS and closed[0] not in page.dirty:
            site.teach(measure.signal, closed[1])


def collect(page: Page, where: SetSlot, value: str, at: float, seen: Observation) -> None:
    """Keep a value for a window."""
    key, window, cap, only = where
    if only and not holds(only, seen):
        return
    values = page.seen.get(key)
    if values is None:
        page.seen[key] = {value: at}
        return
    if type(values) is packed.Times:
        if values.move(value, at):
            return
    elif (last := values.get(value)) is not None:
        if at > last:
            values[value] = at
        return
    if values:
        _make_room(values, max(at, max(values.values())) - window, cap)
    values[value] = at
    if len(values) >= packed.FEW:
        page.seen[key] = packed.times(values)


def _make_room(values: MutableMapping[str, float], before: float, cap: int) -> None:
    """Forget what left the window; when the set is still full, the value seen longest ago."""
    if min(values.values()) <= before:
        for value in [value for value, last in values.items() if last <= before]:
            del values[value]
    if len(values) >= cap:
        del values[min(values, key=values.__getitem__)]


def meet(page: Page, key: str, measure: Known, value: str, at: float) -> bool:
    """Remember a sight; True when the page had not known the value."""
    sights = page.known.get(key)
    if sights is None:
        sights = page.known[key] = {}
    if type(sights) is packed.Rows and sights.move(value, at, at // DAY, page.dirty):
        return False
    if not habit.see(sights, value, at, page.dirty, measure.cap, measure.horizon):
        return False
    if len(sights) >= packed.FEW:
        page.known[key] = packed.rows(sights)
    return True


def befriend(page: Page, key: str, values: Iterable[str], secret: bytes) -> list[str]:
    """Values of which only hashes are kept; returns those that were not familiar."""
    sets = page.familiar.get(key)
    if sets is None:
        sets = page.familiar[key] = familiar.Sets()
    return familiar.learn_all(sets, values, secret)


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
