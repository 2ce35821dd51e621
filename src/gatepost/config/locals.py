"""`local_users`, `relay_clients`: who of a mail server is charged with what is sent without a login."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from gatepost.config import hosts, words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path
from gatepost.config.settings import Settings
from gatepost.mta.locals import Locals

Block = Mapping[str, Any]

_LOOPBACK = {4: ip_network("127.0.0.0/8"), 6: ip_network("::1/128")}

TELLING = ("auto", "exim", "postfix")
"""Dialects whose logs name local users, and the client of every message."""


def of_host(settings: Settings, host: str) -> Locals | None:
    """The local users and clients of one mail server who are charged; None when nobody is."""
    for source in settings.source:
        if (source.local_users or source.relay_clients) and host in source.hosts:
            networks = tuple(str(ip_network(text)) for text in source.relay_clients)
            return Locals(host, source.local_users, networks)
    return None


def of_log(settings: Settings, log: str) -> Locals | None:
    """The same for a log that is read again: a configured one, or one beside it that it was rotated into."""
    host = hosts.of_log(settings, log)
    return of_host(settings, host) if host else None


def check(sources: Sequence[tuple[int, Block]]) -> Iterator[Found]:
    """Every mistake in it; values of the wrong kind are passed over."""
    for number, block in sources:
        users, key = block.get("local_users"), ("source", number, "local_users")
        if isinstance(users, list):
            yield from _named(users, key)
        dialect = block.get("dialect", "auto")
        if users and isinstance(dialect, str) and dialect not in TELLING:
            yield Found(key, f"a log of {dialect} names no local users", "leave it out; Exim's and Postfix's do")
        yield from _relays(block, number)


def _relays(block: Block, number: int) -> Iterator[Found]:
    """Networks of clients: none that a content filter on the host itself has."""
    networks, key = block.get("relay_clients"), ("source", number, "relay_clients")
    dialect = block.get("dialect", "auto")
    if networks and isinstance(dialect, str) and dialect not in TELLING:
        message = f"whose mail it is cannot be told from a log of {dialect}"
        yield Found(key, message, "leave it out; it is for Exim's and Postfix's")
    for place, text in enumerate(networks if isinstance(networks, list) else ()):
        wrong = words.network(text) if isinstance(text, str) else None
        if wrong is not None:
            yield Found((*key, place), *wrong)
        elif isinstance(text, str) and ip_network(text).overlaps(_LOOPBACK[ip_network(text).version]):
            message = f"{shown(text)} holds this host's own filters, whose mail is somebody else's"
            yield Found((*key, place), message, "name networks of other hosts; local_users is for programs of this one")


def _named(users: Sequence[object], key: Path) -> Iterator[Found]:
    for number, user in enumerate(users):
        wrong = words.local_user(user) if isinstance(user, str) else None
        if wrong is not None:
            yield Found((*key, number), *wrong)
    if users and all(isinstance(user, str) and user.startswith("!") for user in users):
        yield Found(key, "it leaves users out, and names none", f"write {shown('*')} first to mean all others")
