"""gatepost requests: what customers ask for by self-service and nobody has decided."""

from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.core.units import iso
from gatepost.store import links
from gatepost.store.links import Link
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.words import Json, to_json


@click.command("requests")
@options.config
@options.form("text", "json")
def command(config: str | None, form: str) -> int:
    """List the customers who ask to send again and whom nobody could release by himself, oldest first."""
    settings = options.settings(config, needed=True)
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        found = links.asked(store)
    if form == "json":
        click.echo(to_json([_json(one) for one in found]))
    else:
        for one in found:
            click.echo(f"{iso(one.used)}  {visible(one.incident)}  from {visible(one.client, 60)}  {visible(one.why)}")
    return 0


def _json(one: Link) -> Json:
    return {"incident": one.incident, "time": iso(one.used), "client": one.client, "why": one.why}
