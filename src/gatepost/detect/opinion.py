"""Whether more than one receiver refuses an account's mail.

One provider's filter may dislike a club's newsletter, one may have our server on its blocklist; then all of its people
refuse the letter, and nobody else. Of the last refusals the page keeps whose they are. Those that are not of the most
frequent receiver are further voices, and each lets a few of all count.
"""

from collections import Counter
from functools import cached_property

from msgspec import Struct

from gatepost.core.units import Seconds
from gatepost.ledger.measures import Count, Distinct, Measure
from gatepost.ledger.signals import heard
from gatepost.ledger.view import View

VOICES = 3
"""Refusals that count for each further voice."""

LAST = 8
"""Refusals whose receivers are kept."""


class Opinion(Struct, frozen=True, dict=True):
    """Refusals as spam, by blocklist or by policy in a window of event time."""

    within: Seconds

    def measures(self) -> tuple[Measure, ...]:
        """All of them, and whose the last are."""
        return self.refused, self._last

    def agreed(self, ledger: View, refused: int, *, spam: bool = False) -> int:
        """Of so many refusals, how many more than one receiver agrees on.

        Args:
            ledger: the account's page.
            refused: how many there are.
            spam: only those as spam are asked.
        """
        return min(refused, VOICES * self.voices(ledger, spam=spam))

    def voices(self, ledger: View, *, spam: bool = False) -> int:
        """How many of the last refusals are not the most frequent receiver's.

        Args:
            ledger: the account's page.
            spam: only those as spam are asked.
        """
        last = [who for as_spam, who in map(heard, ledger.distinct(self._last)) if as_spam or not spam]
        return len(last) - max(Counter(last).values(), default=0)

    def alone(self, ledger: View) -> int:
        """How many are a single receiver's."""
        refused = ledger.count(self.refused)
        return refused - self.agreed(ledger, refused)

    @cached_property
    def refused(self) -> Count:
        """All of them."""
        return Count("delivery.unwanted", self.within)

    @cached_property
    def _last(self) -> Distinct:
        return Distinct("unwanted.receiver", self.within, cap=LAST)
