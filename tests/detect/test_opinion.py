"""What one receiver refuses is its opinion of a letter or of our server; what two refuse is a fact."""

import pytest
from msgspec.structs import replace
from tests.build import START, House, delivered, failure, habits, submission

from gatepost.core.facts import BounceClass
from gatepost.core.units import DAY
from gatepost.detect.refusals import Refusals

THEN = START + 14 * DAY + 6 * 3600
PHONE, MOBILE = "198.18.7.9", "phone/tls/plain"


@pytest.mark.parametrize("cause", [BounceClass.SPAM_CONTENT, BounceClass.REPUTATION_BLOCKLIST, BounceClass.POLICY_AUTH])
@pytest.mark.parametrize(
    ("receivers", "speaks"),
    [
        (("firm.example.com",), False),
        (("google.com", "outlook.com"), True),
        (("a.example", "b.example", "c.example"), True),
    ],
)
@pytest.mark.parametrize(("client", "program"), [(PHONE, MOBILE), ("192.0.2.10", "fqdn/tls/plain")])
def test_one_receiver_is_no_witness(
    client: str, program: str, receivers: tuple[str, ...], speaks: bool, cause: BounceClass
) -> None:
    """A letter to thirty from a new phone and from home; ten of them refuse it, of one provider or of several."""
    house = House([Refusals()])
    house.see(*habits())
    house.see(submission(THEN, client, 30, print_=program))
    for number in range(10):
        to = f"member{number}@{receivers[number % len(receivers)]}"
        house.see(replace(failure(THEN + 1, cause, client, to=to), print=program))
    house.see(delivered(THEN + 2, 20))
    assert ("refusals" in house.page().standing) == speaks


def test_who_is_the_only_one_that_was_asked_is_a_witness() -> None:
    """A letter from elsewhere to twelve people of one provider, ten of whom refuse it: nobody else could tell."""
    house = House([Refusals()])
    house.see(*habits())
    house.see(submission(THEN, PHONE, 12, print_=MOBILE))
    for number in range(10):
        to = f"lead{number}@firm.example.com"
        house.see(replace(failure(THEN + 1, BounceClass.SPAM_CONTENT, PHONE, to=to), print=MOBILE))
    assert "refusals" in house.page().standing
