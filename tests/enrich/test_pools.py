"""Roaming pools and what guards them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.facts import Origin
from gatepost.core.units import DAY
from gatepost.enrich.pools import LEAST_BLOCKS, MOST_BLOCKS, Pool, Witnesses, lower

HOUR = 3600.0


def use(
    book: Witnesses, account: str, addresses: int, days: int = 4, logins: int = 8, network: str = "as64500"
) -> None:
    """An account that logs in every hour of some days, from so many addresses in turn, each in a block of its own."""
    for day in range(days):
        for login in range(logins):
            place = (day * logins + login) % addresses
            origin = Origin(network, "unknown", f"198.51.{place}.0/24", 64500)
            book.see(account, origin, f"198.51.{place}.1", day * DAY + login * HOUR)


def pool(book: Witnesses, spoilt: tuple[str, ...] = ()) -> Pool | None:
    """The pool that is found; there is one network."""
    return next(iter(book.pools(spoilt)), None)


@pytest.mark.parametrize(("members", "found"), [(4, False), (5, True), (30, True)])
def test_five_accounts_that_roam_make_a_pool(members: int, found: bool) -> None:
    """Fewer are chance."""
    book = Witnesses()
    for member in range(members):
        use(book, f"{member}@example.org", addresses=6)
    assert (pool(book) == Pool("as64500", 6, members, members)) == found


def test_an_account_with_an_incident_witnesses_nothing() -> None:
    """What a thief showed makes no pool."""
    book = Witnesses()
    for member in range(5):
        use(book, f"{member}@example.org", addresses=6)
    assert pool(book) and not pool(book, ("3@example.org",))


def test_one_account_has_one_vote() -> None:
    """However often it logs in, and from however many addresses."""
    book = Witnesses()
    use(book, "thief@example.org", addresses=64, days=30, logins=24)
    for member in range(6):
        use(book, f"{member}@example.org", addresses=1)
    assert pool(book) is None


def test_few_members_with_many_blocks_do_not_widen_a_pool() -> None:
    """Three of four members say how many blocks are one access."""
    book = Witnesses()
    for member in range(9):
        use(book, f"{member}@example.org", addresses=6)
    before = pool(book)
    for thief in range(2):
        use(book, f"thief{thief}@example.org", addresses=60, logins=20)
    after = pool(book)
    assert before and after and before.blocks == after.blocks == 6


def test_an_account_in_many_networks_a_day_is_not_ordinary() -> None:
    """More than six on one day, and it witnesses nothing at all."""
    book = Witnesses()
    for member in range(5):
        use(book, f"{member}@example.org", addresses=6)
    for other in range(7):
        book.see("0@example.org", Origin(f"as{64501 + other}", "unknown", "192.0.2.0/24"), "192.0.2.1", 9 * DAY)
    assert pool(book) is None


@pytest.mark.parametrize(
    ("addresses", "days", "logins"),
    [(1, 4, 8), (6, 2, 8), (6, 4, 1), (3, 4, 8)],
    ids=["it stays", "two days", "no second login within six hours", "three addresses"],
)
def test_what_is_not_roaming_makes_no_pool(addresses: int, days: int, logins: int) -> None:
    """Each condition alone keeps a network from being one."""
    book = Witnesses()
    for member in range(12):
        use(book, f"{member}@example.org", addresses, days, logins)
    assert pool(book) is None


@pytest.mark.parametrize("network", ["host:192.0.2.1", "relay", "tor", "app:mailer", "vpn:as64500", "own:192.0.2.0/24"])
def test_only_providers_can_be_pools(network: str) -> None:
    """A farm of rented servers is none."""
    book = Witnesses()
    for member in range(9):
        use(book, f"{member}@example.org", addresses=6, network=network)
    assert pool(book) is None


@given(st.integers(1, 300), st.integers(0, 300))
def test_the_bound_is_below_the_share(of: int, hits: int) -> None:
    """And rises with the number of witnesses."""
    hits = min(hits, of)
    bound = lower(hits, of)
    assert -1e-9 <= bound <= hits / of + 1e-9 and lower(2 * hits, 2 * of) >= bound - 1e-9


def test_a_pool_stays_narrow_enough_to_be_judged() -> None:
    """Whatever its members show: a farm of proxies in it can still be five accesses."""
    book = Witnesses()
    for member in range(6):
        use(book, f"{member}@example.org", addresses=60, logins=20)
    found = pool(book)
    assert found and found.blocks == MOST_BLOCKS


def test_a_pool_has_at_least_four_blocks() -> None:
    """Members that change address inside one block are one access as before."""
    book = Witnesses()
    for member in range(6):
        for day in range(4):
            for login in range(8):
                client = f"198.51.100.{day * 8 + login}"
                book.see(
                    f"{member}@example.org",
                    Origin("as64500", "mobile", "198.51.100.0/24"),
                    client,
                    day * DAY + login * HOUR,
                )
    found = pool(book)
    assert found and found.blocks == LEAST_BLOCKS
