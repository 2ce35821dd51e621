"""Whether more than one receiver refuses an account's mail.

One provider's filter may dislike a club's newsletter, one may have our server on its blocklist; then all of its people
refuse the letter, and nobody else. All receivers are in one of two halves, by their names: what both halves say, two
receivers say. So nothing need be remembered of any receiver but a count.
"""

from functools import cached_property

from msgspec import Struct

from gatepost.core.units import Seconds
from gatepost.ledger.measures import Count, Measure
from gatepost.ledger.view import View

VOICES = 3
"""Refusals that count for each by the half of the receivers that refused less."""


class Opinion(Struct, frozen=True, dict=True):
    """Refusals of one kind in a window of event time."""

    of: str
    """A signal that has a `.one_half` beside it."""
    within: Seconds

    def measures(self) -> tuple[Measure, ...]:
        """All of them, and those by one half."""
        return self.refused, self._half

    def agreed(self, ledger: View) -> int:
        """How many more than one receiver agrees on."""
        half, whole = ledger.count(self._half), ledger.count(self.refused)
        return min(whole, VOICES * min(half, whole - half))

    def alone(self, ledger: View) -> int:
        """How many are a single receiver's."""
        return ledger.count(self.refused) - self.agreed(ledger)

    @cached_property
    def refused(self) -> Count:
        """All of them."""
        return Count(self.of, self.within)

    @cached_property
    def _half(self) -> Count:
        return Count(f"{self.of}.one_half", self.within)
