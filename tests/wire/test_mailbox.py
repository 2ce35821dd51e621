"""The address in a From line: as RFC 5322 writes it, and whatever else somebody writes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.wire import mailbox


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann <Ann@Example.ORG>", "ann@example.org"),
        ('"Bank, Ltd. <help@example.com>" <ann@example.org>', "ann@example.org"),
        ("Ann (at <ben@example.net> (home)) <ann@example.org> (work)", "ann@example.org"),
        ('"a \\" quote" <ann@example.org>', "ann@example.org"),
        ("ann@example.org, ben@example.net", "ann@example.org"),
        ("Us: ann@example.org, ben@example.net;", "ann@example.org"),
        ("=?utf-8?q?Z=C3=BCrich?=\r\n\t<ann@example.org>", "ann@example.org"),
        (" ann@example.org (Ann)", "ann@example.org"),
        ("Ann <ann@example.org", "ann@example.org"),
        ("Ann <>", ""),
        ("<@example.org>", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_the_first_mailbox_counts(line: str, address: str) -> None:
    """Names, comments and quoted strings may hold addresses that are none."""
    assert mailbox.first(line) == address


@given(st.text(alphabet='<>()",;:@\\ a.\r\n\0\x85', max_size=60))
def test_noise_is_an_address_or_nothing(line: str) -> None:
    """Bounded, one line, lower case, with a domain."""
    found = mailbox.first(line)
    assert not found or (found.isprintable() and found.rpartition("@")[2] and len(found) <= mailbox.ADDRESS)


@pytest.mark.parametrize("letter", ["(", '"', "<", "\\", ",", "@", "(\\", ":"])
def test_a_line_of_brackets_costs_no_more_than_its_length(letter: str) -> None:
    """A thousand comments within each other are no thousand calls, and a megabyte is not looked at."""
    began = time.process_time()
    assert mailbox.first(letter * 1_000_000 + "<ann@example.org>") == ""
    assert time.process_time() - began < 0.5
