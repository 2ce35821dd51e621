"""gatepost export: everything stored about an account."""

from pathlib import Path

import click
import msgspec

from gatepost.core.units import account_subject
from gatepost.ledger.page import decode, plain
from gatepost.store import audit, dead, envelopes, letters, reported
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import named
from gatepost.surface.words import incident_json, to_json


@click.command("export")
@click.argument("account")
@options.config
def command(account: str, config: str | None) -> int:
    """Print everything stored about an account as one JSON object. Exit code 1 when nothing is."""
    settings = options.settings(config, needed=True)
    name = named(settings, account)
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        data = store.load(account_subject(name))
        incidents = store.find(name)
        rows = [row for incident in incidents for row in store.rows(incident.key)]
        told = [one for one in store.told(0) if one.instruction.account == name]
        open_messages = [(host, id_, message) for host, id_, message in store.all_messages() if message.account == name]
        decided = store.decisions(name)
        refused, written = dead.of(store, name), letters.of(store, name)
        trail, last = audit.entries(store, name), envelopes.of(store, name)
        left, reports = reported.of_account(store, name)
    page = decode(data) if data is not None else None
    found = {
        "account": name,
        "page": msgspec.to_builtins(page, builtin_types=(bytes,), enc_hook=plain) if page is not None else None,
        "incidents": [incident_json(incident) for incident in incidents],
        "orders": msgspec.to_builtins(rows),
        "instructions": msgspec.to_builtins(told),
        "audit": msgspec.to_builtins(trail),
        "decisions": msgspec.to_builtins(decided),
        "letters": msgspec.to_builtins(written),
        "last_messages": msgspec.to_builtins(last),
        "dead_addresses": msgspec.to_builtins(refused),
        "sent": [{"host": one.host, "queue_id": one.queue_id, "at": one.accepted} for one in left],
        "reports": msgspec.to_builtins(reports),
        "open_messages": [{"host": host, "queue_id": id_, "at": message.at} for host, id_, message in open_messages],
    }
    click.echo(to_json(found))
    return 0 if page is not None or incidents or told or refused else 1
