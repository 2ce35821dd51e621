"""More recipients than is usual: through strange access, to contacts, and in an account's first days."""

import pytest
from msgspec.structs import replace
from tests.build import START, House, delivered, failure, habits, submission

from gatepost.core.facts import BounceClass, NetworkKind, Origin
from gatepost.core.units import DAY
from gatepost.detect.spread import Spread
from gatepost.detect.volume import Volume

THEN = START + 16 * DAY
FAR, SCRIPT = "198.18.7.9", "bare/plain/login"


def friends(number: int) -> tuple[str, ...]:
    """So many contacts."""
    return tuple(f"friend{n}@example.net" for n in range(number))


def owner(days: int = 14, contacts: int = 60) -> House:
    """Somebody who has written to all contacts, a few of them a day."""
    house, known = House([Volume(), Spread()]), friends(contacts)
    for day in range(days):
        to = known[5 * day : 5 * day + 5]
        house.see(submission(START + day * DAY + 6 * 3600, recipients=len(to), addresses=to))
        house.see(*habits(1, START + day * DAY))
    return house


def phish(house: House, at: float, number: int, *, client: str = FAR, program: str = SCRIPT, each: int = 1) -> float:
    """A letter to so many contacts within half an hour; all arrive. The points of `volume`."""
    known = friends(number)
    for place in range(0, number, each):
        to = known[place : place + each]
        house.see(submission(at + 30 * place, client, len(to), print_=program, addresses=to))
        house.see(delivered(at + 30 * place + 2, len(to)))
    proof = house.page().standing.get("volume")
    return proof.points if proof is not None else 0.0


@pytest.mark.parametrize(("contacts", "held"), [(35, False), (36, True), (40, True)])
def test_a_letter_to_all_contacts_from_where_the_owner_never_was_is_held(contacts: int, held: bool) -> None:
    """Everybody is known and all mail arrives: three usual days within an hour."""
    house = owner()
    assert (phish(house, THEN, contacts) >= 42) == held
    assert ("hold" in house.levels()) == held


@pytest.mark.parametrize(("client", "program"), [("192.0.2.10", SCRIPT), (FAR, "fqdn/tls/plain"), (FAR, SCRIPT)])
def test_who_writes_to_contacts_on_the_road_is_not(client: str, program: str) -> None:
    """A new program at home, the old one in a hotel, or both for fifteen letters."""
    house = owner()
    assert phish(house, THEN, 15 if (client, program) == (FAR, SCRIPT) else 50, client=client, program=program) < 20
    assert house.levels() == []


def test_one_circular_counts_as_fifteen_people() -> None:
    """A new telephone writes to everybody at once."""
    assert phish(owner(), THEN, 60, each=60) == 0.0


def test_what_begins_after_the_first_day_is_strange_to_a_young_account() -> None:
    """One day of history: sixty strangers through a network and a program of today, not through a busy office."""
    for client, program, held in ((FAR, SCRIPT, True), ("192.0.2.10", "fqdn/tls/plain", False)):
        house = House([Volume(), Spread()])
        house.see(*habits(1))
        for number in range(8):
            at = START + DAY + 9 * 3600 + 200 * number
            names = tuple(f"lead{number}.{n}@example.com" for n in range(10))
            house.see(submission(at, client, 10, print_=program, addresses=names))
        assert ("hold" in house.levels()) == held


@pytest.mark.parametrize(("dead", "held"), [(0, False), (2, True)])
def test_half_strange_mail_of_a_young_account_is_held_when_it_fails(dead: int, held: bool) -> None:
    """One day of history: a new program at home writes to 200 strangers, and of ten none or two do not exist."""
    house = House([Volume()])
    house.see(*habits(1))
    for number in range(20):
        at = START + DAY + 9 * 3600 + 100 * number
        names = tuple(f"lead{number}.{n}@example.com" for n in range(10))
        house.see(submission(at, recipients=10, print_=SCRIPT, addresses=names))
        for _ in range(dead):
            house.see(replace(failure(at + 1, BounceClass.INVALID_RECIPIENT), print=SCRIPT))
        house.see(delivered(at + 2, 10 - dead))
    assert ("hold" in house.levels()) == held


def test_a_second_letter_to_many_is_not_a_circular() -> None:
    """Two messages to twenty-five people each are more than one to fifty."""
    assert phish(owner(), THEN, 50, each=25) >= 42
    assert phish(owner(), THEN, 50, each=50) == 0.0


def leads(number: int, each: int) -> float:
    """Letters to so many people never written to; the points of `volume`."""
    house = owner()
    for place in range(0, number, each):
        names = tuple(f"lead{place + n}@example.com" for n in range(each))
        house.see(submission(THEN + place, FAR, each, print_=SCRIPT, addresses=names))
    return house.page().standing["volume"].points


def test_of_each_letter_to_strangers_so_many_count() -> None:
    """Fifty by one message are fifteen, by two they are forty."""
    assert leads(50, 50) == leads(15, 5) < leads(50, 25) == leads(40, 5)


@pytest.mark.parametrize(("kind", "each", "most"), [("hosting", 1, 40.0), ("hosting", 3, 80.0), ("unknown", 1, 80.0)])
def test_a_newly_connected_program_is_not_held_for_its_amount(kind: NetworkKind, each: int, most: float) -> None:
    """From a rented server, one customer a message, a tenth of them gone: as much as a thief's, and no more said."""
    house, place = owner(), Origin("host:198.51.100.7", kind, "198.51.100.7")
    for number in range(90):
        names = tuple(f"customer{number}.{n}@example.com" for n in range(each))
        seen = submission(THEN + 20 * number, "198.51.100.7", each, print_=SCRIPT, addresses=names)
        lost = failure(seen.event.at + 1, BounceClass.INVALID_RECIPIENT, "198.51.100.7", count=each)
        house.see(replace(seen, origin=place))
        house.see(replace(lost, origin=place, print=SCRIPT) if number % 10 == 0 else delivered(seen.event.at + 1, each))
    points = house.page().standing["volume"].points
    assert points == most if most == 40.0 else points > 41.0
