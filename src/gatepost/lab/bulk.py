"""Machines and lists: honest mail in numbers, which looks most like a theft."""

from collections.abc import Iterator, Sequence
from random import Random

from msgspec.structs import replace

from gatepost.lab.habits import Way, amount, fate, letter, letters, underway, weekend
from gatepost.lab.mail import Happening, Mail
from gatepost.lab.people import Person, address
from gatepost.lab.world import DAY, HOUR


def mailing(
    person: Person, at: float, way: Way, rng: Random, *, each: int, gap: float, subject: str, verp: bool = False
) -> Iterator[Mail]:
    """One issue to the whole list, so many recipients a message and seconds between them."""
    place, device = way
    for first in range(0, len(person.list), each):
        part = person.list[first : first + each]
        name, _, domain = person.account.partition("@")
        yield Mail(
            at=at,
            account=person.account,
            sender=f"{name}+{part[0].replace('@', '=')}@{domain}" if verp else person.account,
            client=place.client(at),
            device=device,
            recipients=tuple((one, fate(rng, one, person.stale)) for one in part),
            subject=subject,
            size=30_000,
        )
        at += gap * rng.uniform(0.5, 1.5)


def _turn(person: Person, day: int, days: Sequence[int]) -> bool:
    """Whether this is one of the account's days of the week."""
    return (day + len(person.list)) % 7 in days


def newsletter(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Ordinary mail, and once a week the list, which has been getting old."""
    yield from letters(person, start, rng, amount(person, day, rng, 4), [(person.office, person.desktop)])
    if _turn(person, day, (2,)):
        each = 1 if len(person.list) % 2 else 50
        at = start + rng.uniform(8 * HOUR, 15 * HOUR)
        way, subject = (person.office, person.desktop), f"News of week {day // 7 + 1}"
        yield from mailing(person, at, way, rng, each=each, gap=2 if each == 1 else 12, subject=subject)


def verp(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A list with an envelope sender of its own for every subscriber, twice a week."""
    if _turn(person, day, (1, 4)):
        at = start + rng.uniform(5 * HOUR, 15 * HOUR)
        way = (person.office, person.desktop)
        yield from mailing(person, at, way, rng, each=1, gap=1.5, subject=f"Digest {day}", verp=True)


def invoices(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A mail-merge from the office program: one letter to each customer, once in the story and again a week later."""
    yield from letters(person, start, rng, amount(person, day, rng, 5), [(person.office, person.desktop)])
    if day % 7 == person.turns % 7:
        at = start + rng.uniform(8 * HOUR, 12 * HOUR)
        way = (person.office, person.desktop)
        yield from mailing(person, at, way, rng, each=1, gap=5, subject="Invoice")


def club(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Now and then one letter to all members, sometimes from the phone."""
    yield from letters(person, start, rng, amount(person, day, rng, 2), underway(person))
    if _turn(person, day, (0, 3)):
        at = start + rng.uniform(16 * HOUR, 21 * HOUR)
        yield letter(person, at, rng.choice(underway(person)), person.list, rng, dead=person.stale)


def orders(person: Person, start: float, rng: Random, way: Way, number: int, dead: float = 0.02) -> Iterator[Mail]:
    """Confirmations to customers at all hours; customers mistype."""
    place, device = way
    for _ in range(number):
        to = rng.choice(person.list) if rng.random() < 0.3 else address(rng, rng.randrange(100_000))
        at = start + rng.uniform(0, DAY)
        yield Mail(
            at=at, account=person.account, sender=person.account, client=place.client(at), device=device,
            recipients=((to, fate(rng, to, dead)),), subject=f"Your order {rng.randrange(100_000)}", size=6000,
        )  # fmt: skip


def shop(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A shop on a rented server."""
    yield from orders(person, start, rng, (person.home, person.desktop), rng.randrange(30, 160))


def form(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A site with a form; on one day a bot fills it with addresses of strangers, 500 an hour, half of them dead.

    What the bot writes is in the letters, too: up to one in fifty is refused as spam.
    """
    way = (person.home, person.desktop)
    yield from orders(person, start, rng, way, rng.randrange(5, 30))
    if day == person.turns:
        begin, spam = start + rng.uniform(1 * HOUR, 20 * HOUR), rng.uniform(0.0, 0.02)
        for number in range(rng.randrange(300, 900)):
            to = address(rng, rng.randrange(10**6))
            mail = letter(person, begin + number * 7 + rng.uniform(0, 6), way, [to], rng, dead=0.5)
            yield replace(mail, recipients=((to, "spam"),)) if rng.random() < spam else mail


def relay(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A firm's own server: many people behind one login, forwards with foreign senders, and null senders."""
    way = (person.home, person.desktop)
    for _ in range(rng.randrange(20, 60) if weekend(day) else rng.randrange(80, 250)):
        chance, staff = rng.random(), f"staff{rng.randrange(20)}@firm.example.org"
        sender = "<>" if chance < 0.05 else rng.choice(person.list) if chance < 0.3 else staff
        to = [address(rng, rng.randrange(10_000)) for _ in range(rng.choice((1, 1, 2)))]
        yield letter(person, start + rng.uniform(6 * HOUR, 22 * HOUR), way, to, rng, sender=sender, dead=0.01)


def discussion(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A server of discussion lists: a dozen messages a day, each to the members of one list."""
    way, sender = (person.home, person.desktop), f"talk-bounces@{person.account.rpartition('@')[2]}"
    for _ in range(rng.randrange(4, 20)):
        first = rng.randrange(len(person.list))
        members = person.list[first : first + rng.randrange(10, 60)]
        yield letter(person, start + rng.uniform(6 * HOUR, 23 * HOUR), way, members, rng, sender=sender)


def scanner(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A copier: what it scans goes to the same few people, large, from the office."""
    for _ in range(0 if weekend(day) else rng.randrange(2, 20)):
        at = start + rng.uniform(7 * HOUR, 17 * HOUR)
        yield letter(person, at, (person.office, person.desktop), [rng.choice(person.friends[:6])], rng)


def forwarder(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A program at home forwards what it fetches, with the first senders, and answers that nobody is there."""
    yield from letters(person, start, rng, amount(person, day, rng, 2), [(person.home, person.desktop)])
    for _ in range(rng.randrange(3, 15)):
        at, null = start + rng.uniform(0, DAY), rng.random() < 0.2
        sender = "<>" if null else address(rng, rng.randrange(10_000))
        to = address(rng, rng.randrange(10_000)) if null else person.friends[0]
        yield letter(person, at, (person.home, person.laptop), [to], rng, sender=sender)
