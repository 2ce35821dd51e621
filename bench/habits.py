"""What honest people do on one day, by profile.

Each profile is a function of person, day and chance that gives the day's happenings; a day is pure: the same seed,
account and day give the same mail, whoever else there is.
"""

from collections.abc import Callable, Iterator
from random import Random

from bench.mail import Happening
from bench.networks import Place
from bench.people import Person, correspondents
from gatepost.lab.mail import Device, Failure, Fate, Mail
from gatepost.lab.people import address

DAY = 86400
HOUR = 3600

_SUBJECTS = ("Offer", "Re: Offer", "Minutes", "Invoice", "Re: your question", "Photos", "Appointment", "Holiday plans")

Habit = Callable[[Person, int, float, Random], Iterator[Happening]]
"""(person, number of the day, its first instant, chance) to happenings."""


def honest_day(person: Person, day: int, start: float, seed: int) -> Iterator[Happening]:
    """Everything an account does on one day."""
    rng = Random(f"{seed}/{person.account}/{day}")
    yield from HABITS[person.profile](person, day, start, rng)


def weekend(day: int) -> bool:
    """Days 5 and 6 of each week: logs begin on a Monday."""
    return day % 7 >= 5


def fate(rng: Random, dead: float = 0.006) -> Fate:
    """What becomes of an honest recipient."""
    chance = rng.random()
    if chance < dead:
        return "dead"
    if chance < dead + 0.002:
        return "full"
    if chance < dead + 0.003:
        return "spam"
    return "later" if chance < dead + 0.02 else "ok"


def letter(person: Person, at: float, client: str, device: Device, to: tuple[str, ...], rng: Random) -> Mail:
    """An ordinary message."""
    return Mail(
        at=at,
        account=person.account,
        sender=person.account,
        client=client,
        device=device,
        recipients=tuple((address, fate(rng)) for address in dict.fromkeys(to)),
        subject=rng.choice(_SUBJECTS),
        size=rng.randrange(900, 90_000),
    )


def letters(
    person: Person, day: int, start: float, rng: Random, number: int, ways: tuple[tuple[Place, Device], ...]
) -> Iterator[Mail]:
    """So many messages over a working day, each by one of the ways."""
    for _ in range(number):
        place, device = rng.choice(ways)
        to = tuple(rng.choice(person.friends) for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3, 5))))
        if rng.random() < 0.08:
            to = (address(rng, rng.randrange(10_000)),)
        at = start + rng.uniform(7 * HOUR, 20 * HOUR)
        yield letter(person, at, place.client(rng, day), device, to, rng)


def _ways(person: Person) -> tuple[tuple[Place, Device], ...]:
    """Home and the phone underway."""
    return ((person.home, person.desktop), (person.home, person.desktop), (person.phone, person.mobile))


def light(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A few messages from one place."""
    number = rng.randrange(0, 3) if weekend(day) else rng.randrange(1, 7)
    yield from letters(person, day, start, rng, number, ((person.home, person.desktop),))


def rare(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """One message a week."""
    if rng.random() < 1 / 7:
        yield from letters(person, day, start, rng, 1, ((person.home, person.desktop),))


def heavy(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Dozens of messages from the office, some from home."""
    ways = ((person.office, person.desktop),) * 4 + ((person.home, person.laptop),)
    number = rng.randrange(0, 4) if weekend(day) else rng.randrange(20, 60)
    yield from letters(person, day, start, rng, number, ways)


def roaming(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A phone whose address changes with every connection, and the line at home."""
    ways = ((person.phone, person.mobile),) * 3 + ((person.home, person.mobile),)
    yield from letters(person, day, start, rng, rng.randrange(2, 12), ways)


def devices(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Desk, laptop and phone at three places."""
    ways = ((person.office, person.desktop), (person.home, person.laptop), (person.phone, person.mobile))
    yield from letters(person, day, start, rng, rng.randrange(1, 5) if weekend(day) else rng.randrange(5, 18), ways)


def newsletter(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Ordinary mail, and on one day of the week the list: 5 % of it dead."""
    yield from letters(person, day, start, rng, rng.randrange(1, 5), ((person.office, person.desktop),))
    if day % 7 == 1 + len(person.list) % 4:
        each = 1 if len(person.list) % 2 else 50
        yield from _mailing(person, day, start + rng.uniform(9 * HOUR, 15 * HOUR), rng, each, 0.05)


def _mailing(person: Person, day: int, at: float, rng: Random, each: int, dead: float) -> Iterator[Mail]:
    client = person.office.client(rng, day)
    for first in range(0, len(person.list), each):
        part = person.list[first : first + each]
        recipients = tuple((address, fate(rng, dead)) for address in part)
        yield Mail(
            at=at, account=person.account, sender=person.account, client=client, device=person.desktop,
            recipients=recipients, subject=f"News of week {day // 7 + 1}", size=30_000,
        )  # fmt: skip
        at += rng.uniform(0.5, 1.5) * (2 if each == 1 else 10)


def club(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A small club: now and then one letter to all members, sometimes from the phone."""
    yield from letters(person, day, start, rng, rng.randrange(0, 4), _ways(person))
    if day % 7 in (len(person.list) % 7, (len(person.list) + 3) % 7):
        place, device = rng.choice(_ways(person))
        at = start + rng.uniform(17 * HOUR, 21 * HOUR)
        mail = letter(person, at, place.client(rng, day), device, person.list, rng)
        yield mail


def shop(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Confirmations to customers at all hours; customers mistype."""
    for _ in range(rng.randrange(80, 260)):
        to = rng.choice(person.list) if rng.random() < 0.3 else address(rng, rng.randrange(100_000))
        yield Mail(
            at=start + rng.uniform(0, DAY), account=person.account, sender=person.account,
            client=person.home.client(rng, day), device=person.desktop, recipients=((to, fate(rng, 0.02)),),
            subject=f"Your order {rng.randrange(100_000)}", size=6000,
        )  # fmt: skip


def relay(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A firm's own server: many people behind one login, forwarded mail with foreign and null senders."""
    for _ in range(rng.randrange(100, 300)):
        sender = rng.choice(person.list) if rng.random() < 0.3 else f"staff{rng.randrange(20)}@firm.example.org"
        to = tuple(address(rng, rng.randrange(10_000)) for _ in range(rng.choice((1, 1, 2))))
        yield Mail(
            at=start + rng.uniform(6 * HOUR, 22 * HOUR), account=person.account,
            sender="" if rng.random() < 0.05 else sender, client=person.home.client(rng, day), device=person.desktop,
            recipients=tuple((one, fate(rng, 0.01)) for one in dict.fromkeys(to)), subject="Fwd: your request",
        )  # fmt: skip


def mailing_list(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A server of discussion lists: a few dozen messages a day, each to the members of one list."""
    for _ in range(rng.randrange(10, 30) if weekend(day) else rng.randrange(30, 50)):
        first = rng.randrange(len(person.list))
        members = person.list[first : first + rng.randrange(10, 60)]
        yield Mail(
            at=start + rng.uniform(6 * HOUR, 23 * HOUR), account=person.account,
            sender=f"talk-bounces@{person.account.rpartition('@')[2]}", client=person.home.client(rng, day),
            device=person.desktop, recipients=tuple((one, fate(rng, 0.004)) for one in members), subject="[talk] Re",
        )  # fmt: skip


def traveller(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """At home, and from one day on a hotel after the other, with the phone in a foreign pool between."""
    if not person.turns <= day < person.turns + 6:
        yield from letters(person, day, start, rng, rng.randrange(2, 9), _ways(person))
        return
    bed = person.away[(day - person.turns) // 2 % len(person.away)]
    cafe = person.away[(day + 1) % len(person.away)]
    ways = ((bed, person.laptop), (bed, person.mobile), (cafe, person.mobile))
    yield from letters(person, day, start, rng, rng.randrange(3, 12), ways)


def role(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """An address that several people share."""
    homes = tuple((place, person.laptop) for place in person.away)
    ways = ((person.office, person.desktop), (person.phone, person.mobile), *homes)
    yield from letters(person, day, start, rng, rng.randrange(2, 25), ways)


def forgetful(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """The password was changed, and a phone keeps trying the old one for three days."""
    yield from letters(person, day, start, rng, rng.randrange(1, 8), _ways(person)[:2])
    if person.turns <= day < person.turns + 3:
        for number in range(96):
            client = person.phone.client(rng, day)
            yield Failure(start + 900 * number + rng.uniform(0, 60), person.account, client, person.mobile.helo)


def newcomer(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Nothing until the first working day; then thirty letters of introduction, and an ordinary life."""
    if day < person.turns:
        return
    number = 30 if day == person.turns else rng.randrange(4, 15)
    yield from letters(person, day, start, rng, number, ((person.office, person.desktop),))


def mover(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Another provider from one day to the next."""
    place = person.home if day < person.turns else person.away[0]
    yield from letters(person, day, start, rng, rng.randrange(2, 10), ((place, person.desktop),))


def new_phone(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Another program and another carrier from one day to the next, and a letter to everybody."""
    if day < person.turns:
        yield from letters(person, day, start, rng, rng.randrange(1, 6), ((person.home, person.desktop),))
        return
    ways = ((person.phone, person.mobile), (person.home, person.mobile))
    yield from letters(person, day, start, rng, rng.randrange(1, 6), ways)
    if day == person.turns:
        at = start + rng.uniform(17 * HOUR, 21 * HOUR)
        to = correspondents(rng, 3) + person.friends[:20]
        yield letter(person, at, person.phone.client(rng, day), person.mobile, to, rng)


HABITS: dict[str, Habit] = {
    "light": light, "heavy": heavy, "phone": roaming, "devices": devices, "newsletter": newsletter, "club": club,
    "shop": shop, "relay": relay, "traveller": traveller, "role": role, "forgetful": forgetful, "new": newcomer,
    "mover": mover, "new-phone": new_phone, "rare": rare, "list": mailing_list,
}  # fmt: skip
"""What each profile does."""
