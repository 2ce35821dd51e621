"""All rings of one page in one row of numbers.

An attacked account has twenty rings. As lists of integers they weigh more than all that was counted; as one array they
weigh fifteen numbers each. Which ring stands where is shared by all pages that began their rings in the same order.
"""

from array import array
from collections.abc import Iterator, Mapping
from functools import lru_cache
from sys import intern

from gatepost.ledger import ring

Places = Mapping[str, int]
"""Slot to the place of its first number."""


class Rings:
    """The rings of a page by slot."""

    __slots__ = ("numbers", "places")

    def __init__(self, kept: Mapping[str, list[int]] | None = None) -> None:
        """Take over rings as they are saved; those of another length or size are left out."""
        self.numbers = array("i")
        self.places: Places = _NOWHERE
        for key, row in (kept or {}).items():
            if len(row) == ring.LENGTH and max(row) <= ring.LARGEST:
                place = self.place(intern(key))
                self.numbers[place : place + ring.LENGTH] = array("i", row)

    def place(self, key: str) -> int:
        """Where the ring of a slot begins; an empty one is begun when there is none."""
        place = self.places.get(key)
        if place is None:
            place = len(self.numbers)
            self.places = _begun((*self.places, key))
            self.numbers = self.numbers + ring.EMPTY
        return place

    def row(self, key: str) -> list[int]:
        """The numbers of one ring; those of an empty one when there is none."""
        place = self.places.get(key)
        return ring.new() if place is None else self.numbers[place : place + ring.LENGTH].tolist()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rings) and self.kept() == other.kept()

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[str]:
        """Slots in the order they began."""
        return iter(self.places)

    def __len__(self) -> int:
        """How many rings there are, empty ones among them."""
        return len(self.places)

    def kept(self) -> dict[str, list[int]]:
        """The rings that hold something, as they are saved."""
        return {key: self.row(key) for key, place in self.places.items() if self.numbers[place + 1]}


def merge(mine: Rings, other: Rings) -> Rings:
    """Two nodes' rings as one: buckets add."""
    both = mine.kept()
    for key, row in other.kept().items():
        both[key] = ring.merge(both[key], row) if key in both else row
    return Rings(both)


@lru_cache(maxsize=4096)
def _begun(keys: tuple[str, ...]) -> Places:
    """The places of rings that began in this order."""
    return {key: number * ring.LENGTH for number, key in enumerate(keys)}


_NOWHERE: Places = {}
