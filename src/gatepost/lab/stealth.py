"""What thieves do with a stolen account: those who hide.

They go slowly, come from where the owner comes from, copy the owner's program, or write to the owner's friends.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from gatepost.lab.habits import WEB, fate
from gatepost.lab.mail import Happening, Look, Mail
from gatepost.lab.people import Person, address
from gatepost.lab.thefts import (
    Load,
    Theft,
    blast,
    botnet,
    during_travel,
    forged,
    guessed,
    on_newsletter,
    tested,
    washed,
)
from gatepost.lab.world import CARRIERS, DAY, FOR_GOOD, HOSTERS, HOUR, MINUTE, WEBMAIL, World


def slow(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Two to six messages an hour for a week, nearly every one from a new address."""
    load, pace = Load(rng, (0.05, 0.2), (0.01, 0.06), (1, 3)), rng.uniform(2, 6)
    clients = world.bots(rng, int(7 * 24 * pace * 0.9))
    for _ in range(int(7 * 24 * pace)):
        at += rng.expovariate(pace / HOUR)
        yield load.mail(victim, at, rng.choice(clients))


def residential(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Residential proxies inside the victim's own provider."""
    load, gap = Load(rng, (0.05, 0.2), (0.02, 0.08), (1, 10)), rng.uniform(5, 120)
    places = [world.place(f"{victim.account}/proxy{n}", victim.home.asn, FOR_GOOD, 1, 14) for n in range(40)]
    for number in range(rng.randrange(150, 400)):
        yield load.mail(victim, at + number * gap, rng.choice(places).client(at))


def carrier(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Phones of one mobile carrier: another address of its pool for every message."""
    load, gap = Load(rng, (0.05, 0.2), (0.02, 0.08), (1, 10)), rng.uniform(5, 120)
    pool = world.place(f"{victim.account}/pool", rng.choice(CARRIERS), MINUTE, 20, 12)
    for number in range(rng.randrange(150, 400)):
        yield load.mail(victim, at + number * gap, pool.client(at + number * MINUTE))


def rotation(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """IPv6: another /64 of one hoster's /32 for every message."""
    load, gap = Load(rng, (0.05, 0.25), (0.02, 0.08), (1, 10)), rng.uniform(3, 60)
    block = world.place_six(f"{victim.account}/six", rng.choice(HOSTERS), MINUTE, 32)
    for number in range(rng.randrange(150, 400)):
        yield load.mail(victim, at + number * gap, block.client(at + number * MINUTE))


def phish(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Thirty to a hundred of the owner's contacts get a letter under the owner's name, from a strange place."""
    client, load = world.bots(rng, 1)[0], Load(rng, (0, 0), (0, 0), (1, 1))
    yield Look(at, victim.account, client, load.device, "imap")
    known = [*victim.friends, *(address(rng, rng.randrange(10_000)) for _ in range(100))][: rng.randrange(30, 101)]
    gap, each = rng.uniform(2, 60), rng.choice((1, 1, 10, 25))
    for first in range(0, len(known), each):
        recipients = tuple((one, fate(rng, one)) for one in dict.fromkeys(known[first : first + each]))
        yield Mail(
            at=at + 300 + first * gap, account=victim.account, sender=victim.account, client=client,
            device=load.device, recipients=recipients, subject="Document for you", size=9000,
        )  # fmt: skip


def webmail(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Through our own web mail: the server sees only the web mail's address and program."""
    load, gap = Load(rng, (0.05, 0.25), (0.02, 0.08), (5, 40)), rng.uniform(15, 120)
    load.device = WEB
    for number in range(rng.randrange(40, 200)):
        yield load.mail(victim, at + number * gap, WEBMAIL)


def hacked_shop(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A script in a shop sends from the shop's usual address with the shop's program."""
    load, gap = Load(rng, (0.05, 0.3), (0.03, 0.1), (1, 5)), rng.uniform(1, 15)
    load.device = victim.desktop
    for number in range(rng.randrange(300, 900)):
        yield load.mail(victim, at + number * gap, victim.home.client(at))


def malware(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """A program on the owner's own computer, at the owner's own line."""
    load, gap = Load(rng, (0.05, 0.3), (0.02, 0.1), (1, 10)), rng.uniform(3, 60)
    for number in range(rng.randrange(150, 500)):
        yield load.mail(victim, at + number * gap, victim.home.client(at + number * gap))


def copycat(world: World, victim: Person, at: float, rng: Random) -> Iterator[Happening]:
    """Looks like the owner's program, writes at the owner's hours, from a few addresses in the owner's country."""
    load = Load(rng, (0.03, 0.15), (0.02, 0.08), (1, 5))
    load.device, gap = victim.desktop, rng.uniform(30, 200)
    clients = [world.home(rng, f"{victim.account}/copy{n}").client(at) for n in range(rng.randrange(2, 8))]
    for number in range(rng.randrange(100, 300)):
        yield load.mail(victim, at + number * gap, rng.choice(clients))


def campaign(world: World, victims: Sequence[Person], at: float, rng: Random) -> Iterator[Happening]:
    """Three to twelve messages on each of many accounts within a day, from the same bots with the same program."""
    load, clients = Load(rng, (0.03, 0.15), (0.02, 0.08), (1, 8)), world.bots(rng, rng.randrange(8, 25))
    for victim in victims:
        begin, gap = at + rng.uniform(0, 16 * HOUR), rng.uniform(20, 600)
        for number in range(rng.randrange(3, 13)):
            yield load.mail(victim, begin + number * gap, rng.choice(clients))


SHAPES: Mapping[str, Theft] = {
    "blast": blast, "botnet": botnet, "slow": slow, "washed": washed, "forged": forged, "residential": residential,
    "carrier": carrier, "rotation": rotation, "tested": tested, "guessed": guessed, "during-travel": during_travel,
    "on-newsletter": on_newsletter, "copycat": copycat, "phish": phish, "webmail": webmail,
    "hacked-shop": hacked_shop, "malware": malware,
}  # fmt: skip
"""Every shape of one account's theft; a campaign is over many."""

CAMPAIGN = "campaign"
OWN = ("webmail", "hacked-shop", "malware")
"""Shapes whose every message comes from where the owner's do: hard, and counted apart; so is `phish`."""

PEOPLE = ("light", "heavy", "phone", "devices", "role", "webmail", "domains", "outlook")
VICTIMS: Mapping[str, Sequence[str]] = {
    "during-travel": ("traveller", "holiday"), "on-newsletter": ("newsletter", "verp"),
    "hacked-shop": ("shop",), "webmail": ("webmail",),
}  # fmt: skip
"""Profiles that a shape needs; `PEOPLE` for all others."""

LASTS: Mapping[str, float] = {"slow": 3.0 * DAY, "guessed": 1.3 * DAY, "tested": 2.4 * DAY, CAMPAIGN: 0.8 * DAY}
"""Room a theft wants before the story's end; half a day for all others."""
