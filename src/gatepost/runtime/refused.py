"""Dead addresses on their way from the log into the state.

Owns what is gathered between two transactions: the lists agree with the pages and the positions, because they are
written with them.
"""

from gatepost.core import dead
from gatepost.core.dead import Dead, joined
from gatepost.core.events import Delivery
from gatepost.core.facts import Observation
from gatepost.core.units import Account
from gatepost.store import dead as lists
from gatepost.store.sqlite import Sqlite

WAITING = 100_000
"""Addresses that wait while the state cannot be written; what comes then is not listed."""


class Refused:
    """Collects dead addresses."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Account, str], Dead] = {}
        self._thieves: list[tuple[Account, float]] = []

    def saw(self, seen: Observation) -> None:
        """One failed recipient of an account."""
        event = seen.event
        if seen.bounce not in dead.CAUSES or seen.spared or not isinstance(event, Delivery):
            return
        address = dead.written(event.address)
        key = (event.account, address)
        known = self._waiting.get(key)
        if address and (known is not None or len(self._waiting) < WAITING):
            assert seen.bounce is not None
            new = Dead(*key, event.at, event.at, seen.bounce.value, event.status, event.reply)
            self._waiting[key] = new if known is None else joined(known, new)

    def disown(self, account: Account, since: float) -> None:
        """What the account wrote to since an instant was a thief's list."""
        self._thieves.append((account, since))
        self._waiting = {key: found for key, found in self._waiting.items() if key[0] != account or found.first < since}

    def drain(self, store: Sqlite) -> None:
        """Write everything, inside the caller's transaction; what fails stays here."""
        for account, since in self._thieves:
            lists.disown(store, account, since)
        if self._waiting:
            lists.add(store, list(self._waiting.values()))

    def drained(self) -> None:
        """The transaction ended well."""
        self._waiting, self._thieves = {}, []
