"""gatepost recipients: the dead addresses on an account's list.

Everything it prints was chosen by strangers: it is shown on one line, without controls, and no cell of the CSV is a
formula.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.act.sheet import sheet
from gatepost.core.dead import Dead
from gatepost.core.units import Account, iso
from gatepost.store import dead
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import named
from gatepost.surface.preview import letter
from gatepost.surface.words import Json, to_json

WIDE = 60
"""Characters of an address, and of a reply, in the table."""


@click.command("recipients")
@click.argument("account")
@click.option("--csv", "as_csv", is_flag=True, help="A table for spreadsheets; the same as --format csv.")
@click.option("--preview", is_flag=True, help="The letter to the customer, and whether it would go out now.")
@options.config
@options.form("text", "csv", "json")
def command(account: str, as_csv: bool, preview: bool, config: str | None, form: str) -> int:
    """List the addresses that an account wrote to and that do not exist, refused last first."""
    settings = options.settings(config, needed=True)
    name = named(settings, account)
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        if preview:
            click.echo("\n".join(letter(store, settings, name)))
            return 0
        found = dead.of(store, name)
    if as_csv or form == "csv":
        click.echo(sheet(found), nl=False)
    elif form == "json":
        click.echo(to_json([_json(one) for one in found]))
    else:
        _table(name, found)
    return 0


def _json(one: Dead) -> Json:
    words = {"address": one.address, "first": iso(one.first), "last": iso(one.last)}
    return {**words, "cause": one.cause, "status": one.status, "reply": one.reply}


def _table(name: Account, found: Sequence[Dead]) -> None:
    click.echo(f"{visible(name)}: {len(found)} dead address{'' if len(found) == 1 else 'es'}")
    width = max((len(visible(one.address, WIDE)) for one in found), default=0)
    for one in found:
        days = f"{iso(one.first)[:10]}  {iso(one.last)[:10]}"
        row = f"  {visible(one.address, WIDE):<{width}}  {days}  {one.cause:<17}  {visible(one.reply, WIDE)}"
        click.echo(row.rstrip())
