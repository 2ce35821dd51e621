"""gatepost forget: delete everything stored about an account."""

import os
from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.core.errors import ConfigError
from gatepost.runtime import control
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.lock import Lock
from gatepost.store import audit, forget
from gatepost.store.audit import Entry
from gatepost.store.sqlite import Sqlite
from gatepost.surface import logs, options
from gatepost.surface.orders import named


@click.command("forget")
@click.argument("account")
@options.config
def command(account: str, config: str | None) -> int:
    """Delete everything stored about an account: habits, incidents, orders, instructions, dead addresses.

    Refused while an incident stands (release it first) and while gatepost is running.
    """
    logs.to_stderr(quiet=True)
    settings = options.settings(config, needed=True)
    name = named(settings, account)
    path = Path(settings.state.path)
    with Lock(path), Sqlite.open(path) as store:
        if store.find(name, standing=True):
            raise ConfigError("an incident stands; release it first, or its measures could not be undone", name)
        with store.transaction():
            rows = forget.account(store, name)
            audit.append(store, _forgotten(rows))
    click.echo(f"{visible(name)}: {rows} rows deleted")
    return 0


def _forgotten(rows: int) -> Entry:
    """That somebody's data were deleted; whose, nobody shall be able to say any more."""
    who = control.speaker(os.getuid(), os.environ.get("SUDO_USER", ""))
    return Entry(at=SystemClock().now(), who=who, what="forget", result=f"{rows} rows of one account deleted")
