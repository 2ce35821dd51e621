"""Amounts that a log may name."""

from tests.build import ANN, START, House, submission

from gatepost.ledger import daily, ring
from gatepost.ledger.page import decode, encode
from gatepost.ledger.rings import Rings
from gatepost.ledger.signals import MOST


def test_a_monstrous_number_of_recipients_breaks_nothing() -> None:
    """A line may claim more recipients than any number of the page can hold; it is counted as very many."""
    house = House()
    house.see(submission(START, recipients=10**15), submission(START + 1, recipients=10**15))
    page = decode(encode(house.page(ANN)))
    assert page.rings.row("count recipient.accepted 3600")[1] == 2 * MOST


def test_a_full_ring_counts_no_more() -> None:
    """A ring that can hold no further amount stays as it is, and what it says stays the sum of its buckets."""
    rings = Rings()
    place = rings.place("count x 3600")
    for number in range(2 * ring.FULL // MOST):
        assert ring.add(rings.numbers, number % 5, MOST, place)
    assert ring.FULL < rings.numbers[place + 1] <= ring.FULL + MOST
    assert rings.numbers[place + 1] == sum(rings.numbers[place + 2 : place + ring.LENGTH])


def test_a_time_beyond_all_rings_is_late() -> None:
    """A line from the year 9999 moves no ring of short windows, so that those of today go on counting."""
    row = ring.new()
    assert ring.add(row, 5, 1)
    assert not ring.add(row, ring.LARGEST + 1, 1)
    assert row[:2] == [5, 1]


def test_rings_too_large_to_be_ours_are_left_out() -> None:
    """A saved ring with numbers that no ring can hold is not read; the others are."""
    kept = Rings({"large": [1, 1 << 40, *([0] * ring.BUCKETS)], "fair": [1, 2, 2, *([0] * (ring.BUCKETS - 1))]})
    assert list(kept) == ["fair"]


def test_a_full_day_stays_full() -> None:
    """A day counts up to the largest number it holds, also when a saved one is larger."""
    diary = daily.new([3, 1 << 40])
    daily.write(diary, 3 * 86400.0, MOST, 35)
    assert list(diary) == [3, daily.LARGEST]
