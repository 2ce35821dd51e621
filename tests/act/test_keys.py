"""Logins as keys of a deny table."""

from collections.abc import Callable

import pytest

from gatepost.act.keys import Format, keys, lower, unfit
from gatepost.core.errors import ActionError
from gatepost.core.units import Account
from gatepost.source.lines import readable, split


def test_every_spelling_is_denied_once_and_in_small_letters() -> None:
    """The keys are the account's name and all its spellings, lower-cased, sorted, without repeats."""
    spellings = ["Ann@Example.org", "ann", "ANN", "ann+news@example.org"]
    found = keys(Account("ann@example.org"), spellings, "lsearch", frozenset())
    assert found == ["ann", "ann+news@example.org", "ann@example.org"]


def test_only_ascii_letters_are_lowered_as_exim_does() -> None:
    """Letters beyond A to Z stay as they are, because Exim's ${lc:} leaves their octets alone."""
    assert lower("ÄNN@Example.ORG") == "Änn@example.org"


def test_a_name_that_folding_may_have_made_anothers_is_left_out() -> None:
    """When a spelling is not ASCII only the spellings themselves are denied: the Kelvin sign is nobody's k."""
    assert keys(Account("k@example.org"), ["\u212a@example.org"], "lsearch", frozenset()) == ["\u212a@example.org"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("*", "lsearch"), ("ann*", "dsearch"), ("@example.org", "lsearch"), (".", "dsearch"), ("..", "dsearch"),
        (".example.org", "lsearch"), ("", "lsearch"), ("a\nb", "lsearch"), ("a\0b", "dsearch"), ("a\x7fb", "lsearch"),
        ("a\x85b", "dsearch"), ("a\x9fb", "lsearch"),
        ("a/b", "dsearch"), ("a" * 256, "dsearch"), ("a" * 1001, "lsearch"), ("\ud800", "lsearch"),
        ("example.org", "lsearch"), ("a b", "hash"), ('a"b', "lmdb"), ("a\\b", "cdb"), ("#a", "hash"), ("ä", "hash"),
        ("\u212aate", "passwd-file"), ("a:b", "passwd-file"), ("a'b", "passwd-file"), ("#a", "passwd-file"),
        ("a b", "passwd-file"),
        ("a" * 501, "lmdb"),
    ],
)  # fmt: skip
def test_what_a_format_cannot_hold_exactly_is_refused(name: str, form: Format) -> None:
    """A name that would match others, or that the format cannot hold, is refused with a reason."""
    assert unfit(name, form, frozenset({"example.org"}))


@pytest.mark.parametrize("name", ["a/b", "a b", 'a"b', "a\\b", "a:b", "#a", "ann.smith", "\udcff", "ann@Ä.example"])
def test_awkward_names_are_held_by_lsearch(name: str) -> None:
    """Quoting holds blanks, quotes, colons, slashes and octets that are no UTF-8."""
    assert not unfit(name, "lsearch", frozenset({"example.org"}))


@pytest.mark.parametrize("octets", [b"b\xfcro", b"\xc3", b"a\xed\xa0\x80", b"ann\xff"])
@pytest.mark.parametrize("read", [readable, str])
@pytest.mark.parametrize("form", ["lsearch", "dsearch"])
def test_a_login_that_is_no_text_is_told_and_never_approximated(
    octets: bytes, read: Callable[[str], str], form: Format
) -> None:
    """The log shows octets that are no UTF-8: the escape in their place would deny another login, or nobody."""
    (login,) = split(octets + b"@example.org")
    with pytest.raises(ActionError, match=r"no UTF-8.*change this account's password by hand"):
        keys(Account("buero@example.org"), [read(login)], form, frozenset())


def test_a_backslash_that_stands_for_itself_is_a_login_like_others() -> None:
    """Windows domains: only what reads like an octet above 0x7f is refused."""
    for login in (r"example\ann", r"example\xavier", r"example\x41"):
        assert keys(Account("ann@example.org"), [login], "lsearch", frozenset()) == ["ann@example.org", login]


def test_the_accounts_own_domain_is_never_a_key() -> None:
    """A login that is nothing but the domain of its account is refused: it could deny everybody there."""
    with pytest.raises(ActionError, match="whole domain"):
        keys(Account("ann@example.org"), ["example.org"], "lsearch", frozenset())


def test_who_does_not_log_in_cannot_be_denied() -> None:
    """A local user or relay client is an error that says what to do, not an entry that never matches."""
    with pytest.raises(ActionError, match="does not log in"):
        keys(Account("local/web12@mx1"), [], "lsearch", frozenset())
