"""Settings to the queues that mail is kept in, and to the Dovecot whose sessions are ended."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from gatepost.act.doveadm import Api, Program
from gatepost.act.eximqueue import EximQueue
from gatepost.act.postfixqueue import Commands, Logged, PostfixQueue
from gatepost.act.queue import Keep
from gatepost.act.queued import Mine, Queue
from gatepost.act.sessions import Dovecot, Sessions
from gatepost.act.trust import context
from gatepost.act.url import url_of
from gatepost.config.measures import QueueSettings, SessionsSettings
from gatepost.config.secret import secret
from gatepost.config.settings import Settings
from gatepost.core.accounts import Accounts
from gatepost.core.incident import ENSURES
from gatepost.core.ports import Clock, Journal
from gatepost.core.units import Account
from gatepost.enrich.network import Networks


class Known(Struct, frozen=True):
    """What a queue's mail is judged by."""

    accounts: Accounts
    networks: Networks
    logged: Callable[[str], Logged | None] = lambda queue_id: None
    """What the log says of a queued message."""

    def place(self, client: str) -> str:
        """The network of an address; "" when it is none."""
        origin = self.networks.origin(client)
        return origin.network if origin is not None else ""


def queue(found: QueueSettings, known: Known) -> Queue:
    """A mail server's queue."""
    if found.server == "exim":
        return EximQueue(Path(found.spool), found.exim)
    commands = Commands(found.postqueue, found.postsuper, found.postcat)
    return PostfixQueue(commands, known.accounts.fold, known.logged)


def queues(settings: Settings, known: Known) -> list[Queue]:
    """Every queue that a configuration names."""
    return [queue(found, known) for found in settings.action if isinstance(found, QueueSettings)]


def mine(known: Accounts, account: Account) -> Mine:
    """Whether a login is an account's."""
    return lambda login: bool(login) and known.fold(login) == account


def keep(found: QueueSettings, journal: Journal, clock: Clock, known: Known) -> Keep:
    """The action that keeps mail in it.

    Args:
        found: its block.
        journal: where its rows stand.
        clock: the time of day.
        known: whose mail it is, and from where.
    """
    on = frozenset(ENSURES[level] for level in found.on)
    return Keep(journal, clock, queue(found, known), on=on, fold=known.accounts.fold, place=known.place)


def sessions(found: SessionsSettings, journal: Journal) -> Sessions:
    """The action that ends sessions.

    Raises:
        ConfigError: the key cannot be used.
        ValueError: the certificates cannot.
    """
    name = url_of(found.url).authority if found.url else " ".join(found.doveadm)
    return Sessions(
        journal, dovecot(found), name=f"sessions:{name}", on=frozenset(ENSURES[level] for level in found.on)
    )


def dovecot(found: SessionsSettings) -> Dovecot:
    """How Dovecot is told.

    Raises:
        ConfigError: the key cannot be used.
        ValueError: the certificates cannot.
    """
    if not found.url:
        return Program(found.doveadm)
    url = url_of(found.url)
    return Api(url, secret(found.key, f"sessions:{url.authority}"), context(found.authority))
