"""Who has an account: names, places, programs and correspondents, drawn once from a seed.

What people do with it is in `habits.py`.
"""

from collections import Counter
from collections.abc import Mapping
from random import Random

from msgspec import Struct

from bench.networks import Place, home, hotel, office, phone, server
from gatepost.lab.mail import Device
from gatepost.lab.people import LOCAL, NAMES, NEW_TLS, OLD_TLS, acquainted, subscribers

SHARES: dict[str, int] = {
    "light": 34, "heavy": 10, "phone": 14, "devices": 12, "newsletter": 3, "club": 3, "shop": 2, "relay": 1,
    "traveller": 5, "role": 4, "forgetful": 3, "new": 3, "mover": 2, "new-phone": 2, "rare": 4, "list": 1,
}  # fmt: skip
"""Profiles and how many of a hundred accounts have them."""

_DESKTOPS = ("[192.168.1.{}]", "[192.168.178.{}]", "DESKTOP-{:04X}", "LAPTOP-{:04X}", "smtpclient.apple")


class Person(Struct, frozen=True):
    """One honest account."""

    account: str
    profile: str
    home: Place
    office: Place
    phone: Place
    away: tuple[Place, ...]
    """Places of the second half of the story: hotels, or the new line after a move."""
    desktop: Device
    laptop: Device
    mobile: Device
    friends: tuple[str, ...]
    list: tuple[str, ...]
    """Subscribers, members or customers."""
    turns: int
    """The day something happens: a journey, a move, the first working day, a changed password."""


def populate(seed: int, number: int | Mapping[str, int], days: int, lists: int = 0) -> list[Person]:
    """Honest accounts, and so many more list servers.

    Args:
        seed: of all chance.
        number: how many (at least one of each profile when there is room), or how many of each profile.
        days: length of the story.
        lists: servers of mailing lists on top.
    """
    rng = Random(f"{seed}/people")
    profiles = _drawn(rng, number) if isinstance(number, int) else [*Counter(number).elements()]
    profiles += ["list"] * lists
    return [_person(rng, serial, profile, days) for serial, profile in enumerate(profiles)]


def _drawn(rng: Random, number: int) -> list[str]:
    profiles = list(SHARES)[:number]
    return profiles + rng.choices(list(SHARES), list(SHARES.values()), k=max(0, number - len(profiles)))


def _person(rng: Random, serial: int, profile: str, days: int) -> Person:
    account = _account(rng, serial, profile)
    firm = profile in ("shop", "relay", "list")
    return Person(
        account=account,
        profile=profile,
        home=server(rng, account) if firm else home(rng, f"{account}/home"),
        office=office(rng, f"{account}/office"),
        phone=phone(rng),
        away=_away(rng, account, profile),
        desktop=_server(account) if firm else _desktop(rng),
        laptop=_desktop(rng),
        mobile=Device("smtpclient.apple" if rng.random() < 0.5 else "[10.0.2.15]", NEW_TLS, "mobile.example.org"),
        friends=correspondents(rng, rng.randrange(8, 60)),
        list=subscribers(rng, _list_length(rng, profile)),
        turns=rng.randrange(days // 3, max(days // 3 + 1, days - 2)),
    )


def _account(rng: Random, serial: int, profile: str) -> str:
    if profile in ("role", "newsletter", "shop", "relay", "club", "list"):
        return f"{profile if profile != 'role' else 'office'}{serial}@{rng.choice(LOCAL)}"
    rank = serial // len(NAMES)
    return f"{NAMES[serial % len(NAMES)]}{rank or ''}@{LOCAL[serial % 2]}"


def _away(rng: Random, account: str, profile: str) -> tuple[Place, ...]:
    if profile == "mover":
        return (home(rng, f"{account}/moved"),)
    if profile == "role":
        return tuple(home(rng, f"{account}/{n}") for n in range(rng.randrange(1, 4)))
    return tuple(hotel(rng, f"{account}/{n}") for n in range(4)) if profile == "traveller" else ()


def _list_length(rng: Random, profile: str) -> int:
    lengths = {"newsletter": (400, 2000), "club": (50, 130), "shop": (300, 900), "relay": (60, 200), "list": (100, 400)}
    return rng.randrange(*lengths[profile]) if profile in lengths else 0


def _desktop(rng: Random) -> Device:
    helo = rng.choice(_DESKTOPS).format(rng.randrange(2, 250))
    return Device(helo, NEW_TLS if rng.random() < 0.8 else OLD_TLS, "desk.example.org")


def _server(account: str) -> Device:
    return Device(f"app{len(account)}.{account.rpartition('@')[2]}", NEW_TLS, "app.example.org")


def correspondents(rng: Random, number: int) -> tuple[str, ...]:
    """People somebody writes to; some of them have mailboxes here."""
    return tuple(acquainted(rng, number))
