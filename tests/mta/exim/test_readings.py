"""What a line comes to that can be read in several ways (contracts 13)."""

import pytest

from gatepost.core.units import HIDDEN
from gatepost.enrich.network import Networks
from gatepost.mta.exim import Exim

STAMP = "2026-03-02 10:00:00"
ONE = "x) [198.51.100.1] U=y"
"""A greeting that names another client and leaves the account what it is."""

LINES = (
    f"{STAMP} 1wAAAA-0001aB-2c <= ann@example.org H=({ONE}) [203.0.113.9] P=esmtpa A=plain:eve S=1 for b@example.net",
    f"{STAMP} H=({ONE}) [203.0.113.9] F=<a@example.org> A=plain:eve rejected RCPT <b@example.net>: Unrouteable address",
    f"{STAMP} no MAIL in SMTP connection from ({ONE}) [203.0.113.9] D=1s A=plain:eve C=EHLO,AUTH,QUIT",
)


@pytest.mark.parametrize("line", LINES, ids=["arrival", "refusal", "no mail"])
def test_what_all_ways_name_is_charged(line: str) -> None:
    """The account is the same in every reading: it is charged, and no client is."""
    record = Exim().read(line)
    assert (record.kind in ("submission", "delivery", "login"), record.why) == (True, "tampered")
    assert (record.account, record.client, record.helo) == ("eve", "", "")
    assert (record.candidates, set(record.clients)) == (("eve",), {"198.51.100.1", "203.0.113.9"})


def test_what_they_agree_on_is_kept() -> None:
    """Recipients, size and sender are the same in every reading, and the queue id joins the outcomes."""
    record = Exim().read(LINES[0])
    assert (record.queue_id, record.envelope_sender) == ("1wAAAA-0001aB-2c", "ann@example.org")
    assert (record.recipients, record.size) == (("b@example.net",), 1)


def test_a_second_account_makes_it_nobodys() -> None:
    """One reading that names another account, or none, and the line is charged to nobody."""
    forged = "x) [198.51.100.1] P=esmtpa A=plain:bob:"
    record = Exim().read(LINES[0].replace(ONE, forged))
    assert (record.kind, record.why, record.account) == ("unread", "tampered", None)
    assert set(record.candidates) == {"bob", "eve"}


def test_a_hidden_client_is_a_place_of_its_own() -> None:
    """Never the same as no client, which is this host, and never a habit of anybody's."""
    networks = Networks()
    origin = networks.origin(HIDDEN)
    assert origin is not None and origin.network == HIDDEN
    assert networks.origin("") is None
