"""gatepost forget: delete everything stored about an account."""

from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.core.errors import ConfigError
from gatepost.runtime.lock import Lock
from gatepost.store import forget
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import named


@click.command("forget")
@click.argument("account")
@options.config
def command(account: str, config: str | None) -> int:
    """Delete everything stored about an account: habits, incidents, orders, instructions, dead addresses.

    Refused while an incident stands (release it first) and while gatepost is running.
    """
    settings = options.settings(config, needed=True)
    name = named(settings, account)
    path = Path(settings.state.path)
    with Lock(path), Sqlite.open(path) as store:
        if store.find(name, standing=True):
            raise ConfigError("an incident stands; release it first, or its measures could not be undone", name)
        with store.transaction():
            rows = forget.account(store, name)
    click.echo(f"{visible(name)}: {rows} rows deleted")
    return 0
