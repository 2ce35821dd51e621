"""What thieves do with a stolen account: loud shapes.

A shape is a function of world, victim, first instant and chance. Everything about one theft is drawn: pace, size of
the list, how dirty it is, the program. Those who hide are in `stealth.py`; `docs/lab.md` names where each was seen.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from gatepost.lab.mail import Device, Failure, Fate, Happening, Look, Mail
from gatepost.lab.people import LOCAL, NEW_TLS, OLD_TLS, Person, address
from gatepost.lab.world import DAY, HOUR, World

SUBJECTS = ("Important notice", "Your parcel", "Last reminder", "Account statement", "You have won", "Re: payment")

_GREETINGS = (
    "WIN-{:06X}AB", "localhost", "[127.0.0.1]", "mail{}.example.net", "[{}]", "User", "ylmf-pc", "DESKTOP-{:07X}",
)  # fmt: skip

Theft = Callable[[World, Person, float, Random], Iterator[Happening]]
"""(world, victim, first instant, chance) to happenings, in any order."""


class Load:
    """What one thief sends: his list, its dirt, his program."""

    def __init__(
        self, rng: Random, dead: tuple[float, float], spam: tuple[float, float], each: tuple[int, int]
    ) -> None:
        """Draw a load: shares of dead recipients and of refusals as spam, recipients a message, from low to high."""
        self._rng = rng
        self.dead, self.spam = rng.uniform(*dead), rng.uniform(*spam)
        self.each = rng.randint(*each)
        self.device = script(rng)
        self.subject = rng.choice(SUBJECTS)
        self.size = rng.randrange(800, 20_000)

    def prey(self, number: int = 0) -> tuple[tuple[str, Fate], ...]:
        """Recipients of one message."""
        rng = self._rng
        chosen = dict.fromkeys(address(rng, rng.randrange(10**6)) for _ in range(number or self.each))
        return tuple((one, self._fate()) for one in chosen)

    def mail(self, victim: Person, at: float, client: str, *, sender: str = "", number: int = 0) -> Mail:
        """One message."""
        return Mail(
            at=at, account=victim.account, sender=sender or victim.account, client=client, device=self.device,
            recipients=self.prey(number), subject=self.subject, size=self.size,
        )  # fmt: skip

    def _fate(self) -> Fate:
        chance = self._rng.random()
        if chance < self.dead:
            return "dead"
        if chance < self.dead + self.spam:
            return "spam" if chance < self.dead + self.spam * 0.7 else "listed"
        return "later" if chance > 0.95 else "ok"


def script(rng: Random) -> Device:
    """A sending script: a bare or an invented greeting, often without TLS."""
    helo = rng.choice(_GREETINGS).format(rng.randrange(10**6))
    return Device(helo, rng.choice(("", OLD_TLS, NEW_TLS)), "mailer.example.net", rng.choice(("LOGIN", "PLAIN")))


def blast(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """One rented server, as fast as it goes for some minutes."""
    load = Load(rng, (0.05, 0.4), (0.01, 0.1), (5, 50))
    client, pace = world.server(rng, f"{victim.account}/thief").client(at), rng.uniform(0.5, 20)
    for number in range(rng.randrange(100, 400)):
        yield load.mail(victim, at + number / pace, client)


def botnet(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Hundreds of addresses in dozens of countries within minutes."""
    load, gap = Load(rng, (0.02, 0.3), (0.01, 0.1), (1, 10)), rng.uniform(0.5, 5)
    for number, client in enumerate(world.bots(rng, rng.randrange(120, 400))):
        yield load.mail(victim, at + number * gap * rng.uniform(0.5, 1.5), client)


def washed(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A clean list from a handful of networks over hours; refusals as spam rise to a third."""
    load, clients = Load(rng, (0.01, 0.03), (0, 0), (2, 8)), world.bots(rng, rng.randrange(2, 10))
    number, gap, worst = rng.randrange(200, 500), rng.uniform(20, 90), rng.uniform(0.2, 0.5)
    for count in range(number):
        load.spam = max(0.0, (count - 20) / number * worst)
        yield load.mail(victim, at + count * gap * rng.uniform(0.5, 1.5), rng.choice(clients))


def forged(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A new foreign envelope sender in every message, from one server or a few bots."""
    load = Load(rng, (0.03, 0.2), (0.02, 0.1), (1, 10))
    clients, gap = world.bots(rng, rng.randrange(1, 12)), rng.uniform(3, 60)
    for number in range(rng.randrange(150, 500)):
        sender = f"service{number}@bank{rng.randrange(60)}.example.com"
        yield load.mail(victim, at + number * gap, rng.choice(clients), sender=sender)


def guessed(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Strangers guess for a day, one try from each address; then one is right and sends."""
    load, clients = Load(rng, (0.05, 0.2), (0.02, 0.06), (1, 6)), world.bots(rng, rng.randrange(30, 150))
    for client in clients * 2:
        yield Failure(at + rng.uniform(0, 20 * HOUR), victim.account, client, load.device.helo)
        stranger = f"admin{rng.randrange(9)}@{rng.choice(LOCAL)}"
        yield Failure(at + rng.uniform(0, 20 * HOUR), stranger, client, load.device.helo)
    few, gap = rng.sample(clients, rng.randrange(1, 6)), rng.uniform(10, 90)
    for number in range(rng.randrange(100, 300)):
        yield load.mail(victim, at + 20 * HOUR + number * gap, rng.choice(few))


def tested(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A look at the mailbox, a login or one tiny mail from a strange place; hours later the blast from others."""
    load, clients = Load(rng, (0.05, 0.3), (0.01, 0.08), (3, 20)), world.bots(rng, rng.randrange(3, 40))
    for client in clients[:2]:
        yield Look(at + rng.uniform(0, HOUR), victim.account, client, load.device, rng.choice(("smtp", "imap")))
    if rng.random() < 0.5:
        yield tiny(victim, at + rng.uniform(HOUR, 2 * HOUR), clients[2], load.device)
    begin, gap = at + rng.uniform(3 * HOUR, 2 * DAY), rng.uniform(1, 20)
    for number in range(rng.randrange(100, 400)):
        yield load.mail(victim, begin + number * gap, rng.choice(clients))


def tiny(victim: Person, at: float, client: str, device: Device) -> Mail:
    """One mail of some hundred octets to the thief's own mailbox."""
    to: tuple[tuple[str, Fate], ...] = (("check.2024@post.example.net", "ok"),)
    return Mail(
        at=at, account=victim.account, sender=victim.account, client=client, device=device, recipients=to,
        subject="test", size=500,
    )  # fmt: skip


def during_travel(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A botnet of a few dozen addresses, while the owner is away and in strange networks too."""
    load, gap = Load(rng, (0.05, 0.2), (0.02, 0.08), (1, 8)), rng.uniform(5, 60)
    clients = world.bots(rng, rng.randrange(10, 60))
    for number in range(rng.randrange(100, 400)):
        yield load.mail(victim, at + number * gap, clients[number % len(clients)])


def on_newsletter(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """The account of a newsletter is used: much mail is nothing new there, the list and the place are."""
    load = Load(rng, (0.05, 0.3), (0.02, 0.1), (10, 50))
    clients: Sequence[str] = world.bots(rng, rng.randrange(1, 30))
    gap = rng.uniform(3, 30)
    for number in range(rng.randrange(80, 300)):
        yield load.mail(victim, at + number * gap, rng.choice(clients))
