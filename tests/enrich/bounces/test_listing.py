"""Which blocklist a refusal names: known ones by name, others by zone, never more than the text says."""

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.facts import BounceClass
from gatepost.enrich.bounces import classifier
from gatepost.enrich.bounces.listing import LONGEST_LINK, Listing, listing

LISTED = BounceClass.REPUTATION_BLOCKLIST


@pytest.mark.parametrize(
    ("text", "name", "link"),
    [
        ("554 5.7.1 blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.25",
         "Spamhaus", "https://www.spamhaus.org/query/ip/192.0.2.25"),
        ("550 192.0.2.25 is listed at dnsbl.example.org (see http://lists.example.org/?q=192.0.2.25).",
         "dnsbl.example.org", "http://lists.example.org/?q=192.0.2.25"),
        ("554 rejected: found in RBL bl.example.test", "bl.example.test", ""),
        ("550 blacklisted by SpamCop, go away", "SpamCop", ""),
        ("550 5.7.1 part of your network is on our block list (S3150). See https://help.example.org/x.",
         "Microsoft", "https://help.example.org/x"),
        ("554 your IP is blocked here, see https://help.example.org", "", "https://help.example.org"),
        ("554 5.7.1 mx.spamhaus.org.example.net says that 192.0.2.25 is blacklisted", "", None),
        ("554 5.7.1 blocked using 192.0.2.25", "", None),
    ],
)  # fmt: skip
def test_a_list_is_named(text: str, name: str, link: str | None) -> None:
    """A known list has its name, another its zone; the link is the first one, without the sentence's marks."""
    assert classifier().explain(text).cause is LISTED
    assert listing(text, LISTED) == (None if link is None else Listing(name, link))


def test_a_link_of_a_message_is_listed_too() -> None:
    """A refusal of content names a list when a link stands on one, and nothing when it only says spam."""
    assert listing("554 a link in it is on multi.uribl.com", BounceClass.SPAM_CONTENT) == Listing("URIBL", "")
    assert listing("554 spam, see https://help.example.org", BounceClass.SPAM_CONTENT) is None


@pytest.mark.parametrize("cause", [one for one in BounceClass if one not in (LISTED, BounceClass.SPAM_CONTENT)])
def test_other_refusals_name_no_list(cause: BounceClass) -> None:
    """A mailbox called spamhaus is not a list."""
    assert listing("550 5.1.1 spamhaus@zen.spamhaus.org: user unknown", cause) is None


def test_an_address_is_no_list() -> None:
    """The domain of an address in the text does not make a list."""
    assert listing("554 ann@spamhaus.org is refused", LISTED) is None


@given(st.text(max_size=400) | st.from_regex(r"\A(blocked using |listed |https?://|[a-z.@-]{1,9}){1,60}\Z"))
def test_what_is_found_is_short_and_stands_in_the_text(text: str) -> None:
    """Nothing is made up, and nothing is longer than its limit."""
    found = listing(text * 20, LISTED)
    if found is not None:
        assert found.link in text * 20 and len(found.link) <= LONGEST_LINK
        assert len(found.name) <= 253


@pytest.mark.parametrize(
    "text",
    ["a." * 10**6, "-" * 10**6, "listed " * 10**5, "http://" * 10**5, "blocked using the rbl " * 10**5, "@" * 10**6],
)
def test_a_hostile_text_costs_at_most_a_millisecond(text: str) -> None:
    """Time does not grow with what a stranger writes."""
    listing("listed at example.org", LISTED)
    assert min(_took(text) for _ in range(5)) < 0.001


def _took(text: str) -> float:
    begun = thread_time()
    listing(text, LISTED)
    return thread_time() - begun
