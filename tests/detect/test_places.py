"""One place for many accounts: who becomes a suspect there, and who never does (contracts 14)."""

from collections.abc import Iterable

import pytest
from tests.build import ANN, START, House, delivered, failure, habits, submission, told

from gatepost.core.evidence import Level
from gatepost.core.facts import BounceClass, Observation
from gatepost.core.units import DAY, HIDDEN, Account, Seconds
from gatepost.detect.campaign import Campaign
from gatepost.detect.crowd import Crowd
from gatepost.engine import Engine, Pages
from gatepost.enrich.network import Networks
from gatepost.ledger.measures import BLOCKS
from gatepost.ledger.page import Page

THEN = START + 8 * DAY
SCRIPT, DESK = "bare/plain/login", "fqdn/tls/plain"
PLACE = "198.51.100.7"


def people(number: int) -> list[Account]:
    """So many accounts."""
    return [Account(f"user{n}@example.org") for n in range(number)]


def used(
    house: House, accounts: Iterable[Account], program: str = SCRIPT, client: str = PLACE, *, dead: int = 0
) -> None:
    """One message of each account from a place, an hour of them together, with so many dead recipients each."""
    for number, account in enumerate(accounts):
        at = THEN + 60 * number
        house.see(submission(at, client, 4, account=account, print_=program), delivered(at + 1, 4 - dead, account))
        house.see(*[_dead(at + 1, client, account, program) for _ in range(dead)])


def _dead(at: float, client: str, account: Account, program: str) -> Observation:
    seen = failure(at, BounceClass.INVALID_RECIPIENT, client, account)
    return Observation(seen.event, seen.origin, None, seen.bounce, program)


def settled(house: House, accounts: Iterable[Account], program: str = DESK, client: str = "192.0.2.10") -> None:
    """Four days of an ordinary life for each."""
    for account in accounts:
        for day in range(4, 8):
            house.see(submission(START + day * DAY, client, account=account, print_=program))


@pytest.mark.parametrize(("dead", "least", "most"), [(0, 0.0, 24.0), (1, 58.0, 70.0)])
def test_a_crowd_counts_when_its_mail_fails(dead: int, least: float, most: float) -> None:
    """Six strangers from one place are worth a look; when a quarter of what they send fails they are a theft."""
    house, accounts = House([Crowd()]), people(6)
    settled(house, accounts)
    used(house, accounts, dead=dead)
    points = [house.page(account).standing["crowd"].points for account in accounts[5:]]
    assert all(least <= one <= most for one in points)


def test_neighbours_behind_one_address_are_no_crowd() -> None:
    """Two hundred accounts at home behind one gateway, one of them a thief's: the others have nothing to do with it."""
    house, accounts = House(), people(200)
    settled(house, accounts, client=PLACE)
    used(house, accounts, DESK)
    settled(house, [ANN])
    used(house, [ANN] * 12, dead=3)
    assert house.page().level >= Level.HOLD
    assert {change.account for change in house.changes} == {ANN}


def test_colleagues_at_a_conference_are_no_crowd() -> None:
    """A place that is new to all of them, with the program that each has always used."""
    house, accounts = House(), people(12)
    settled(house, accounts)
    used(house, accounts, DESK)
    assert all("crowd" not in house.page(account).standing for account in accounts)
    assert house.levels() == []


def test_a_new_web_mail_with_one_thief_accuses_nobody_else() -> None:
    """Forty accounts move to it on one day, and one was stolen: the others are warned at most."""
    house, accounts = House(), people(40)
    settled(house, [*accounts, ANN])
    used(house, accounts[:30])
    used(house, [ANN] * 12, dead=3)
    used(house, accounts[30:])
    assert house.page().level >= Level.HOLD
    assert all(house.page(account).level <= Level.WATCH for account in accounts)


def test_the_first_stop_exposes_those_before_and_after_it() -> None:
    """Who was used from the place within the day is told, and who comes from there next is known at once."""
    house, (before, after, elsewhere) = House([Campaign()]), people(3)
    settled(house, [before, after, elsewhere, ANN])
    used(house, [before, ANN])
    house.site.stop(ANN, THEN + 60)
    used(house, [after])
    used(house, [elsewhere], client="198.51.200.7")
    assert house.page(after).standing["campaign"].points == Campaign().points[0][1]
    assert "campaign" not in house.page(elsewhere).standing


def test_findings_go_one_hop_and_once() -> None:
    """A stopped account's message names each other account of the place once; they name nobody."""
    house, accounts = House(), people(3)
    settled(house, [*accounts, ANN])
    used(house, accounts)
    found: list[Account] = []
    for number in range(14):
        at = THEN + 3600 + number
        outcome = house.see(submission(at, PLACE, 10, print_=SCRIPT), *[_dead(at, PLACE, ANN, SCRIPT)] * 4)
        found += [finding.account for finding in outcome.findings]
    assert house.page().level >= Level.HOLD
    assert len(found) == len(set(found))


def test_who_is_new_to_the_server_is_told_too_and_accuses_nobody() -> None:
    """Accounts without any other life, at a place that a stranger opened: a stop there exposes who was and who comes.

    They make no crowd, and where no stranger was before them they open no place.
    """
    house, (before, after, alone) = House([Campaign(), Crowd()]), people(3)
    settled(house, [ANN])
    used(house, [ANN, before])
    house.see(told(THEN + 100, "block"))
    assert [one.account for one in house.see(submission(THEN + 101, PLACE, print_=SCRIPT)).findings] == [before]
    used(house, [after])
    used(house, [alone], client="198.51.200.7")
    assert "crowd" not in house.page().standing
    assert house.page(after).standing["campaign"].points == Campaign().points[0][1]
    assert not any("198.51.200" in name for name in house.places)


def test_an_honest_release_ends_what_a_stop_says_about_others() -> None:
    """The site forgets that the account was stopped."""
    house, (other,) = House([Campaign()]), people(1)
    settled(house, [other, ANN])
    used(house, [ANN])
    house.site.stop(ANN, THEN)
    house.site.forgive(ANN)
    used(house, [other])
    assert "campaign" not in house.page(other).standing


def test_the_share_of_failures_takes_a_crowd_back() -> None:
    """When the mail of many more arrives, what failed was little, and the points go down again."""
    house, accounts = House([Crowd()]), people(3)
    settled(house, people(30))
    used(house, accounts, dead=1)
    used(house, accounts)
    before = house.page(accounts[0]).standing["crowd"].points
    used(house, [*people(30), accounts[0]])
    assert house.page(accounts[0]).standing["crowd"].points < before


def test_one_password_fills_no_memory() -> None:
    """A thief with two hundred addresses opens as many pages of places as an account has blocks in a day."""
    house = House()
    house.see(*habits(8))
    for number in range(200):
        house.see(submission(THEN + number, f"10.{number % 250}.{number // 250}.9", print_=SCRIPT))
    assert len(house.places) <= BLOCKS.cap


def test_without_pages_of_places_everything_else_works() -> None:
    """Who has no pages of places, such as another node's view, judges without them."""
    engine, page = Engine([Crowd(), Campaign()]), Page(subject=House().page().subject)
    outcome = engine.observe(submission(THEN), Pages(House().site, page))
    assert outcome.findings == ()
    assert Crowd().within == Seconds(86400)


def hidden(seen: Observation) -> Observation:
    """The same by a client whose log line nobody can read."""
    return Observation(seen.event, Networks().origin(HIDDEN), seen.sender, seen.bounce, seen.print)


def test_clients_that_hide_their_address_share_no_place() -> None:
    """Nobody knows where a tampered greeting came from: a theft there makes no suspect of whoever did the same."""
    house, (thief, other) = House(), people(2)
    settled(house, [thief, other])
    for number in range(12):
        at = THEN + 60 * number
        house.see(hidden(submission(at, PLACE, 4, account=thief, print_=SCRIPT)))
        house.see(*[hidden(_dead(at + 1, PLACE, thief, SCRIPT)) for _ in range(3)])
    assert house.page(thief).level >= Level.HOLD
    house.see(hidden(submission(THEN + 900, PLACE, 4, account=other, print_=SCRIPT)))
    assert not {"campaign", "crowd"} & set(house.page(other).standing)
