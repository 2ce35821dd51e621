"""The view as it is meant, without a short cut: the reference of the law `fast = plain`.

Read-only. `now` is the account's event clock, never the wall clock.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from tests.reference.recorder import Fresh

from gatepost.core.evidence import Evidence
from gatepost.core.units import Account, Instant
from gatepost.ledger import daily, familiar, habit, ring, rings
from gatepost.ledger.measures import (
    MATURE_DAYS,
    YOUNG_DAYS,
    Count,
    Daily,
    Distinct,
    Familiar,
    Known,
    Lately,
    Measure,
    key_of,
)
from gatepost.ledger.page import Page
from gatepost.ledger.proofs import Proofs
from gatepost.ledger.site import Site

T = TypeVar("T")


class Usual(NamedTuple):
    """What is usual a day."""

    value: float
    """The 95th percentile."""
    mature: bool
    """False: from the site's other young accounts, or 0 when the site knows nothing either."""


@lru_cache(maxsize=4096)
def _slot(measure: Measure) -> tuple[str, float]:
    """A measure's slot and its bucket width in seconds."""
    return key_of(measure), getattr(measure, "window", 0.0) / ring.SPAN


class View:
    """What the pages of an account and of a client network say at one moment."""

    __slots__ = ("_network", "_page", "_site", "fresh", "now")

    def __init__(self, page: Page, network: Page | None, site: Site, now: Instant, fresh: Fresh) -> None:
        self._page, self._network, self._site = page, network, site
        self.now, self.fresh = now, fresh

    @property
    def account(self) -> Account:
        """Whose page it is."""
        return Account(self._page.subject.partition(":")[2])

    @property
    def cleared(self) -> float:
        """What happened before is in no count."""
        return self._page.cleared

    @property
    def strangeness(self) -> int:
        """0 habitual, 1 half-strange, 2 strange: this observation's access."""
        return self.fresh.strangeness

    @property
    def placed(self) -> bool:
        """Whether the account is a stranger at the client's place, or new to the server at a place of strangers."""
        return self._network is not None

    @property
    def young(self) -> bool:
        """Fewer than 3 clean days: the account has no habits yet."""
        return self._page.days < YOUNG_DAYS

    @property
    def unseen(self) -> bool:
        """No log ever told of the account."""
        return self._page.days == 0 and self._page.applied.keys() <= {"door"}

    @property
    def unknown(self) -> bool:
        """No clean day lies behind the account: nothing can be new to it."""
        return self._page.days == 0

    def count(self, of: Count) -> int:
        """How much of a signal in the window that ends now."""
        key, width = _slot(of)
        return ring.count((self._page if of.of == "account" else self._of(of)).rings.row(key), self.now, width)

    def distinct(self, of: Distinct) -> Sequence[str]:
        """The values in the window, most recent last; at most `cap` of them."""
        values = self._of(of).seen.get(_slot(of)[0])
        if not values:
            return ()
        after = self.now - of.window
        return [value for value, last in values.items() if last > after]

    def lately(self, of: Lately) -> Sequence[str]:
        """The values of a measure within a shorter window; what was before a release counts in none."""
        page, (key, _), after = self._of(of), _slot(of.measure), self.now - of.window
        if isinstance(of.measure, Known):
            return habit.lately(page.known.get(key, {}), after, page.cleared)
        return [value for value, last in page.seen.get(key, {}).items() if last > after]

    def is_new(self, of: Known | Familiar, value: str) -> bool:
        """Whether this observation was the first sight of a value on this page."""
        return (_slot(of)[0], value) in self.fresh.new

    def first_seen(self, of: Known, value: str) -> Instant | None:
        """When a value was first seen; None when it never was."""
        sight = self._of(of).known.get(_slot(of)[0], {}).get(value)
        return None if sight is None else Instant(sight[0])

    def is_habit(self, of: Known, value: str) -> bool:
        """Whether a value was seen on two different clean days before today."""
        page = self._of(of)
        return habit.is_habit(page.known.get(_slot(of)[0], {}), value, self.now, page.dirty)

    def usual(self, of: Daily, *, alone: bool = False) -> Usual:
        """What is usual a day: the account's own 95th percentile, or, while it is immature, the site's."""
        page = self._of(of)
        values = daily.closed(page.diaries.get(_slot(of)[0], []), self.now, page.dirty)
        if len(values) >= MATURE_DAYS and not self.young:
            return Usual(daily.percentile95(values), True)
        if alone:
            return Usual(daily.percentile95(values), False)
        return Usual(max(self._site.usual(of.signal) or 0.0, daily.percentile95(values)), False)

    def hostile(self, value: str) -> bool:
        """Whether a network or print took part in an earlier theft of this account."""
        return self._page.hostile.get(value, 0.0) > self.now

    def stopped(self, account: str) -> bool:
        """Whether an account was at hold or block when it last came from a strange place, less than a day ago."""
        return self._site.stopped.get(account, 0.0) > self.now

    def said(self, detector: str) -> Evidence | None:
        """The evidence of a detector that stands."""
        standing: Mapping[str, Evidence] = self._page.standing
        return standing.get(detector)

    @property
    def sparing(self) -> bool:
        """Whether anything is spared at all."""
        return bool(self._page.spared)

    def spared(self, value: str) -> bool:
        """Whether a value was part of a wrong block, and so raises nothing for a while."""
        return self._page.spared.get(value, 0.0) > self.now

    def _of(self, measure: Measure | Lately) -> Page:
        return self._page if measure.of == "account" or self._network is None else self._network


def merge(own: Page, others: Sequence[Page]) -> Page:
    """One node's page and other nodes' pages of the same subject as one, for reading only (section 9).

    Counts add, values unite by last sight, first sight is the minimum, standing evidence takes the stronger,
    `cleared`, number and level take the maximum. Associative and commutative.
    """
    page = own
    for other in others:
        page = _pair(page, other)
    return page


def _pair(mine: Page, other: Page) -> Page:
    both = Page(subject=mine.subject)
    both.rings = rings.merge(mine.rings, other.rings)
    both.seen = _unite(mine.seen, other.seen, _latest)
    both.known = _unite(mine.known, other.known, habit.merge)
    both.diaries = _unite(mine.diaries, other.diaries, daily.merge)
    both.familiar = _unite(mine.familiar, other.familiar, familiar.merge)
    standing = _unite(mine.standing, other.standing, lambda a, b: a if a.points >= b.points else b)
    both.cleared = max(mine.cleared, other.cleared)
    both.standing = Proofs({name: proof for name, proof in standing.items() if proof.since >= both.cleared})
    both.level, both.number = max(mine.level, other.level), max(mine.number, other.number)
    both.days, both.day = max(mine.days, other.days), max(mine.day, other.day)
    both.dirty = daily.new(sorted({*mine.dirty, *other.dirty}))
    both.hostile, both.spared = _latest(mine.hostile, other.hostile), _latest(mine.spared, other.spared)
    both.spellings = _latest(mine.spellings, other.spellings)
    both.pardon, both.incident = mine.pardon or other.pardon, mine.incident or other.incident
    return both


def _unite(mine: Mapping[str, T], other: Mapping[str, T], join: Callable[[T, T], T]) -> dict[str, T]:
    both = dict(mine)
    for key, value in other.items():
        both[key] = join(both[key], value) if key in both else value
    return both


def _latest(mine: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return _unite(mine, other, max)
