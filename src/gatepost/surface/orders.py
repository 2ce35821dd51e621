"""What `block`, `release`, `confirm` and `exempt` share: put it to the running gatepost, or do it here."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from gatepost.act.foreign import visible
from gatepost.config.naming import accounts
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError, StoreError
from gatepost.core.events import Verb
from gatepost.core.incident import STANDING
from gatepost.core.ports import Row
from gatepost.core.units import Account
from gatepost.runtime import control
from gatepost.runtime.carry import Carrier
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.house import House
from gatepost.runtime.lock import Lock
from gatepost.runtime.obey import obey
from gatepost.runtime.remembered import recall
from gatepost.source.lines import readable
from gatepost.store.sqlite import Sqlite
from gatepost.surface import logs
from gatepost.surface.asked import ask
from gatepost.surface.rehearsal import rehearse
from gatepost.surface.words import Json, account_of, incident_json, to_json

How = Literal["", "honest", "password-changed"]

WAIT = 5.0
"""Seconds a command waits for the running gatepost (contracts 11)."""


def give(settings: Settings, request: Request, form: str, *, dry: bool = False) -> int:
    """Give an instruction, print what became of it; returns the exit code.

    Args:
        settings: as loaded.
        request: what the operator says.
        form: how to print.
        dry: only find out what would become of it.

    Raises:
        StoreError: the state cannot be used, or the running gatepost did not take the instruction.
    """
    logs.to_stderr(quiet=True)
    reply = rehearse(settings, request) if dry else asyncio.run(_give(settings, request))
    if reply.error:
        raise StoreError(reply.error)
    if form == "json":
        click.echo(to_json({**_json(request, reply), **({"dry_run": True, "complete": False} if dry else {})}))
    else:
        click.echo("dry run, nothing is done; this is what would be:") if dry else None
        _print(request, reply)
    return 0 if dry or complete(request, reply) else 1


async def _give(settings: Settings, request: Request) -> Reply:
    state = Path(settings.state.path)
    reply = await ask(state, request, WAIT, may="give orders", late="the order may still be carried out")
    if reply is not None:
        return reply
    with Lock(state), Sqlite.open(state) as store:
        house = House(settings, store, SystemClock())
        house.catch_up_with_operator()
        return await obey(house, Carrier(house), request, control.speaker(os.getuid(), request.sudo))


def request(
    settings: Settings, verb: Verb, name: str, reason: str = "", how: How = "", until: float | None = None
) -> Request:
    """A request by whoever runs this command, about an account or an incident.

    Raises:
        ConfigError: the name is empty.
    """
    account = named(settings, name)
    sudo = os.environ.get("SUDO_USER", "")
    return Request(verb, account, readable(reason), how, until, sudo, incident_of(account, name))


def incident_of(account: Account, name: str) -> str:
    """The incident that a name means; "" when it means the account.

    Args:
        account: that of the name.
        name: as the operator wrote it: "ann@example.org#3".
    """
    return f"{account}#{name.rpartition('#')[2].strip()}" if account_of(name) != name.strip().lower() else ""


def complete(said: Request, reply: Reply) -> bool:
    """Whether everything that was asked for is so."""
    incident = reply.incident
    if said.verb == "block":
        mine = [row.state == "done" for row in _latest(reply.rows) if row.order.ensure != "notified"]
        return reply.enforcing and incident is not None and incident.state in STANDING and bool(mine) and all(mine)
    if said.verb == "release":
        return incident is None or not any(_in_force(row) for row in reply.rows)
    return said.verb != "confirm" or (incident is not None and incident.state.value == "confirmed")


def _in_force(row: Row) -> bool:
    """Whether something may still have to be taken back; what was told stops nobody."""
    return row.order.ensure != "notified" and row.begun


def _latest(rows: Sequence[Row]) -> list[Row]:
    step = max((row.order.step for row in rows), default=0)
    return [row for row in rows if row.order.step == step]


def _print(said: Request, reply: Reply) -> None:
    incident = reply.incident
    if incident is None or said.verb == "exempt":
        words = {"exempt": "is exempt now", "release": "has no incident: nothing to release"}
        click.echo(f"{visible(said.account)}: {words.get(said.verb, 'has no incident')}")
        return
    click.echo(f"{visible(incident.key)}: {incident.state.value}, {incident.peak.word}")
    for row in reply.rows:
        click.echo(f"  {row.state:<8} {row.order.ensure:<9} {visible(row.action)}: {visible(row.note, 300) or '-'}")
    if said.verb == "block" and not reply.enforcing:
        click.echo('  observe mode: nothing was done; set mode = "enforce" (and see [start] observe_for)')
    elif said.verb == "block" and all(row.order.ensure == "notified" for row in reply.rows):
        click.echo('  no action is configured that could stop this account: add an [[action]] kind = "table"')
    if said.verb == "release" and said.how == "password-changed":
        click.echo("  look for planted forwards, Sieve rules and app passwords before you write to the customer")


def _json(said: Request, reply: Reply) -> Json:
    rows = [
        {"order": row.order.key, "action": row.action, "state": row.state, "note": row.note, "tries": row.tries}
        for row in reply.rows
    ]
    incident = incident_json(reply.incident) if reply.incident is not None else None
    done = complete(said, reply)
    return {"verb": said.verb, "account": said.account, "complete": done, "incident": incident, "orders": rows}


def named(settings: Settings, name: str) -> Account:
    """The account an operator means by an account or an incident.

    Raises:
        ConfigError: the name is empty.
    """
    recall(settings)
    account = accounts(settings.accounts).fold(account_of(readable(name)))
    if not account:
        raise ConfigError("name an account or an incident, such as ann@example.org or ann@example.org#3", "ACCOUNT")
    return account
