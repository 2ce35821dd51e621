"""The lists of dead addresses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.dead import LONGEST, MOST, Dead, joined, written
from gatepost.core.units import Account, Instant
from gatepost.store import dead as lists
from gatepost.store.sqlite import Sqlite

ANN, BEN = Account("ann@example.org"), Account("ben@example.org")


def dead(number: int = 0, at: float = 0.0, account: Account = ANN, reply: str = "no such user") -> Dead:
    """One refusal."""
    words = ("invalid_recipient", "5.1.1", reply)
    return Dead(account, f"gone{number}@example.net", Instant(at), Instant(at), *words)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Sqlite]:
    """An empty state."""
    with Sqlite.open(tmp_path / "state.db") as opened:
        yield opened


def test_a_refusal_told_twice_is_one(store: Sqlite) -> None:
    """First and latest refusal, the latest one's words; in whatever order they are told."""
    for at in (50, 10, 90, 10):
        lists.add(store, [dead(at=at, reply=f"said at {at}")])
    (found,) = lists.of(store, ANN)
    assert found == Dead(ANN, "gone0@example.net", Instant(10), Instant(90), "invalid_recipient", "5.1.1", "said at 90")


def test_a_list_is_bounded(store: Sqlite) -> None:
    """Those refused longest ago go, and nobody else's."""
    with store.transaction():
        lists.add(store, [dead(account=BEN), *(dead(number, at=number) for number in range(MOST + 10))])
    found = lists.of(store, ANN)
    assert [one.last for one in found] == [float(at) for at in range(MOST + 9, 9, -1)]
    assert len(lists.of(store, BEN)) == 1


def test_a_thiefs_addresses_go_and_the_owners_stay(store: Sqlite) -> None:
    """What was first refused before the theft is the owner's."""
    lists.add(store, [dead(1, at=10), dead(2, at=20), dead(3, at=30, account=BEN)])
    assert lists.disown(store, ANN, 20) == 1
    assert [found.address for found in lists.of(store, ANN)] == ["gone1@example.net"]
    assert len(lists.of(store, BEN)) == 1


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), min_size=1))
def test_refusals_join_in_any_order(said: list[tuple[int, str]]) -> None:
    """Gathered before they are written, or written one by one: the same list."""
    refusals = [dead(at=at, reply=reply) for at, reply in said]
    one, other = refusals[0], refusals[-1]
    for found in refusals:
        one = joined(one, found)
    for found in reversed(refusals):
        other = joined(found, other)
    assert one == other


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("<Bob@Example.NET>", "Bob@example.net"),
        ('"a@b"@example.net', '"a@b"@example.net'),
        ("nobody", ""),
        ("@example.net", ""),
        ("bob@", ""),
        ("a" * LONGEST + "@example.net", ""),
    ],
)
def test_only_addresses_are_listed(address: str, kept: str) -> None:
    """The domain in lower case, the rest as it was written."""
    assert written(address) == kept
