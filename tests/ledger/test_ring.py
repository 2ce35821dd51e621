"""A count over a sliding window of event time."""

from hypothesis import given
from hypothesis import strategies as st

from gatepost.ledger import ring

WIDTH = 300.0
WINDOW = 3600.0
times = st.lists(st.tuples(st.floats(0, 30_000), st.integers(1, 50)), max_size=60)


def filled(amounts: list[tuple[float, int]]) -> list[int]:
    """A ring with amounts at their times."""
    slot = ring.new()
    for at, amount in amounts:
        ring.add(slot, int(at // WIDTH), amount)
    return slot


@given(times, st.floats(0, 35_000))
def test_a_limit_is_never_reached_by_fewer_in_any_window(amounts: list[tuple[float, int]], now: float) -> None:
    """Whatever the ring says, some stretch of one whole window really held that much."""
    amounts = sorted(amounts)
    slot = filled([pair for pair in amounts if pair[0] <= now])
    ends = [at + WINDOW - 1e-6 for at, _ in amounts] + [now]
    # A stretch may begin with any bucket, too.
    ends += [(int(at // WIDTH) + 12) * WIDTH - 1e-6 for at, _ in amounts]
    most = max((sum(n for at, n in amounts if end - WINDOW <= at <= min(end, now)) for end in ends), default=0)
    assert ring.count(slot, now, WIDTH) <= most


@given(times)
def test_the_twelve_newest_buckets_always_count(amounts: list[tuple[float, int]]) -> None:
    """What happened in the last eleven whole buckets is never lost."""
    amounts = sorted(amounts)
    if not amounts:
        return
    now = amounts[-1][0]
    first = (int(now // WIDTH) - 11) * WIDTH
    assert ring.count(filled(amounts), now, WIDTH) >= sum(n for at, n in amounts if at >= first)


@given(times, st.randoms(use_true_random=False))
def test_order_within_the_ring_does_not_matter(amounts: list[tuple[float, int]], chance: object) -> None:
    """Events of one hour, shuffled, give an equal ring."""
    near = [(30_000 + at % 3000, n) for at, n in amounts]
    mixed = list(near)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert ring.count(filled(near), 33_000, WIDTH) == ring.count(filled(mixed), 33_000, WIDTH)


@given(times, times)
def test_two_nodes_merged_are_one_node(mine: list[tuple[float, int]], other: list[tuple[float, int]]) -> None:
    """Two rings merged count like one ring that saw it all in order."""
    merged = ring.merge(filled(sorted(mine)), filled(sorted(other)))
    assert merged[1:] == filled(sorted(mine + other))[1:] or not (mine or other)
    assert ring.merge(filled(sorted(other)), filled(sorted(mine)))[1:] == merged[1:]


def test_an_amount_older_than_the_ring_is_refused() -> None:
    """A late event falls into its own bucket, or into none."""
    slot = filled([(9000.0, 1)])
    assert ring.add(slot, int((9000 - WINDOW) // WIDTH), 5)
    assert not ring.add(slot, int((9000 - WINDOW - WIDTH) // WIDTH), 5)
    assert slot[1] == 6


def test_reading_leaves_the_ring_as_it_is() -> None:
    """A read never writes."""
    slot = filled([(9000.0, 3), (9400.0, 4)])
    before = list(slot)
    assert ring.count(slot, 9400 + WINDOW, WIDTH) < 7
    assert slot == before
