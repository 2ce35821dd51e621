"""gatepost incidents: what happened to which account."""

from pathlib import Path

import click

from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import named
from gatepost.surface.report import incident_table
from gatepost.surface.words import incident_json, to_json


@click.command("incidents")
@click.argument("account", required=False)
@click.option("--standing", is_flag=True, help="Only those whose measures are in force.")
@click.option("--all", "everything", is_flag=True, help="Throttled accounts too, not only hold and block.")
@options.config
@options.form("text", "json", "jsonl")
def command(account: str | None, standing: bool, everything: bool, config: str | None, form: str) -> int:
    """List incidents, newest first."""
    settings = options.settings(config, needed=True)
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        found = store.find(named(settings, account) if account else None, standing=standing)
    if form == "text":
        incident_table(found, everything=everything)
    elif form == "json":
        click.echo(to_json([incident_json(incident) for incident in found]))
    else:
        for incident in found:
            click.echo(to_json(incident_json(incident)))
    return 0
