"""Who has an account: places, programs and correspondents, drawn once from a seed.

What people do is in `habits.py`, `bulk.py` and `changes.py`.
"""

from collections.abc import Mapping
from random import Random

from msgspec import Struct

from gatepost.lab.mail import Device
from gatepost.lab.world import Place, World, drawn

LOCAL = ("example.org", "example.test", "shop.example.org", "club.example.org", "school.example.test")
"""The domains of our mail server."""

SHARES: Mapping[str, int] = {
    "light": 250, "rare": 60, "heavy": 70, "phone": 110, "devices": 90, "privacy": 20, "tunnel": 25, "outlook": 20,
    "gmail": 15, "webmail": 60, "role": 35, "domains": 15, "forgetful": 20, "holiday": 20, "catch-up": 15,
    "newsletter": 15, "verp": 4, "invoices": 8, "club": 20, "shop": 14, "form": 3, "relay": 5, "list": 4, "scanner": 12,
    "forwarder": 10, "traveller": 25, "mover": 12, "new-phone": 15, "new": 12, "first-tunnel": 6, "new-shop": 3,
    "new-crm": 3, "new-office": 4, "migrated": 8, "renumbered": 8, "guessed-at": 4,
}  # fmt: skip
"""Profiles, and how many of a thousand accounts have them."""

MACHINES = ("shop", "form", "relay", "list", "scanner", "new-shop", "new-crm")
"""Profiles whose mail a program writes."""

BULK = ("newsletter", "verp", "invoices", "club", "shop", "form", "relay", "list", "new-shop", "new-crm")
_LENGTHS: Mapping[str, tuple[int, int]] = {
    "newsletter": (200, 2000), "verp": (200, 900), "invoices": (100, 600), "club": (40, 130), "shop": (300, 900),
    "form": (30, 60), "relay": (60, 200), "list": (60, 300), "new-shop": (300, 900), "new-crm": (200, 800),
}  # fmt: skip
"""How long the lists of each profile are."""

NAMES = (
    "ann", "ben", "cleo", "dan", "eva", "fred", "gina", "hugo", "ida", "jan", "kim", "leo", "mia", "noah", "olga",
    "paul", "quinn", "rosa", "sam", "tina", "udo", "vera", "will", "xenia", "yara", "zoe", "aldo", "bela", "cora",
    "dirk", "elsa", "finn", "gerd", "hanna", "igor", "jana", "karl", "lena", "max", "nina", "otto", "pia", "ralf",
)  # fmt: skip
BIG = ("post.example.net", "mail.example.com", "inbox.example.net", "web.example.com")
NEW_TLS, OLD_TLS = "TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"
_DESKTOPS = ("[192.168.{}.{}]", "[192.168.178.{1}]", "DESKTOP-{:02X}{:02X}AQ", "LAPTOP-{:02X}{:02X}K", "[127.0.0.1]")
_PHONES = ("smtpclient.apple", "[10.0.2.15]", "[192.168.1.{}]", "localhost")


class Person(Struct, frozen=True):
    """One honest account."""

    account: str
    profile: str
    home: Place
    office: Place
    phone: Place
    others: tuple[Place, ...]
    """What else the profile needs: hotels, colleagues' homes, the line after a move, VPN exits."""
    desktop: Device
    laptop: Device
    mobile: Device
    senders: tuple[str, ...]
    """Envelope senders the account uses; the first is its own."""
    friends: tuple[str, ...]
    """The more often written to, the earlier."""
    list: tuple[str, ...]
    """Subscribers, members or customers."""
    stale: float
    """Share of the list that no longer exists."""
    pace: float
    """How much it writes beside others of its profile."""
    zone: float
    """Hours its day is ahead of UTC."""
    turns: int
    """The day something happens: a journey, a move, the first working day, a changed password."""


def populate(world: World, seed: int, number: int, days: int, shares: Mapping[str, int] = SHARES) -> list[Person]:
    """So many honest accounts; at least one of each profile when there is room.

    Args:
        world: where they live.
        seed: of all chance.
        number: how many.
        days: length of the story, for the day something happens.
        shares: weights of the profiles.
    """
    rng = Random(f"{seed}/people")
    profiles = list(shares)[:number]
    profiles += rng.choices(list(shares), list(shares.values()), k=max(0, number - len(profiles)))
    return [person(world, Random(f"{seed}/people/{n}"), n, profile, days) for n, profile in enumerate(profiles)]


def person(world: World, rng: Random, serial: int, profile: str, days: int) -> Person:
    """One account of a profile."""
    account, machine = _account(rng, serial, profile), profile in MACHINES
    return Person(
        account=account,
        profile=profile,
        home=world.server(rng, f"{account}/home") if machine else world.home(rng, f"{account}/home"),
        office=world.office(rng, f"{account}/office"),
        phone=world.phone(rng, f"{account}/phone"),
        others=_others(world, rng, account, profile),
        desktop=program(account) if machine else desktop(rng),
        laptop=desktop(rng),
        mobile=Device(rng.choice(_PHONES).format(rng.randrange(2, 250)), NEW_TLS, "mobile.example.org"),
        senders=_senders(rng, account, profile),
        friends=(friends := correspondents(rng, rng.choice((8, 15, 30, 60, 120)))),
        list=_list(rng, profile, friends),
        stale=rng.choice((0.01, 0.03, 0.05, 0.1, 0.2)) if profile in ("newsletter", "verp") else 0.02,
        pace=rng.lognormvariate(0.0, 0.5),
        zone=rng.choice((0, 1, 1, 1, 2, -5)),
        turns=rng.randrange(min(4, days - 1), max(5, days - 1)),
    )


def _account(rng: Random, serial: int, profile: str) -> str:
    if profile in BULK or profile in ("role", "scanner"):
        return f"{'office' if profile == 'role' else profile}{serial}@{rng.choice(LOCAL)}"
    rank = serial // len(NAMES)
    return f"{NAMES[serial % len(NAMES)]}{rank or ''}@{LOCAL[serial % 2]}"


def _list(rng: Random, profile: str, friends: tuple[str, ...]) -> tuple[str, ...]:
    """Whom the account writes to in numbers; customers of an office are people it knows."""
    if profile not in _LENGTHS:
        return ()
    known = friends if profile in ("new-crm", "invoices") else ()
    return tuple(dict.fromkeys((*known, *subscribers(rng, rng.randrange(*_LENGTHS[profile])))))


def _others(world: World, rng: Random, account: str, profile: str) -> tuple[Place, ...]:
    name = f"{account}/other"
    if profile == "role":
        return tuple(world.home(rng, f"{name}{n}") for n in range(rng.randrange(2, 9)))
    if profile in ("traveller", "holiday"):
        return tuple(world.hotel(rng, f"{name}{n}") for n in range(4))
    if profile in ("tunnel", "first-tunnel"):
        return (world.tunnel(rng, name),)
    if profile == "privacy":
        return (world.relay(name),)
    if profile in ("outlook", "gmail"):
        return (world.backend(name, profile),)
    if profile in ("new-shop", "new-crm"):
        return (world.server(rng, name),)
    if profile == "renumbered":
        return (world.place(name, world_of(account), 10**9, 1, 14),)
    return (world.home(rng, name),)


def world_of(account: str) -> int:
    """The provider that renumbers its customers; the same for all of them."""
    return 3320 if drawn(account) % 2 else 12322


def _senders(rng: Random, account: str, profile: str) -> tuple[str, ...]:
    if profile == "domains":
        name = account.partition("@")[0]
        return (account, *(f"{name}@own{rng.randrange(500)}.example.com" for _ in range(rng.randrange(1, 4))))
    if profile == "gmail":
        return (account, f"{account.partition('@')[0]}.private@{BIG[0]}")
    return (account,)


def desktop(rng: Random) -> Device:
    """A mail program at a desk."""
    helo = rng.choice(_DESKTOPS).format(rng.randrange(256), rng.randrange(2, 250))
    cipher = NEW_TLS if rng.random() < 0.8 else OLD_TLS
    return Device(helo, cipher, "desk.example.org", "LOGIN" if rng.random() < 0.2 else "PLAIN")


def program(account: str) -> Device:
    """A program on a server."""
    return Device(f"app{drawn(account) % 90}.{account.rpartition('@')[2]}", NEW_TLS, "app.example.org")


def address(rng: Random, number: int) -> str:
    """One correspondent somewhere: half of them at big providers."""
    name = f"{rng.choice(NAMES)}.{number}"
    if rng.random() < 0.5:
        return f"{name}@{rng.choice(BIG)}"
    return f"{name}@firm{rng.randrange(3000)}.example.{rng.choice(('net', 'com'))}"


def acquainted(rng: Random, number: int) -> list[str]:
    """So many people; a fifth of them have mailboxes here, and come first."""
    inside = [f"{rng.choice(NAMES)}@{rng.choice(LOCAL[:2])}" for _ in range(number // 5)]
    return inside + [address(rng, rng.randrange(10_000)) for _ in range(number - number // 5)]


def correspondents(rng: Random, number: int) -> tuple[str, ...]:
    """People somebody writes to, the more often the earlier."""
    found = acquainted(rng, number)
    rng.shuffle(found)
    return tuple(found)


def subscribers(rng: Random, number: int) -> tuple[str, ...]:
    """A list of different addresses."""
    return tuple(address(rng, serial) for serial in range(number))
