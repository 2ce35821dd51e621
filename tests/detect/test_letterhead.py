"""The detector `letterhead`: cases that raise it, and cases that look alike and must not.

No log tells of From lines, so it has no scenario.
"""

import pytest
from msgspec.structs import replace
from tests.build import ANN, START, House, habits, submission, told

from gatepost.core.evidence import Level
from gatepost.core.facts import Observation, SenderFacts
from gatepost.core.units import DAY
from gatepost.detect.base import Detector
from gatepost.detect.identity import Identity
from gatepost.detect.letterhead import Letterhead
from gatepost.ledger.page import encode

THEN = START + 14 * DAY + 9 * 3600


def written(seen: Observation, domain: str) -> Observation:
    """A message with a From line of that domain."""
    own = domain == ANN.rpartition("@")[2]
    return replace(seen, author=SenderFacts(own, own, domain))


def house(*detectors: Detector) -> House:
    """Fourteen days of habits."""
    made = House(detectors or [Letterhead()])
    made.see(*habits())
    return made


def points(here: House) -> float:
    """What stands."""
    proof = here.page().standing.get("letterhead")
    return proof.points if proof is not None else 0.0


def test_thirty_letters_in_a_banks_name_are_a_warning() -> None:
    """Under the owner's envelope sender: said with the domain, and no more than watch."""
    here = house()
    here.see(*(written(submission(THEN + number), "bank.example.com") for number in range(40)))
    assert points(here) == 20 and here.page().level == Level.WATCH
    proof = here.page().standing["letterhead"]
    assert proof.values == ("bank.example.com",) and not proof.acted
    assert proof.says == "40 messages in 24h with a From line that is not the account's: bank.example.com"


def test_six_names_are_a_warning() -> None:
    """Six domains in six letters."""
    here = house()
    here.see(*(written(submission(THEN + number), f"d{number}.example.com") for number in range(6)))
    assert points(here) == 20


def test_the_owners_own_letters_say_nothing() -> None:
    """His own domain, however many; and two letters under an old address."""
    here = house()
    here.see(*(written(submission(THEN + number), "example.org") for number in range(200)))
    here.see(*(written(submission(THEN + 300 + number), "old.example.com") for number in range(2)))
    assert points(here) == 0


def test_a_domain_of_two_clean_days_is_his_own() -> None:
    """Who always writes under a second address may do so all day."""
    here = house()
    for day in (14, 15):
        here.see(*(written(submission(START + day * DAY + 9 * 3600 + n), "shop.example.com") for n in range(3)))
    here.see(*(written(submission(START + 17 * DAY + 9 * 3600 + n), "shop.example.com") for n in range(60)))
    assert points(here) == 0
    here.see(*(written(submission(START + 17 * DAY + 10 * 3600 + n), "once.example.com") for n in range(2)))
    assert points(here) == 0


def test_a_foreign_envelope_says_it_already() -> None:
    """The same fact does not count twice: it is what `identity` looks at."""
    here = house()
    here.see(*(written(submission(THEN + n, sender=f"x@d{n}.example.com"), f"d{n}.example.com") for n in range(30)))
    assert points(here) == 0


def test_nothing_changes_where_no_door_tells() -> None:
    """Messages without a From line leave no trace of it on the page."""
    pages = house(Identity(), Letterhead()).page(), house(Identity()).page()
    here, without = (encode(replace(page, applied={})) for page in pages)
    assert len(here) == len(without)


def test_an_honest_release_makes_the_domains_his_own() -> None:
    """The same letters raise nothing afterwards."""
    here = house()
    here.see(*(written(submission(THEN + number), f"d{number}.example.com") for number in range(6)))
    here.see(told(THEN + 9, "block"), told(THEN + 10, "release", how="honest"))
    here.see(*(written(submission(THEN + 20 + number), f"d{number % 6}.example.com") for number in range(60)))
    assert points(here) == 0


def test_a_relay_writes_for_others() -> None:
    """An account whose foreign From lines are normal is left in peace."""
    here = house(Letterhead(relays=(ANN,)))
    here.see(*(written(submission(THEN + number), f"d{number}.example.com") for number in range(60)))
    assert points(here) == 0


@pytest.mark.parametrize("strange", range(0, 40, 3))
def test_it_takes_nothing_from_foreign_envelopes(strange: int) -> None:
    """Letters in other names never lower what envelopes in other names have raised."""
    envelopes = [submission(THEN + n, sender=f"x@d{n}.example.com") for n in range(strange)]
    letters = [written(submission(THEN + 100 + n), f"e{n}.example.com") for n in range(40)]
    alone, both = house(Identity()), house(Identity(), Letterhead())
    for one in (*envelopes, *letters):
        alone.see(replace(one, author=None))
        both.see(one)
    assert both.page().level >= alone.page().level
