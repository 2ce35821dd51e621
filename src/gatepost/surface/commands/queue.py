"""gatepost queue: the mail that an account has in the queue; send what is kept of it, or delete it.

Senders and addresses were chosen by strangers: they are shown on one line, without controls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import click
from msgspec import Struct

from gatepost.act.foreign import visible
from gatepost.act.queue import deleted, let_go
from gatepost.act.queued import Queue, Queued
from gatepost.config.naming import accounts
from gatepost.config.queues import Known, mine, queues
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.core.units import Account, iso
from gatepost.enrich.network import Networks
from gatepost.surface import options
from gatepost.surface.orders import named
from gatepost.surface.words import Json, to_json

SAMPLES = 20
"""Messages shown."""

WIDE = 60
"""Characters of a sender."""

What = Literal["list", "release", "delete"]

_DO: dict[What, Callable[[Queue, Sequence[Queued]], Awaitable[list[Queued]]]] = {"release": let_go, "delete": deleted}
_DONE = {"list": "", "release": "let go", "delete": "deleted"}


class Seen(Struct, frozen=True):
    """One queue, and what was done to it."""

    queue: str
    kept: tuple[Queued, ...]
    waiting: tuple[Queued, ...]
    """What is not kept: it is delivered in its time."""
    done: int = 0
    left: tuple[Queued, ...] = ()
    """What could not be done."""


@click.command("queue")
@click.argument("account")
@click.option("--list", "listing", is_flag=True, help="Count it and show twenty of it; so too without any option.")
@click.option("--release", is_flag=True, help="Deliver everything that is kept.")
@click.option("--delete", is_flag=True, help="Delete everything that is kept; nobody gets a bounce.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@options.config
@options.form("text", "json")
def command(
    account: str, listing: bool, release: bool, delete: bool, dry_run: bool, config: str | None, form: str
) -> int:
    """Look at the queued mail of an account, send it or delete it; ACCOUNT may be an incident.

    Exits with 1 when some of it could not be sent or deleted.
    """
    if listing + release + delete > 1:
        raise ConfigError("say one of --list, --release and --delete", "queue")
    settings = options.settings(config, needed=True)
    what: What = "release" if release else "delete" if delete else "list"
    name = named(settings, account)
    found = asyncio.run(_all(settings, name, "list" if dry_run else what))
    if form == "json":
        click.echo(to_json(_json(name, what, found, dry_run=dry_run)))
    else:
        for one in found:
            _show(name, what, one, dry_run=dry_run)
    return 1 if any(one.left for one in found) else 0


async def _all(settings: Settings, name: Account, what: What) -> list[Seen]:
    who = accounts(settings.accounts)
    known = queues(settings, Known(who, Networks()))
    if not known:
        raise ConfigError('no queue is configured: add an [[action]] kind = "queue"', "queue")
    whose = mine(who, name)
    return [await _one(queue, await queue.of(whose), what) for queue in known]


async def _one(queue: Queue, mail: Sequence[Queued], what: What) -> Seen:
    kept = tuple(one for one in mail if one.kept)
    waiting = tuple(one for one in mail if not one.kept)
    if what == "list" or not kept:
        return Seen(queue.name(), kept, waiting)
    left = tuple(await _DO[what](queue, kept))
    return Seen(queue.name(), kept, waiting, len(kept) - len(left), left)


def _show(name: Account, what: What, seen: Seen, *, dry_run: bool) -> None:
    says = f"{len(seen.kept)} kept, {len(seen.waiting)} waiting for delivery"
    click.echo(f"{visible(name)} in {visible(seen.queue)}: {says}")
    shown = seen.left if seen.left else (*seen.kept, *seen.waiting)
    for one in shown[:SAMPLES] if what == "list" or dry_run or seen.left else ():
        click.echo("  " + _line(one))
    if what != "list" and dry_run:
        click.echo(f"  would be {_DONE[what]}: {len(seen.kept)}")
    elif what != "list":
        click.echo(f"  {_DONE[what]}: {seen.done}" + (f"; could not be: {len(seen.left)}" if seen.left else ""))


def _line(one: Queued) -> str:
    people = "1 recipient" if one.recipients == 1 else f"{one.recipients} recipients"
    state = "kept" if one.kept else "waits"
    return f"{one.id:<16}  {iso(one.at)}  {state:<5}  {one.client or '-':<15}  <{visible(one.sender, WIDE)}>, {people}"


def _json(name: Account, what: What, found: Sequence[Seen], *, dry_run: bool) -> Json:
    return {"account": name, "asked": what, "dry_run": dry_run, "queues": [_queue(one) for one in found]}


def _queue(seen: Seen) -> Json:
    samples = [_sample(one) for one in (*seen.kept, *seen.waiting)[:SAMPLES]]
    counts = {"kept": len(seen.kept), "waiting": len(seen.waiting), "done": seen.done, "left": len(seen.left)}
    return {"queue": seen.queue, **counts, "samples": samples}


def _sample(one: Queued) -> Json:
    words = {"id": one.id, "at": iso(one.at), "client": one.client, "sender": one.sender}
    return {**words, "recipients": one.recipients, "kept": one.kept}
