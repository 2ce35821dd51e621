"""Pages in memory: hot ones as objects, cold ones as bytes."""

import pytest

from gatepost.core.units import Subject
from gatepost.ledger.page import Page
from gatepost.store.memory import Cold, Shelf
from gatepost.store.pending import Pending


def subject(number: int) -> Subject:
    """One of many."""
    return Subject(f"account:u{number}@example.org")


@pytest.mark.parametrize("limit", [1 << 30, 2000, 0])
def test_what_was_written_is_read_wherever_it_rests(limit: int) -> None:
    """Hot, encoded, or in the temporary file."""
    shelf = Shelf(Cold(limit), hot=10)
    for turn in range(3):
        for number in range(100):
            page = shelf.page(subject(number))
            assert page.number == turn
            page.number += 1
    found = [shelf.peek(subject(number)) for number in range(100)]
    assert [page.number for page in found if page is not None] == [3] * 100


def test_hot_pages_are_bounded() -> None:
    """Two generations of together at most so many objects."""
    shelf = Shelf(hot=10)
    for number in range(1000):
        shelf.page(subject(number))
        assert len(shelf._young) + len(shelf._old) <= 11


def test_a_page_in_use_stays_the_same_object() -> None:
    """Whoever holds it writes on the one that will be saved."""
    shelf = Shelf(hot=10)
    mine = shelf.page(subject(0))
    for number in range(1, 500):
        shelf.page(subject(number))
        assert shelf.page(subject(0)) is mine


def test_peeking_makes_nothing() -> None:
    """No page, no entry, nothing to write."""
    shelf = Shelf()
    assert shelf.peek(subject(1)) is None
    assert shelf.dirty == {}


def test_a_flush_hands_on_what_changed_and_only_that() -> None:
    """Reading dirties nothing."""
    cold = Cold()
    shelf = Shelf(cold)
    shelf.page(subject(1)).number = 7
    shelf.flush()
    shelf.peek(subject(1))
    assert shelf.dirty == {}
    again = Shelf(cold).peek(subject(1))
    assert again is not None and again.number == 7


def test_pages_wait_until_the_transaction_ended_well() -> None:
    """A failed one loses nothing: they are read from here and drained again."""

    class Full(Cold):
        def save(self, pages: object) -> None:
            raise OSError

    pending, behind = Pending(Full()), Cold()
    pending.save([(subject(1), b"one")])
    with pytest.raises(OSError):
        pending.drain()
    assert pending.load(subject(1)) == b"one"
    second = Pending(behind)
    second.save(pending.pages.items())
    second.drain()
    assert second.load(subject(1)) == b"one"
    second.drained()
    assert second.pages == {} and second.load(subject(1)) == b"one"


def test_a_fresh_page_knows_its_subject() -> None:
    """And nothing else."""
    assert Shelf().page(subject(1)) == Page(subject=subject(1))
