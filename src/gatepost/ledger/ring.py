"""Thirteen buckets of event time: a count over a sliding window.

A ring is fifteen numbers in a row [head, total, b0 … b12]: `head` is the number of the newest bucket (at // width),
bucket n stands at 2 + n % 13, `total` is the sum of all thirteen. Late amounts fall into their own bucket,
or, older than the ring, into none. Plain rows and functions, because this is the innermost loop; `place` is where the
ring begins in a row that holds many (rings.py).
"""

from array import array
from typing import TypeAlias

Row: TypeAlias = "list[int] | array[int]"

BUCKETS = 13
SPAN = 12
"""Whole buckets a window is long: width = window / 12."""

LENGTH = 2 + BUCKETS
"""Numbers of one ring."""

LARGEST = (1 << 31) - 1
"""The largest number that a ring holds, four octets each; no bucket has a later number."""

FULL = LARGEST >> 1
"""A ring that holds so much counts no more: amounts of one event are smaller (signals.MOST)."""

EMPTY = array("i", [0] * LENGTH)
_GONE = array("i", [0] * (LENGTH - 1))


def new() -> list[int]:
    """An empty ring."""
    return [0] * LENGTH


def add(row: Row, bucket: int, amount: int, place: int = 0) -> bool:
    """Add an amount to a bucket; False when the bucket is older than the ring, or of a time that no ring holds."""
    if not turn(row, bucket, place):
        return False
    if row[place + 1] <= FULL:
        row[place + 1] += amount
        row[place + 2 + bucket % BUCKETS] += amount
    return True


def turn(row: Row, bucket: int, place: int = 0) -> bool:
    """Make a bucket one of the ring's, the newest when it is later than all; False when it cannot be (see `add`)."""
    head = row[place]
    ahead = bucket - head
    if ahead <= 0:
        return ahead > -BUCKETS
    if bucket > LARGEST:
        return False
    row[place] = bucket
    total = row[place + 1]
    if not total:
        return True
    if ahead >= BUCKETS:
        row[place + 1 : place + LENGTH] = _GONE
        return True
    first = place + 2
    for number in range(head + 1, bucket + 1):
        where = first + number % BUCKETS
        if gone := row[where]:
            total -= gone
            row[where] = 0
    row[place + 1] = total
    return True


def count(row: Row, at: float, width: float, place: int = 0) -> int:
    """How much in the window that ends at `at`; a read, so the ring stays as it is.

    The oldest bucket counts by the share of it that is still inside the window, but the answer is never more than
    what some stretch of one whole window really held: a limit is never reached by fewer (contracts 4).
    """
    total = row[place + 1]
    if not total:
        return 0
    bucket, head, first = int(at // width), row[place], place + 2
    if bucket != head:
        total = _within(row, bucket, place)
        if not total:
            return 0
    oldest = row[first + (bucket + 1) % BUCKETS] if bucket - SPAN > head - BUCKETS else 0
    if not oldest:
        return total
    newest = row[first + bucket % BUCKETS] if bucket <= head else 0
    share = 1.0 - (at / width - bucket)
    return min(total - oldest + int(oldest * share), max(total - oldest, total - newest))


def _within(row: Row, bucket: int, place: int) -> int:
    """The sum of the thirteen buckets that end at `bucket`, when that is not the newest one."""
    head, first = row[place], place + 2
    low, high = max(bucket - SPAN, head - SPAN), min(bucket, head)
    return sum(row[first + number % BUCKETS] for number in range(low, high + 1))


def merge(mine: list[int], other: list[int]) -> list[int]:
    """Two nodes' rings as one: buckets add."""
    newer, older = (list(mine), other) if mine[0] >= other[0] else (list(other), mine)
    for number in range(max(older[0] - SPAN, newer[0] - SPAN), older[0] + 1):
        amount = older[2 + number % BUCKETS]
        if newer[1] <= FULL >= amount:
            newer[1] += amount
            newer[2 + number % BUCKETS] += amount
    return newer
