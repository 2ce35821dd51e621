"""Changes in honest lives: what is new but no theft."""

from collections.abc import Iterator
from random import Random

from gatepost.lab.bulk import mailing, orders
from gatepost.lab.habits import Way, addressees, amount, letter, letters, moment, underway
from gatepost.lab.mail import Failure, Happening
from gatepost.lab.people import Person, correspondents
from gatepost.lab.world import DAY, HOUR, real_world


def traveller(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """From one day on a hotel after the other, with laptop and phone; people on holiday write less."""
    usual = 6 if person.profile == "traveller" else 2
    if not person.turns <= day < person.turns + 6:
        yield from letters(person, start, rng, amount(person, day, rng, usual), underway(person))
        return
    bed = person.others[(day - person.turns) // 2 % len(person.others)]
    cafe = person.others[(day + 1) % len(person.others)]
    ways: list[Way] = [(bed, person.laptop), (bed, person.mobile), (cafe, person.mobile), (person.phone, person.mobile)]
    yield from letters(person, start, rng, amount(person, day, rng, usual), ways)


def _switch(person: Person, day: int, before: list[Way], after: list[Way]) -> list[Way]:
    return before if day < person.turns else after


def mover(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Another provider from one day to the next."""
    ways = _switch(person, day, [(person.home, person.desktop)], [(person.others[0], person.desktop)])
    yield from letters(person, start, rng, amount(person, day, rng, 5), ways)


def renumbered(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """The provider gives all its customers other addresses in one night, in the middle of the second week."""
    name = f"{person.account}/{'new' if day >= 9 else 'old'}"
    line = real_world().place(name, person.others[0].asn, 1000 * DAY, 1, 14)
    yield from letters(person, start, rng, amount(person, day, rng, 5), [(line, person.desktop)])


def new_phone(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Another program and another carrier from one day to the next, and a letter to everybody."""
    after = [(person.phone, person.mobile), (person.home, person.mobile)]
    ways = _switch(person, day, [(person.home, person.desktop)], after)
    yield from letters(person, start, rng, amount(person, day, rng, 4), ways)
    if day == person.turns:
        to = correspondents(rng, 3) + person.friends[:20]
        yield letter(person, moment(person, start, rng), after[0], to, rng)


def newcomer(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Nothing until the first working day; then thirty letters of introduction, and an ordinary life."""
    if day < person.turns:
        return
    number = 30 if day == person.turns else amount(person, day, rng, 8)
    yield from letters(person, start, rng, number, [(person.office, person.desktop)])


def first_tunnel(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Somebody buys a VPN and leaves it on."""
    ways = _switch(person, day, underway(person), [(person.others[0], person.desktop)])
    yield from letters(person, start, rng, amount(person, day, rng, 5), ways)


def new_shop(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A shop moves to another host, with another program, over night."""
    before, after = (person.home, person.desktop), (person.others[0], person.laptop)
    yield from orders(person, start, rng, before if day < person.turns else after, rng.randrange(60, 200))


def new_crm(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """An office connects a customer system somewhere else, which writes to all customers at once."""
    yield from letters(person, start, rng, amount(person, day, rng, 12), [(person.office, person.laptop)])
    if day >= person.turns and (day - person.turns) % 3 == 0:
        way = (person.others[0], person.desktop)
        at = start + rng.uniform(8 * HOUR, 14 * HOUR)
        yield from mailing(person, at, way, rng, each=1, gap=4, subject="Our new address")


def new_office(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A second office at another provider begins to use the same account."""
    both = [(person.office, person.desktop), (person.others[0], person.laptop)]
    yield from letters(person, start, rng, amount(person, day, rng, 15), _switch(person, day, both[:1], both))


def migrated(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Everybody of a firm gets another mail program on the same day, the ninth."""
    device = person.desktop if day < 8 else person.laptop
    yield from letters(person, start, rng, amount(person, day, rng, 8), [(person.office, device)])


def guessed_at(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Strangers guess the password all week, in vain, while the owner logs in from somewhere new."""
    ways = _switch(person, day, underway(person), [(person.others[0], person.mobile)])
    yield from letters(person, start, rng, amount(person, day, rng, 4), ways)
    for client in real_world().bots(rng, rng.randrange(10, 60)):
        yield Failure(start + rng.uniform(0, DAY), person.account, client, "WIN-SCAN")


def holiday(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A journey; and on the day after it an hour of answers from home."""
    yield from traveller(person, day, start, rng)
    if day == person.turns + 6:
        begin = moment(person, start, rng)
        for number in range(rng.randrange(15, 40)):
            at = begin + number * rng.uniform(30, 120)
            yield letter(person, at, (person.home, person.desktop), addressees(person, rng), rng)
