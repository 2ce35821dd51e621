"""Settings to a running house: the only place that wires."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, ValidationError, convert

from gatepost.act import desktexts
from gatepost.act.customer import Customers, Office
from gatepost.act.notify import Known, Last, Notify
from gatepost.act.post import Budget, Post
from gatepost.act.stance import Stance
from gatepost.act.table import Table
from gatepost.act.wording import texts
from gatepost.config import queues, tables, telling
from gatepost.config.asking import DoorSettings, EximDoor
from gatepost.config.detectors import detectors
from gatepost.config.domains import local_domains
from gatepost.config.lockers import locker
from gatepost.config.measures import QueueSettings, SessionsSettings
from gatepost.config.naming import accounts
from gatepost.config.plans import Plans
from gatepost.config.refusals import refusal_rules
from gatepost.config.settings import LetterSettings, NotifySettings, Settings, TableSettings
from gatepost.config.tellers import TellerSettings
from gatepost.core.accounts import Accounts
from gatepost.core.errors import ConfigError
from gatepost.core.incident import ENSURES, Incident
from gatepost.core.ports import LOGINS, Action, Clock, Journal
from gatepost.core.units import Kind
from gatepost.detect.base import Detector
from gatepost.engine import Engine
from gatepost.enrich.network import Named, Networks, named
from gatepost.enrich.observe import Observer
from gatepost.enrich.senders import Senders
from gatepost.judge.policy import Policy

Adjust = Callable[[Sequence[Detector]], Sequence[Detector]]
"""Detectors to detectors."""


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """What `--domains FILE` says; every key is optional."""

    local: tuple[str, ...] = ()
    own_ips: tuple[str, ...] = ()
    senders: Mapping[str, tuple[str, ...]] = {}
    aliases: Mapping[str, tuple[str, ...]] = {}


def told(path: str) -> Told:
    """Read a `--domains` file.

    Raises:
        ConfigError: it cannot be read, is no JSON, or holds something else; the message names the place.
    """
    try:
        return convert(json.loads(Path(path).read_bytes()), Told)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path) from error
    except ValueError as error:
        reason = str(error) if isinstance(error, ValidationError) else f"is no JSON: {error}"
        msg = f'{reason}; write {{"local": […], "own_ips": […], "senders": {{"account": […]}}, "aliases": {{…}}}}'
        raise ConfigError(msg, path) from error


def engine(settings: Settings, key: bytes = b"", adjust: Adjust | None = None) -> Engine:
    """The engine that a configuration asks for.

    Args:
        settings: as loaded.
        key: for the hashes of what is familiar.
        adjust: changes the detectors, for "what if".
    """
    exempt, known = settings.exempt, accounts(settings.accounts)
    policy = Policy(
        levels=settings.levels,
        exempt=frozenset(map(known.fold, exempt.accounts)),
        protected=frozenset(map(known.fold, exempt.protected)),
        sooner=settings.life.after_theft,
    )
    chosen = tuple(detectors(settings))
    return Engine(
        adjust(chosen) if adjust is not None else chosen, policy, key=key, hold_ends_after=settings.life.hold_ends_after
    )


def observer(settings: Settings, more: Told | None = None, known: Accounts | None = None) -> Observer:
    """The look-ups that a configuration asks for, and what `--domains` adds.

    Args:
        settings: as loaded.
        more: what `--domains` says.
        known: the accounts, when they change while this works.
    """
    more, known = more or Told(), known or accounts(settings.accounts)
    own = (*settings.exempt.networks, *more.own_ips)
    try:
        networks = _networks(settings, own)
    except ValueError as error:
        raise ConfigError(f"own_ips: {error}") from error
    senders: dict[str, Iterable[str]] = {}
    for name, account in settings.account.items():
        if account.senders:
            senders[known.fold(name)] = account.senders
    sender_facts = Senders((*local_domains(settings), *more.local), {**senders, **more.senders}, more.aliases, known)
    return Observer(networks, sender_facts, refusal_rules(settings.bounces.rules))


def _networks(settings: Settings, own: Iterable[str]) -> Networks:
    data = settings.data
    return Networks(tables.systems(data), own, tables.lists(data), _described(settings), tables.countries(data))


def _described(settings: Settings) -> Iterator[Named]:
    for name, found in settings.network.items():
        yield named(name, found.kind, found.addresses, found.asns)


def plans(settings: Settings) -> Plans:
    """What a level means for whom."""
    known, plan = accounts(settings.accounts), settings.plan
    mine = {known.fold(name): one.measures for name, one in settings.account.items()}
    paid = {known.fold(name): plan[one.plan].measures for name, one in settings.account.items() if one.plan}
    theirs = {name.lower(): one.measures for name, one in settings.domain.items()}
    sold = {name.lower(): plan[one.plan].measures for name, one in settings.domain.items() if one.plan}
    return Plans((mine, paid), (theirs, sold))


def actions(
    settings: Settings,
    journal: Journal,
    clock: Clock,
    budget: Budget | None = None,
    known: queues.Known | None = None,
    stopped: Callable[[str], bool] = lambda _: True,
    link: Callable[[Incident], str] = lambda _: "",
    last: Last | None = None,
) -> Iterator[Action]:
    """The actions that a configuration asks for.

    Args:
        settings: as loaded.
        journal: where their rows stand.
        clock: the time of day.
        budget: of all messages that are sent.
        known: the accounts and networks, when they are made already.
        stopped: whether the account that reads an address is held or blocked; when nobody can say, it is.
        link: makes the address of self-service for an incident.
        last: the last messages of an account since an instant.

    Raises:
        ConfigError: one of them cannot be made.
    """
    made: Action
    first: dict[str, int] = {}
    for number, found in enumerate(settings.action):
        try:
            if isinstance(found, NotifySettings):
                made = _notify(found, journal, clock, budget, last)
            elif isinstance(found, TellerSettings):
                made = telling.teller(found, settings, journal, clock, budget or Budget(clock), stopped, link)
            elif isinstance(found, QueueSettings):
                known = known or queues.Known(accounts(settings.accounts), observer(settings).networks)
                made = queues.keep(found, journal, clock, known)
            elif isinstance(found, SessionsSettings):
                made = queues.sessions(found, journal)
            elif isinstance(found, TableSettings):
                made = _deny(found, settings, journal)
            else:
                made = locker(found, journal)
        except ValueError as error:
            raise ConfigError(str(error), f"action[{number}]") from error
        if first.setdefault(made.name, number) != number:
            same = f"it is {made.name}, and so is action[{first[made.name]}]"
            raise ConfigError(f"{same}: give each a name, or make one block of them", f"action[{number}]")
        yield made
    if settings.door:
        levels = {level for door in settings.door for level in door.on}
        asked: frozenset[Kind] = frozenset({"local"}) if any(map(_asks_locals, settings.door)) else frozenset()
        yield Stance(journal, frozenset(ENSURES[level] for level in levels), LOGINS | asked)


def _asks_locals(door: DoorSettings) -> bool:
    return isinstance(door, EximDoor) and door.local_users


def _deny(found: TableSettings, settings: Settings, journal: Journal) -> Action:
    return Table(
        journal,
        path=Path(found.path),
        format=found.format,
        on=frozenset(ENSURES[level] for level in found.on),
        mode=int(found.mode, 8),
        owner=found.owner,
        group=found.group,
        domains=frozenset(local_domains(settings)),
        deny=f"{settings.tag} {found.deny}",
        services=found.services,
    )


def _notify(found: NotifySettings, journal: Journal, clock: Clock, budget: Budget | None, last: Last | None) -> Action:
    on, known, said = frozenset(found.on), Known(journal, last), desktexts.texts(found.templates)
    return Notify(
        to=found.to, sender=found.sender, smtp=found.smtp, on=on, clock=clock, budget=budget, known=known, said=said
    )


def office(settings: LetterSettings) -> Office:
    """In whose words customers are written to.

    Raises:
        ConfigError: a text of the operator's is wrong.
    """
    said = texts(settings.language, settings.templates)
    return Office(settings.sender, said, settings.language, settings.contact, settings.bulk)


def customers(settings: LetterSettings, budget: Budget) -> Customers | None:
    """What writes to customers; None when nobody shall.

    Raises:
        ConfigError: a text is wrong.
    """
    return Customers(office(settings), Post(settings.smtp, budget)) if settings.sender else None
