"""gatepost enforce: what changing from observe to enforce would do now."""

from pathlib import Path

import click

from gatepost.core.errors import ConfigError
from gatepost.runtime import mode
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.house import House
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.report import incident_table
from gatepost.surface.words import incident_json, to_json


@click.command("enforce")
@click.option("--dry-run", is_flag=True, help="Print the list; nothing is done.")
@options.config
@options.form("text", "json")
def command(dry_run: bool, config: str | None, form: str) -> int:
    """List the accounts that `mode = "enforce"` would act on.

    These are the standing incidents that observe mode only noted, with evidence younger than 24 hours.
    """
    if not dry_run:
        msg = 'see the list with --dry-run, then set mode = "enforce" in the configuration and run gatepost reload'
        raise ConfigError(msg, "enforce")
    settings = options.settings(config, needed=True)
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        found = mode.noted(House(settings, store, SystemClock()))
    if form == "json":
        click.echo(to_json([incident_json(incident) for incident in found]))
    else:
        incident_table(found, everything=True)
    return 0
