"""What thieves do with a stolen account, by shape."""

from collections.abc import Callable, Iterator
from random import Random

from bench.habits import HOUR
from bench.mail import Happening
from bench.networks import HOSTING, bots
from bench.people import Person
from gatepost.lab.mail import Device, Failure, Fate, Mail
from gatepost.lab.people import LOCAL, address

_SUBJECTS = ("Important notice", "Your parcel", "Last reminder", "Account statement", "You have won")

Theft = Callable[[Person, float, Random], Iterator[Happening]]
"""(victim, first instant, chance) to happenings, in any order."""


def _program(rng: Random) -> Device:
    """A sending script: a bare or an invented greeting, often without TLS."""
    helo = rng.choice(("WIN-{:06X}", "localhost", "[127.0.0.1]", "mail{}.example.net")).format(rng.randrange(9999))
    return Device(helo, rng.choice(("", "ECDHE-RSA-AES128-GCM-SHA256")), "mailer.example.net")


def _prey(rng: Random, number: int, dead: float, spam: float = 0.01) -> tuple[tuple[str, Fate], ...]:
    """Recipients from a thief's list."""
    return tuple((address(rng, rng.randrange(10**6)), _fate(rng, dead, spam)) for _ in range(number))


def _fate(rng: Random, dead: float, spam: float) -> Fate:
    chance = rng.random()
    if chance < dead:
        return "dead"
    if chance < dead + spam:
        return rng.choice(("spam", "listed"))
    return "later" if chance > 0.95 else "ok"


def _mail(
    victim: Person, at: float, client: str, device: Device, prey: tuple[tuple[str, Fate], ...], sender: str = ""
) -> Mail:
    subject = _SUBJECTS[int(at) % len(_SUBJECTS)]
    return Mail(
        at=at, account=victim.account, sender=sender or victim.account, client=client, device=device,
        recipients=prey, subject=subject, size=3500,
    )  # fmt: skip


def _rented(rng: Random) -> str:
    return f"{rng.choice(HOSTING)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def blast(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """One rented server, ten recipients a message, as fast as it goes for a few minutes: 30 % dead."""
    client, device, pace = _rented(rng), _program(rng), rng.uniform(4, 20)
    for number in range(200):
        yield _mail(victim, at + number / pace, client, device, _prey(rng, 10, 0.30, 0.03))


def botnet(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """150 networks within ten minutes: 20 % dead."""
    device = _program(rng)
    for number, client in enumerate(bots(rng, 150) * 2):
        yield _mail(victim, at + number * 2 + rng.uniform(0, 2), client, device, _prey(rng, 10, 0.20, 0.03))


def slow(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Two to six messages an hour for two days, each from a new network, to few recipients: 15 % dead."""
    device, pace = _program(rng), rng.uniform(2, 6)
    for client in bots(rng, int(48 * pace)):
        at += rng.expovariate(pace / HOUR)
        yield _mail(victim, at, client, device, _prey(rng, rng.randrange(1, 4), 0.15))


def washed(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A clean list, 2 % dead, from a handful of networks over five hours; refusals as spam rise to a third."""
    device, clients = _program(rng), bots(rng, 6)
    for number in range(300):
        spam = max(0.0, (number - 40) / 260 * 0.35)
        prey = _prey(rng, rng.randrange(3, 8), 0.02, spam)
        yield _mail(victim, at + number * 60 + rng.uniform(0, 60), rng.choice(clients), device, prey)


def forged(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """One rented server and a new foreign sender in every message: 10 % dead."""
    client, device = _rented(rng), _program(rng)
    for number in range(240):
        sender = f"service{number}@bank{rng.randrange(60)}.example.com"
        yield _mail(victim, at + number * 45, client, device, _prey(rng, 5, 0.10, 0.05), sender)


def guessed(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Strangers guess for a day, then one of them is in: 40 messages an hour, 12 % dead."""
    device, clients = _program(rng), bots(rng, 30)
    for number in range(rng.randrange(60, 200)):
        yield Failure(at + rng.uniform(0, 20 * HOUR), victim.account, rng.choice(clients), device.helo)
        if number % 3 == 0:
            stranger = f"admin{rng.randrange(9)}@{rng.choice(LOCAL)}"
            yield Failure(at + rng.uniform(0, 20 * HOUR), stranger, rng.choice(clients), device.helo)
    client = rng.choice(clients)
    for number in range(160):
        moment = at + 20 * HOUR + number * 90 + rng.uniform(0, 60)
        yield _mail(victim, moment, client, device, _prey(rng, 3, 0.12, 0.03))


def neighbour(victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A thief in the victim's own provider, with a program like the owner's: only the amount and the list speak."""
    client = f"{victim.home.prefixes[0]}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    if ":" in client:
        client = f"{victim.home.prefixes[0]}:bad::{rng.randrange(1, 9999):x}"
    for number in range(200):
        yield _mail(victim, at + number * 20, client, victim.desktop, _prey(rng, 10, 0.25, 0.03))


SHAPES: dict[str, Theft] = {
    "blast": blast, "botnet": botnet, "slow": slow, "washed": washed, "forged": forged, "guessed": guessed,
    "neighbour": neighbour,
}  # fmt: skip
"""Every shape of theft by name."""

LASTS: dict[str, float] = {"slow": 2.2, "guessed": 1.1}
"""Days a theft needs; one day when not named."""
