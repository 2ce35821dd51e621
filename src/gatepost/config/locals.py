"""`local_users`: which local users of a mail server are charged with what they send."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatepost.config import hosts, words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path
from gatepost.config.settings import Settings
from gatepost.mta.locals import Locals

Block = Mapping[str, Any]

TELLING = ("auto", "exim", "postfix")
"""Dialects whose logs name local users."""


def of_host(settings: Settings, host: str) -> Locals | None:
    """The local users of one mail server who are charged; None when nobody is."""
    for source in settings.source:
        if source.local_users and host in source.hosts:
            return Locals(host, source.local_users)
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


def _named(users: Sequence[object], key: Path) -> Iterator[Found]:
    for number, user in enumerate(users):
        wrong = words.local_user(user) if isinstance(user, str) else None
        if wrong is not None:
            yield Found((*key, number), *wrong)
    if users and all(isinstance(user, str) and user.startswith("!") for user in users):
        yield Found(key, "it leaves users out, and names none", f"write {shown('*')} first to mean all others")
