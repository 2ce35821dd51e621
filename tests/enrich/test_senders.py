"""May this account send as this envelope sender."""

import pytest

from gatepost.enrich.senders import Senders

TOLD = Senders(
    ("example.org",),
    {"shop@example.org": ("*@news.example.net", "firm.example.com"), "relay@example.org": ("*",)},
    {"ann@example.org": ("Ann.Smith@example.net",)},
)


@pytest.mark.parametrize(
    ("account", "sender", "permitted"),
    [
        ("ann@example.org", "ann@example.org", True),
        ("ann@example.org", "office@example.org", True),
        ("ann@example.org", "ann@lists.example.org", True),
        ("ann@example.org", "ann.smith@EXAMPLE.net", True),
        ("ann@example.org", "", True),
        ("ann@example.org", "ann@notexample.org", False),
        ("ann@example.org", "service@bank.example.com", False),
        ("shop@example.org", "weekly@news.example.net", True),
        ("shop@example.org", "weekly@a.firm.example.com", True),
        ("shop@example.org", "weekly@example.net", False),
        ("relay@example.org", "whoever@example.net", True),
        ("web12", "web12", True),
        ("web12", "x@example.org", False),
    ],
)
def test_who_may_use_which_sender(account: str, sender: str, permitted: bool) -> None:
    """An account's own domain, its aliases, and what the operator gives it, in any case of letters."""
    assert TOLD.facts(account, sender).permitted == permitted


def test_a_domain_that_is_hosted_here_is_ours() -> None:
    """Ours and permitted are two facts."""
    facts = TOLD.facts("bob@example.com", "ann@example.org")
    assert (facts.ours, facts.permitted, facts.domain) == (True, False, "example.org")


def test_a_local_user_has_no_address_of_his_own() -> None:
    """Whatever his scripts write is permitted, until the operator lists what is."""
    known = Senders(("example.org",), {"local/web13@mx1": ["*@shop.example.org"]})
    assert known.facts("local/web12@mx1", "anybody@example.net").permitted
    assert known.facts("local/web13@mx1", "a@shop.example.org").permitted
    assert not known.facts("local/web13@mx1", "a@example.net").permitted
