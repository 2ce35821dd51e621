"""Ever seen this value: keyed hashes, exact up to 256, then a Bloom filter of half a kB; two sets that rotate.

The young set takes new values; when it is full (400 values, false positives at most 0.8 % a set) it becomes the
old set and a fresh one begins: what was seen since the last rotation but one is familiar. Two sets are at most 1.5 kB.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from struct import iter_unpack

from msgspec import Struct

EXACT = 256
WIDTH = 4
"""Bytes of a hash: of 256 values one in sixteen million new ones is taken for known."""

BITS = 4096
HASHES = 6
FULL = 400


class Sets(Struct):
    """The state of one Familiar measure."""

    exact: bytearray = bytearray()
    """Hashes of four bytes each, while the young set is exact."""
    young: bytearray = bytearray()
    """The young set as a filter, once it is not."""
    old: bytearray = bytearray()
    held: int = 0
    """Values in the young set."""


@lru_cache(maxsize=65536)
def mark(value: str, key: bytes) -> int:
    """The keyed 32-bit hash of a value."""
    return int.from_bytes(blake2b(value.encode("utf-8", "replace"), key=key, digest_size=4).digest(), "little")


def _places(hashed: int) -> list[int]:
    step = (hashed >> 16) | 1
    return [(hashed + n * step) % BITS for n in range(HASHES)]


def _among(exact: bytearray, hashed: int) -> bool:
    """Whether a hash stands in a row of hashes, at a place where one begins."""
    wanted = hashed.to_bytes(WIDTH, "little")
    place = exact.find(wanted)
    while place % WIDTH and place >= 0:
        place = exact.find(wanted, place + 1)
    return place >= 0


def _all(exact: bytearray) -> Iterator[int]:
    return (number for (number,) in iter_unpack("<I", exact))


def _in(bits: bytearray, hashed: int) -> bool:
    """Whether all places of a hash are set; most that are not there miss the first or the second."""
    step = (hashed >> 16) | 1
    for place in range(hashed, hashed + HASHES * step, step):
        place %= BITS
        if not bits[place >> 3] >> (place & 7) & 1:
            return False
    return True


def _put(bits: bytearray, hashed: int) -> None:
    for place in _places(hashed):
        bits[place >> 3] |= 1 << (place & 7)


def knows(sets: Sets, hashed: int) -> bool:
    """Whether a value is familiar; false positives at most 1.6 %, no false negatives within two rotations."""
    if sets.exact and _among(sets.exact, hashed):
        return True
    return bool((sets.young and _in(sets.young, hashed)) or (sets.old and _in(sets.old, hashed)))


def learn_all(sets: Sets, values: Iterable[str], key: bytes) -> list[str]:
    """Remember values by their keyed hashes; returns those that were not familiar."""
    return [value for value in values if learn(sets, mark(value, key))]


def learn(sets: Sets, hashed: int) -> bool:
    """Remember a value; True when it was not familiar."""
    exact = sets.exact
    wanted = hashed.to_bytes(WIDTH, "little")
    if exact and (place := exact.find(wanted)) >= 0 and (not place % WIDTH or _among(exact, hashed)):
        return False
    if (sets.young and _in(sets.young, hashed)) or (sets.old and _in(sets.old, hashed)):
        return False
    sets.held += 1
    if not sets.young and len(exact) < WIDTH * EXACT:
        sets.exact = exact + wanted
        return True
    if not sets.young:
        _unfold(sets)
    _put(sets.young, hashed)
    if sets.held >= FULL:
        sets.old, sets.young, sets.held = sets.young, bytearray(), 0
    return True


def _unfold(sets: Sets) -> None:
    """From exact hashes to a filter."""
    sets.young = bytearray(BITS // 8)
    for hashed in _all(sets.exact):
        _put(sets.young, hashed)
    sets.exact = bytearray()


def merge(mine: Sets, other: Sets) -> Sets:
    """Two nodes' sets as one: familiar to either is familiar."""
    both = Sets(bytearray(mine.exact), bytearray(mine.young), bytearray(mine.old), mine.held)
    for hashed in _all(other.exact):
        learn(both, hashed)
    both.young = _union(both.young, other.young)
    both.old = _union(both.old, other.old)
    return both


def _union(mine: bytearray, other: bytearray) -> bytearray:
    if not mine or not other:
        return bytearray(mine or other)
    return bytearray(a | b for a, b in zip(mine, other, strict=True))
