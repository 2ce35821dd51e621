"""gatepost learn: read old logs into the state, so that habits are known."""

from pathlib import Path

import click

from gatepost.core.errors import ConfigError
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.house import House
from gatepost.runtime.learn import learn
from gatepost.runtime.lock import Lock
from gatepost.store.sqlite import Sqlite
from gatepost.surface import logs as log
from gatepost.surface import options


@click.command("learn")
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@click.option("--host", default="", help="The mail server that wrote them; default: that of the first source.")
@options.config
@options.zone
def command(logs: tuple[str, ...], host: str, config: str | None, zone: str) -> int:
    """Read old logs into the state: what accounts do becomes habit. No order is given for what is found.

    gatepost must not be running. The same log twice is read once.
    """
    settings = options.settings(config, needed=True)
    path = Path(settings.state.path)
    followed = [source.path for source in settings.logs if source.path in {str(Path(log).absolute()) for log in logs}]
    if followed:
        raise ConfigError("watch learns this log by itself, see [start] learn; name older ones here", followed[0])
    host = host or next((name for source in settings.source for name in source.hosts), "")
    log.to_stderr(quiet=True)
    with Lock(path), Sqlite.open(path) as store:
        house = House(settings, store, SystemClock())
        broken = learn(house, logs, host, zone)
        totals = house.pipeline.totals
    click.echo(f"{totals.lines:,} lines read; incidents in them are recorded, nothing was done about them.")
    for error in broken:
        click.echo(f"gatepost: {error}", err=True)
    return 3 if broken else 0
