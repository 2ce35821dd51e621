"""Thirteen buckets of event time: a count over a sliding window.

A ring is a plain list [head, total, b0 … b12]: `head` is the number of the newest bucket (at // width),
bucket n stands at 2 + n % 13, `total` is the sum of all thirteen. Late amounts fall into their own bucket,
or, older than the ring, into none. Plain lists and functions, because this is the innermost loop.
"""

BUCKETS = 13
SPAN = 12
"""Whole buckets a window is long: width = window / 12."""


def new() -> list[int]:
    """An empty ring."""
    return [0] * (2 + BUCKETS)


def add(ring: list[int], bucket: int, amount: int) -> bool:
    """Add an amount to a bucket; False when the bucket is older than the ring."""
    ahead = bucket - ring[0]
    if ahead > 0:
        advance(ring, bucket)
    elif ahead <= -BUCKETS:
        return False
    ring[1] += amount
    ring[2 + bucket % BUCKETS] += amount
    return True


def advance(ring: list[int], bucket: int) -> None:
    """Make `bucket` the newest, forgetting what falls out."""
    ahead = bucket - ring[0]
    if ahead >= BUCKETS or not ring[1]:
        ring[1:] = [0] * (1 + BUCKETS)
    else:
        for number in range(ring[0] + 1, bucket + 1):
            place = 2 + number % BUCKETS
            ring[1] -= ring[place]
            ring[place] = 0
    ring[0] = bucket


def count(ring: list[int], at: float, width: float) -> int:
    """How much in the window that ends at `at`; a read, so the ring stays as it is.

    The oldest bucket counts by the share of it that is still inside the window, but the answer is never more than
    what some stretch of one whole window really held: a limit is never reached by fewer (contracts 4).
    """
    total = ring[1]
    if not total:
        return 0
    bucket = int(at // width)
    head = ring[0]
    if bucket != head:
        total = _within(ring, bucket)
        if not total:
            return 0
    oldest = ring[2 + (bucket + 1) % BUCKETS] if bucket - SPAN > head - BUCKETS else 0
    if not oldest:
        return total
    newest = ring[2 + bucket % BUCKETS] if bucket <= head else 0
    share = 1.0 - (at / width - bucket)
    return min(total - oldest + int(oldest * share), max(total - oldest, total - newest))


def _within(ring: list[int], bucket: int) -> int:
    """The sum of the thirteen buckets that end at `bucket`, when that is not the newest one."""
    head = ring[0]
    low, high = max(bucket - SPAN, head - SPAN), min(bucket, head)
    return sum(ring[2 + number % BUCKETS] for number in range(low, high + 1))


def merge(mine: list[int], other: list[int]) -> list[int]:
    """Two nodes' rings as one: buckets add."""
    newer, older = (list(mine), other) if mine[0] >= other[0] else (list(other), mine)
    for number in range(max(older[0] - SPAN, newer[0] - SPAN), older[0] + 1):
        amount = older[2 + number % BUCKETS]
        newer[1] += amount
        newer[2 + number % BUCKETS] += amount
    return newer
