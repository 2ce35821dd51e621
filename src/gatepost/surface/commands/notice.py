"""gatepost notice: the letters about a theft, to the customer and to the abuse desk, as they would go out."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
from msgspec.structs import replace

from gatepost.act import desktexts, letter
from gatepost.act.customer import Office
from gatepost.act.foreign import visible
from gatepost.act.notify import Known
from gatepost.act.post import Budget, Post
from gatepost.act.warned import Owner, Rules, Warned
from gatepost.config import telling
from gatepost.config.settings import NotifySettings, Settings
from gatepost.config.tellers import CustomerSettings
from gatepost.core.errors import ConfigError
from gatepost.core.evidence import Level, Verdict
from gatepost.core.incident import Incident, Order, State
from gatepost.core.ports import Target
from gatepost.core.units import Account, Instant
from gatepost.runtime import due
from gatepost.runtime.clock import SystemClock
from gatepost.store import envelopes
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import named
from gatepost.surface.preview import lines


@click.command("notice")
@click.argument("account")
@click.option("--released", is_flag=True, help="The letter that says that the account may send again.")
@click.option("--desk", is_flag=True, help="The letter to the abuse desk, in your words or ours.")
@options.config
def command(account: str, released: bool, desk: bool, config: str | None) -> int:
    """Show the letter to the customer about a theft of ACCOUNT, and whether it would go out; send nothing."""
    settings = options.settings(config, needed=True)
    if desk:
        with Sqlite.open(Path(settings.state.path), readonly=True) as store:
            click.echo("\n".join(to_desk(store, settings, named(settings, account))))
        return 0
    block = next((found for found in settings.action if isinstance(found, CustomerSettings)), None)
    if block is None:
        raise ConfigError('customers get no letters about thefts: add an [[action]] kind = "customer"', "action")
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        click.echo("\n".join(shown(store, settings, block, named(settings, account), released=released)))
    return 0


def shown(
    store: Sqlite, settings: Settings, block: CustomerSettings, account: Account, *, released: bool
) -> Iterator[str]:
    """The letter about the last incident, or about one that might be."""
    clock = SystemClock()
    incident = next(iter(store.find(account)), None) or _imagined(account, clock.now())
    page = due.known(store, account, clock.now()).page
    target = Target(tuple(page.spellings) if page is not None else (), incident)
    told = telling.owner(settings, block, account)
    why = _action(store, settings, block, clock, told).hindrance(target)
    if settings.mode == "observe":
        why = why or "in observe mode nothing is sent"
    yield f"no letter: {visible(why, 300)}" if why else f"goes out in a theft, at {' or '.join(block.on)}"
    if released and not block.released:
        yield "this one is not sent: set released = true"
    yield ""
    readable = told if told.to else replace(told, to=block.sender)
    office = _action(store, settings, block, clock, readable)
    yield from lines(office.compose("released" if released else "stolen", incident, clock.now()))


def to_desk(store: Sqlite, settings: Settings, account: Account) -> Iterator[str]:
    """The letter to the abuse desk about the last incident, or about one that might be.

    Raises:
        ConfigError: nobody is told.
    """
    block = next((found for found in settings.action if isinstance(found, NotifySettings)), None)
    if block is None:
        raise ConfigError('the abuse desk gets no letters: add an [[action]] kind = "notify"', "action")
    now = SystemClock().now()
    incident = next(iter(store.find(account)), None) or _imagined(account, now)
    order = Order(incident.key, "notified", account, incident.changed, incident.step)
    more = Known(store, partial(envelopes.of, store)).of(incident)
    said = desktexts.texts(block.templates)
    to = Target((account,), incident)
    yield from lines(letter.notice(order, to, sender=block.sender, to=block.to, now=now, more=more, said=said))


def _action(store: Sqlite, settings: Settings, block: CustomerSettings, clock: SystemClock, told: Owner) -> Warned:
    """The action, for one owner."""
    offices: dict[str, Office] = telling.offices(block)
    rules = Rules(lambda _: told, partial(due.stopped, store, settings), block.released, partial(_link, settings))
    return Warned("customer", offices, Post(block.smtp, Budget(clock)), store, frozenset(block.on), rules, clock)


def _link(settings: Settings, incident: Incident) -> str:
    """Where the secret would stand: a link that works is only in the letter itself."""
    return f"{settings.selfservice.url.rstrip('/')}/…" if settings.selfservice.listen else ""


def _imagined(account: Account, now: Instant) -> Incident:
    """A theft that was stopped this moment."""
    verdict = Verdict(account=account, at=now, score=100.0, level=Level.BLOCK)
    return Incident(account, 1, State.OPEN, now, now, verdict, Level.BLOCK, hostile_since=now)
