"""gatepost audit: who did what to which account, when and why."""

from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.core.units import Seconds, iso
from gatepost.runtime.clock import SystemClock
from gatepost.store import audit
from gatepost.store.audit import Entry
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import incident_of, named
from gatepost.surface.words import Json, to_json


@click.command("audit")
@click.argument("account", required=False)
@click.option("--since", metavar="SPAN", default="", help="Only what was done within this time, such as 7d.")
@options.config
@options.form("text", "json", "jsonl")
def command(account: str | None, since: str, config: str | None, form: str) -> int:
    """Print the audit trail, oldest first: what operators said, what gatepost decided, and what became of each order.

    ACCOUNT may be an incident such as ann@example.org#3.
    """
    settings = options.settings(config, needed=True)
    after = SystemClock().now() - Seconds.parse(since) if since else 0.0
    name = named(settings, account) if account else None
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        found = audit.entries(store, name, after)
    if name and account and (key := incident_of(name, account)):
        found = [one for one in found if one.incident in ("", key)]
    if form == "json":
        click.echo(to_json([_json(one) for one in found]))
    else:
        for one in found:
            click.echo(to_json(_json(one)) if form == "jsonl" else _line(one))
    return 0


def _json(one: Entry) -> Json:
    return {
        "number": one.number,
        "time": iso(one.at),
        "who": one.who,
        "what": one.what,
        "account": one.account,
        "incident": one.incident or None,
        "why": one.why,
        "result": one.result,
    }


def _line(one: Entry) -> str:
    """Time, who, whom, what; then why, and what came of it."""
    told = f"{iso(one.at)}  {visible(one.who):<10}  {visible(one.incident or one.account) or '-'}  {visible(one.what)}"
    return "  ".join([told, *(visible(part, 300) for part in (one.why, one.result) if part)])
