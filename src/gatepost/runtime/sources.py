"""The configured sources at work: which are followed, which are heard.

Owns the step from a [[source]] block to what is read: a file is one followed source, a syslog listener one for each
mail server that may send to it, each with a spool beside the state, the journal and standard input one again.
"""

import contextlib
import pwd
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC
from functools import partial
from pathlib import Path

import structlog
from msgspec.structs import replace

from gatepost.config import dialects
from gatepost.config.settings import Tail as Log
from gatepost.config.streams import Journal, Stdin, Syslog
from gatepost.config.zones import load_zone
from gatepost.core.errors import ConfigError
from gatepost.core.units import Instant
from gatepost.runtime.decide import Decider
from gatepost.runtime.desk import Desk
from gatepost.runtime.follow import Followed
from gatepost.runtime.house import House
from gatepost.source import journal
from gatepost.source.merge import stamp_of
from gatepost.source.peers import Peers
from gatepost.source.piped import STDIN, Piped
from gatepost.source.spool import Spool
from gatepost.source.syslog import Counts, Listener, listening
from gatepost.source.tail import Tail
from gatepost.source.tls import tls_context

SPOOL = ".spool"
"""Folder beside the state, named after it, with what was received and is not durable yet."""

log = structlog.get_logger("gatepost.source")


class Heard:
    """A syslog listener at work."""

    def __init__(self, settings: Syslog, spools: dict[str, Spool]) -> None:
        self._settings = settings
        self.listener = Listener(settings.name, Peers({peer.name: peer.host for peer in settings.peers}), spools)
        self._said = Counts()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hear while the context lasts.

        Raises:
            ConfigError: the address cannot be listened on, or a certificate cannot be used.
        """
        found = self._settings
        tls = tls_context(found.certificate, found.key, found.authority) if found.certificate else None
        async with listening(self.listener, found.listen, tls, int(found.mode, 8), found.group):
            log.info("listening", source=found.name, listen=found.listen)
            yield

    def report(self, desk: Desk) -> None:
        """Say what went wrong since the last look; lost lines are the abuse desk's matter too."""
        now, before = self.listener.counts, self._said
        if _troubles(now) == _troubles(before):
            return
        self._said = replace(now)
        log.warning("a listener had trouble", source=self._settings.name, reason=self._reason(), **_troubles(now))
        lost = now.dropped + now.overrun
        if lost > before.dropped + before.overrun:
            lines = [
                f"source {self._settings.name}: {lost:,} so far",
                self._reason(),
                "docs/sources/syslog.md says more",
            ]
            desk.tell(f"lost {self._settings.name}", "log lines were lost: datagrams came faster than they fit", lines)

    def _reason(self) -> str:
        troubles = [spool.trouble for spool in self.listener.spools.values() if spool.trouble]
        return next(iter(troubles), self.listener.trouble)


class Ears:
    """Every listener of one gatepost."""

    def __init__(self, heard: Iterable[Heard]) -> None:
        self.heard = tuple(heard)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hear while the context lasts.

        Raises:
            ConfigError: an address cannot be listened on, or a certificate cannot be used.
        """
        async with contextlib.AsyncExitStack() as stack:
            for one in self.heard:
                await stack.enter_async_context(one.open())
            yield

    def report(self, desk: Desk) -> None:
        """Say what went wrong since the last look."""
        for one in self.heard:
            one.report(desk)


def _troubles(counts: Counts) -> dict[str, int]:
    """What an operator should hear of."""
    return {name: number for name in Counts.__struct_fields__[1:] if (number := getattr(counts, name))}


def sources(house: House) -> tuple[list[Followed], Ears]:
    """What a configuration wants read.

    Raises:
        ConfigError: a spool cannot be made.
    """
    followed: list[Followed] = []
    heard: list[Heard] = []
    for source in house.settings.source:
        if isinstance(source, Log):
            followed.append(followed_log(house, source))
        elif isinstance(source, Journal):
            followed.append(_journal(house, source))
        elif isinstance(source, Stdin):
            followed.append(_piped(house, source))
        else:
            spools = {host: _spool(house, source, host) for host in source.hosts}
            heard.append(Heard(source, spools))
            followed += [_received(house, source, host, spool) for host, spool in spools.items()]
    return followed, Ears(heard)


def followed_log(house: House, source: Log) -> Followed:
    """A file, read on where reading ended the last time; at the very first start it is learnt from."""
    position = house.store.position(source.name)
    learn = house.settings.start.learn
    since = house.clock.now() - learn if learn else None
    now, zone = Instant(house.clock.now()), load_zone(source.zone)
    make = dialects.reader(source.path, source.dialect, zone, house.settings.tag, now)
    tail = Tail(Path(source.path), position, since, stamp_of(make()))
    decide = Decider(house.store, source.spool, source.host, house.thread(source.host)) if source.spool else None
    return Followed(house, source.name, source.host, tail, make(), decide)


def _journal(house: House, source: Journal) -> Followed:
    position = house.store.position(source.name)
    learn = house.settings.start.learn
    since = house.clock.now() - learn if learn else None
    read = journal.Journal(chosen(source), source.path, position, since)
    dialect = dialects.received(UTC, house.settings.tag, Instant(house.clock.now()))
    return Followed(house, source.name, source.host, read, dialect)


def chosen(source: Journal) -> journal.Chosen:
    """Which records of the journal are the mail server's.

    Raises:
        ConfigError: there is no such user here.
    """
    return journal.Chosen(source.host, frozenset(source.units), frozenset(map(_uid, source.users)))


def _piped(house: House, source: Stdin) -> Followed:
    read = Piped(STDIN, house.store.position(source.name))
    dialect = dialects.piped(source.dialect, load_zone(source.zone), house.settings.tag, Instant(house.clock.now()))
    followed = Followed(house, source.name, source.host, read, dialect)
    followed.fleeting = True
    return followed


def _uid(user: str) -> int:
    """A user's number.

    Raises:
        ConfigError: there is no such user here.
    """
    try:
        return int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    except KeyError as error:
        msg = f"there is no user {user} on this host; write its number, or leave it out of users"
        raise ConfigError(msg, "source") from error


def _spool(house: House, source: Syslog, host: str) -> Spool:
    return spooled(house, f"{source.name}:{host}", (source.name, host), source.backlog << 20)


def spooled(house: House, name: str, place: Sequence[str], most: int) -> Spool:
    """What was received and is not durable yet, beside the state.

    Args:
        house: whose state.
        name: of the source.
        place: folders, one in the other.
        most: bytes kept.

    Raises:
        ConfigError: the folder cannot be used.
    """
    state = Path(house.settings.state.path)
    folder = state.with_name(f"{state.name}{SPOOL}").joinpath(*place)
    try:
        return Spool(folder, house.store.position(name), partial(house.store.position, name), most)
    except OSError as error:
        msg = f"source {name}: what it receives cannot be kept: {error.strerror}; let this user write there"
        raise ConfigError(msg, str(folder)) from error


def _received(house: House, source: Syslog, host: str, spool: Spool) -> Followed:
    now, zone = Instant(house.clock.now()), load_zone(source.zone)
    return Followed(house, f"{source.name}:{host}", host, spool, dialects.received(zone, house.settings.tag, now))
