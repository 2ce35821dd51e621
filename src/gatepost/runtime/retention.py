"""Forgets what is old, once a day of the clock (contracts 22)."""

from gatepost.core.units import DAY
from gatepost.runtime.house import House
from gatepost.store import forget


class Keeper:
    """Looks after the state's age."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._next = 0.0

    def look(self) -> None:
        """Forget what is older than the configuration allows, when a day has passed."""
        now = self._house.clock.now()
        if now < self._next:
            return
        self._next = now + DAY
        kept, store = self._house.settings.state, self._house.store
        with store.transaction():
            forget.pages(store, now - kept.pages)
            forget.incidents(store, now - kept.incidents)
            forget.addresses(store, now - kept.addresses)
