"""While gatepost only observes: one mail a day about what it would have done.

Owns when: a day after the first start, then a day after the mail before, and only when there was something. Incidents
that old logs told of while it learnt are not among them.
"""

from gatepost.act.foreign import shown
from gatepost.core.incident import Incident
from gatepost.core.units import DAY, iso
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House

SUBJECT = "gatepost observes; enforcing, it would have acted"

LISTED = 50
"""Incidents listed; the rest is a number."""

WHAT_NOW = (
    "nothing was done, for gatepost observes. Who of them is honest: gatepost release INCIDENT --honest teaches it",
    "gatepost enforce --dry-run lists what enforcing would act on at once",
)


class Would:
    """Writes the daily mail."""

    def __init__(self, house: House, desk: Desk) -> None:
        self._house, self._desk = house, desk
        self._next = 0.0

    def look(self) -> None:
        """Send it when a day has passed.

        Raises:
            StoreError: when it was sent could not be written down; nothing was sent.
        """
        house, now = self._house, self._house.clock.now()
        if now < self._next or house.enforcing or not house.settings.start.daily:
            return
        last = float(house.store.meta("would") or house.started)
        self._next = last + DAY
        if now < self._next:
            return
        house.store.put_meta("would", str(now).encode())
        self._next = now + DAY
        if found := self._noted(last):
            self._desk.tell("would", SUBJECT, [*_lines(found), *WHAT_NOW], observing=True)

    def _noted(self, since: float) -> list[Incident]:
        """Incidents of held or blocked accounts for which a row was noted since an instant, the worst first."""
        noted = [self._house.store.get(key) for key in self._house.store.noted_since(since)]
        found = [one for one in noted if one is not None and one.stopped > since]
        return sorted(found, key=lambda one: (-one.peak, -one.verdict.score, one.key))


def _lines(found: list[Incident]) -> list[str]:
    lines = [
        f"{shown(one.key)}: {one.peak.word} at {iso(one.stopped)}, score {one.verdict.score:.0f}, {one.out_before} "
        f"recipients before and {one.out_after} after it"
        for one in found[:LISTED]
    ]
    return [*lines, *([f"and {len(found) - LISTED} more: gatepost incidents"] if len(found) > LISTED else [])]
