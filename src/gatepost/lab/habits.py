"""What honest people do on one day, by profile.

A profile is a function of person, day and chance that gives the day's happenings. A day is pure: the same seed, account
and day give the same mail, whoever else there is.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from gatepost.lab.mail import Device, Failure, Fate, Happening, Look, Mail
from gatepost.lab.people import Person, address
from gatepost.lab.world import DAY, HOUR, WEBMAIL, Place, drawn

SUBJECTS = ("Offer", "Re: Offer", "Minutes", "Invoice", "Re: your question", "Photos", "Appointment", "Holiday plans")
WEB = Device("webmail.example.org", "TLS_AES_256_GCM_SHA384", "webmail.example.org")

STALE = 0.01
"""Share of dead recipients from which on it is a list that gets old."""

Way = tuple[Place, Device]
Habit = Callable[[Person, int, float, Random], Iterator[Happening]]
"""(person, number of the day, its first instant, chance) to happenings, in any order."""

_BUSY = (1, 0, 0, 0, 0, 1, 3, 8, 14, 18, 18, 16, 12, 14, 16, 16, 14, 12, 9, 8, 8, 7, 5, 3)
"""How busy each hour of somebody's day is."""


def weekend(day: int) -> bool:
    """Days 5 and 6 of each week: stories begin on a Monday."""
    return day % 7 >= 5


def moment(person: Person, start: float, rng: Random) -> float:
    """An instant of somebody's day."""
    hour = rng.choices(range(24), _BUSY)[0] - person.zone
    return start + (hour % 24) * HOUR + rng.uniform(0, HOUR)


def fate(rng: Random, to: str, dead: float = 0.004) -> Fate:
    """What becomes of an honest recipient. On a list an address that does not exist never does; people mistype."""
    if (drawn(f"dead/{to}") % 10_000 if dead >= STALE else rng.uniform(0, 10_000)) < dead * 10_000:
        return "dead"
    chance = rng.random()
    if chance < 0.004:
        return ("full", "full", "spam", "listed")[int(chance * 1000)]
    return "later" if chance < 0.02 else "ok"


def letter(
    person: Person, at: float, way: Way, to: Sequence[str], rng: Random, *, sender: str = "", dead: float = 0.004
) -> Mail:
    """An ordinary message."""
    place, device = way
    return Mail(
        at=at,
        account=person.account,
        sender=sender or person.senders[0],
        client=place.client(at),
        device=device,
        recipients=tuple((one, fate(rng, one, dead)) for one in dict.fromkeys(to)),
        subject=rng.choice(SUBJECTS),
        size=int(rng.lognormvariate(8.5, 1.4)) + 700,
    )


def addressees(person: Person, rng: Random) -> list[str]:
    """Whom one message is for: mostly the same few, now and then somebody new, sometimes many."""
    if rng.random() < 0.07:
        return [address(rng, rng.randrange(10_000))]
    number = rng.choices((1, 2, 3, 5, 12), (70, 15, 8, 5, 2))[0]
    top = len(person.friends)
    return [person.friends[min(int(rng.paretovariate(0.7)) - 1, rng.randrange(top), top - 1)] for _ in range(number)]


def letters(person: Person, start: float, rng: Random, number: int, ways: Sequence[Way]) -> Iterator[Mail]:
    """So many messages over a day, each by one of the ways."""
    for _ in range(number):
        sender = rng.choice(person.senders)
        yield letter(person, moment(person, start, rng), rng.choice(ways), addressees(person, rng), rng, sender=sender)


def amount(person: Person, day: int, rng: Random, usual: float) -> int:
    """How many messages: around the usual number, a fifth of it on weekends."""
    mean = usual * person.pace * (0.2 if weekend(day) else 1.0)
    return int(rng.expovariate(1 / mean) * 0.5 + mean * 0.5 + rng.random()) if mean > 0 else 0


def underway(person: Person) -> list[Way]:
    """Home, and the phone."""
    return [(person.home, person.desktop)] * 2 + [(person.phone, person.mobile)]


def light(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A few messages from one place."""
    yield from letters(person, start, rng, amount(person, day, rng, 3), [(person.home, person.desktop)])


def rare(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A message a week."""
    if rng.random() < 1 / 7:
        yield from letters(person, start, rng, 1, [(person.home, person.desktop)])


def heavy(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Dozens of messages from the office, some from home."""
    ways = [(person.office, person.desktop)] * 4 + [(person.home, person.laptop)]
    yield from letters(person, start, rng, amount(person, day, rng, 30), ways)


def roaming(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """A phone whose address changes every few minutes to hours, and the line at home."""
    ways = [(person.phone, person.mobile)] * 3 + [(person.home, person.mobile)]
    yield from letters(person, start, rng, amount(person, day, rng, 6), ways)


def devices(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Desk, laptop and phone at three places."""
    ways = [(person.office, person.desktop), (person.home, person.laptop), (person.phone, person.mobile)]
    yield from letters(person, start, rng, amount(person, day, rng, 10), ways)


def elsewhere(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Whatever else the person uses: a VPN, a privacy relay, a mail app's servers."""
    ways = [(person.others[0], person.desktop)] * 3 + [(person.home, person.desktop)]
    yield from letters(person, start, rng, amount(person, day, rng, 5), ways)


def webmail(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Through our own web mail, which logs in with its users' names."""
    web = Place("webmail", ((_WEB, _WEB + 1),), DAY)
    yield from letters(person, start, rng, amount(person, day, rng, 4), [(web, WEB)] * 4 + underway(person)[2:])


_WEB = int.from_bytes(bytes(int(part) for part in WEBMAIL.split(".")), "big")


def role(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """An address that three to ten people share."""
    homes = [(place, person.laptop) for place in person.others]
    ways = [(person.office, person.desktop)] * len(homes) + [(person.phone, person.mobile), *homes]
    yield from letters(person, start, rng, amount(person, day, rng, 15), ways)


def forgetful(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """The password was changed, and a phone keeps trying the old one for three days."""
    yield from letters(person, start, rng, amount(person, day, rng, 4), [(person.home, person.desktop)])
    if person.turns <= day < person.turns + 3:
        for number in range(96):
            at = start + 900 * number + rng.uniform(0, 60)
            yield Failure(at, person.account, person.phone.client(at), person.mobile.helo)


def catch_up(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Silent for some days, then everything at once: sixty answers in an hour, from the usual place."""
    if person.turns - 4 <= day < person.turns:
        return
    yield from letters(person, start, rng, amount(person, day, rng, 6), [(person.home, person.desktop)])
    if day == person.turns:
        begin = moment(person, start, rng)
        for number in range(rng.randrange(30, 60)):
            at = begin + number * rng.uniform(20, 70)
            yield letter(person, at, (person.home, person.desktop), addressees(person, rng), rng)


def looking(person: Person, day: int, start: float, rng: Random) -> Iterator[Happening]:
    """Programs that look for mail all day: logins at the mailbox, without sending."""
    place, device = (person.home, person.desktop) if person.profile != "phone" else (person.phone, person.mobile)
    for _ in range(rng.randrange(0, 4)):
        at = moment(person, start, rng)
        yield Look(at, person.account, place.client(at), device, "imap")
