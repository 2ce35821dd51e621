"""Forgets what is old, once a day (contracts 22).

Age is measured from the newest event read, never beyond the clock: a clock that jumps years ahead must not empty the
state. Nothing is forgotten before a log was read.
"""

from gatepost.core.units import DAY
from gatepost.runtime.house import House
from gatepost.store import audit, dead, envelopes, forget, letters, links


class Keeper:
    """Looks after the state's age."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._next = 0.0

    def look(self) -> None:
        """Forget what is older than the configuration allows, when a day has passed.

        Raises:
            StoreError: nothing was forgotten.
        """
        now = min(self._house.clock.now(), self._house.pipeline.totals.last)
        if now < self._next or not now:
            return
        kept, store = self._house.settings.state, self._house.store
        with store.transaction():
            forget.pages(store, now - kept.pages)
            forget.places(store, now - 2 * DAY)
            forget.incidents(store, now - kept.incidents)
            forget.addresses(store, now - kept.addresses)
            forget.sent(store, now - self._house.settings.reports.keep)
            forget.reports(store, now - kept.addresses)
            forget.decisions(store, now - kept.addresses)
            dead.old(store, now - kept.addresses)
            links.old(store, now - kept.addresses)
            letters.old(store, now - kept.addresses)
            envelopes.old(store, now - kept.addresses)
            audit.old(store, now - kept.incidents)
            forget.instructions(store, now - kept.incidents, self._house.obeyed)
        self._next = now + DAY
