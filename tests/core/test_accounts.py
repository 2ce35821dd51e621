"""Account names made equal: one account is one page, two accounts never are."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.accounts import MAX_STEPS, Accounts, settled

PAIRS = [
    ("Ann.Smith@example.org", "ann@example.org"),
    ("asmith", "ann"),
    ("@mail.example.org", "@example.org"),
    ("shop+orders@example.org", "orders@example.org"),
]
KNOWN = Accounts("example.org", "+", settled(PAIRS, "example.org").aliases)


@pytest.mark.parametrize(
    "login",
    [
        "ann@example.org", "ANN@Example.ORG", " ann ", "ann", "ann+shop@example.org", "Ann+", "ann.smith@example.org",
        "asmith", "ASmith@example.org", "ann.smith+x@example.org", "ann@mail.example.org", "ann+x@mail.example.org",
        "asmith@mail.example.org",
    ],
)  # fmt: skip
def test_all_spellings_of_one_account_are_one(login: str) -> None:
    """Case, blanks, bare names, details, aliases, aliases of domains, and several of them at once."""
    assert KNOWN.fold(login) == "ann@example.org"


@pytest.mark.parametrize(
    ("login", "account"),
    [
        ("annb@example.org", "annb@example.org"),
        ("ann@example.org.example.net", "ann@example.org.example.net"),
        ("ann@notmail.example.org", "ann@notmail.example.org"),
        ("ann-shop@example.org", "ann-shop@example.org"),
        ("+ann@example.org", "+ann@example.org"),
        ("ann.smith@example.net", "ann.smith@example.net"),
        ("\u0430nn@example.org", "\u0430nn@example.org"),
        ("\u212aim@example.org", "\u212aim@example.org"),
        ("shop+orders@example.org", "orders@example.org"),
        ("shop+other@example.org", "shop@example.org"),
        ("local/web+1@mail.example.org", "local/web+1@mail.example.org"),
        ("", ""),
    ],
)
def test_a_name_that_only_looks_alike_is_another(login: str, account: str) -> None:
    """Letters of other scripts, other domains, and a user that is all detail; an alias goes before its detail."""
    assert KNOWN.fold(login) == account


def test_nothing_is_equal_that_nobody_said() -> None:
    """Without settings a detail is part of the name, and a bare name has no domain."""
    plain = Accounts()
    assert plain.fold("Ann+Shop@example.org") == "ann+shop@example.org"
    assert plain.fold("Ann") == "ann"


NAMES = st.sampled_from(["a", "b", "c", "a+b", "a@x.example", "b@x.example", "a@y.example", "A@X.example"])
TABLES = st.lists(st.tuples(NAMES, NAMES), max_size=8)


@given(TABLES, st.sampled_from(["", "x.example"]), NAMES)
def test_an_account_is_its_own_account(pairs: Sequence[tuple[str, str]], domain: str, login: str) -> None:
    """Whatever the table says, folding twice is folding once."""
    known = Accounts(domain, "", settled(pairs, domain).aliases)
    once = known.fold(login)
    assert known.fold(once) == once


@given(TABLES, NAMES, NAMES)
def test_only_what_the_table_names_is_made_equal(pairs: Sequence[tuple[str, str]], one: str, other: str) -> None:
    """Two logins become one account by their letters' case, or because the table leads both to one end."""
    known = Accounts(aliases=settled(pairs).aliases)
    if known.fold(one) == known.fold(other):
        named = {name.lower() for pair in pairs for name in pair}
        assert one.lower() == other.lower() or {one.lower(), other.lower()} <= named


@given(TABLES)
def test_the_order_of_a_table_says_nothing(pairs: list[tuple[str, str]]) -> None:
    """Turned round or with doubles it means the same."""
    assert settled(pairs) == settled([*reversed(pairs), *pairs])


@pytest.mark.parametrize(
    ("pairs", "dropped"),
    [
        ([("team", "ann"), ("team", "ben")], ("team",)),
        ([("a", "b"), ("b", "a")], ("a", "b")),
        ([("team", "ann"), ("team", "ben"), ("crew", "team")], ("crew", "team")),
        ([("ann", "@example.org")], ("ann",)),
        ([("ann", "local/web12@mx1")], ("ann",)),
        ([("local/web12@mx1", "ann")], ("local/web12@mx1",)),
        ([(f"n{number}", f"n{number + 1}") for number in range(MAX_STEPS + 1)], ("n0",)),
    ],
)
def test_what_is_no_alias_of_one_account_merges_nobody(pairs: list[tuple[str, str]], dropped: tuple[str, ...]) -> None:
    """Two accounts of one name, circles, chains without an end, and what does not log in: told, and left as it is."""
    found = settled(pairs)
    assert found.dropped == dropped
    known = Accounts(aliases=found.aliases)
    assert all(known.fold(name) == name for name in dropped)
