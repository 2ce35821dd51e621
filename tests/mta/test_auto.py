"""A log whose language is found out while reading."""

from gatepost.core.units import Instant
from gatepost.mta import UNKNOWN
from gatepost.mta.auto import Auto

REFERENCE = Instant(1_772_449_200.0)
DELIVERED = (
    "Mar  2 10:00:00 mx1 postfix/smtp[1]: 225C022A268: to=<b@example.net>, relay=mx.example.net[198.51.100.25]:25, "
    "delay=0.4, delays=0.1/0/0.2/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
)
EXIM = "2026-03-02 10:00:00 1wAAAA-0001aB-2c => b@example.net R=dnslookup T=remote_smtp"


def test_the_first_line_that_a_dialect_claims_decides() -> None:
    """Until then nothing is skimmed and every line has a reason; from then on the dialect reads."""
    auto = Auto(reference=REFERENCE)
    assert (auto.read("hello").kind, auto.name, auto.skim(DELIVERED)) == ("unread", UNKNOWN, None)
    assert (auto.read(DELIVERED).result, auto.name) == ("delivered", "postfix")
    assert auto.skim(DELIVERED) == ("225C022A268", "b@example.net")


def test_exims_log_is_found_out_too() -> None:
    """The other language, and what is not claimed stays vague."""
    auto = Auto(reference=REFERENCE)
    assert (auto.read(EXIM).result, auto.name) == ("delivered", "exim")
    assert auto.vague
