"""gatepost explain: why an account stands where it stands."""

from collections.abc import Sequence
from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.config.settings import Settings
from gatepost.config.whatif import adjust
from gatepost.core.evidence import Level
from gatepost.core.incident import Incident
from gatepost.core.units import Account, account_subject, iso
from gatepost.judge.docket import Change
from gatepost.ledger.page import Page, decode
from gatepost.runtime.replay import Replay
from gatepost.runtime.timeline import Day, Witness
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options
from gatepost.surface.orders import named
from gatepost.surface.words import Json, change_json, evidence_json, incident_json, to_json, verdict_text


@click.command("explain")
@click.argument("account")
@click.argument("logs", nargs=-1, metavar="[LOG]...")
@click.option("--with", "wishes", multiple=True, metavar="DETECTOR.SETTING=VALUE", help="What if it were so?")
@options.form("text", "json")
@options.config
@options.domains
@options.zone
def command(
    account: str,
    logs: tuple[str, ...],
    wishes: tuple[str, ...],
    form: str,
    config: str | None,
    domains: str | None,
    zone: str,
) -> int:
    """Say what an account did and every point of its score, in words.

    From the state; with LOG or --with from the logs, read again. Exit code 1 when nothing is known of the account.
    """
    settings = options.settings(config)
    name = named(settings, account)
    if not logs and not wishes and Path(settings.state.path).exists():
        return _from_state(settings, name, form)
    readable = options.readable(logs, settings, "explain")
    run = Replay(readable, settings, options.told(domains), zone=zone, adjust=adjust(wishes), pipeline=Witness)
    return _from_logs(run, name, form)


def _from_state(settings: Settings, name: Account, form: str) -> int:
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        incidents = store.find(name)
        data = store.load(account_subject(name))
    page = decode(data) if data is not None else None
    if form == "json":
        click.echo(to_json(_state_json(name, page, incidents)))
    else:
        _state_text(settings, name, page, incidents)
    return 0 if incidents or (page is not None and page.clock) else 1


def _state_json(name: Account, page: Page | None, incidents: Sequence[Incident]) -> Json:
    standing = list(page.standing.values()) if page is not None else []
    return {
        "account": name,
        "level": (page.level if page is not None else Level.CLEAR).word,
        "days_known": page.days if page is not None else 0,
        "standing": [evidence_json(proof) for proof in standing],
        "incidents": [incident_json(incident) for incident in incidents],
    }


def _state_text(settings: Settings, name: Account, page: Page | None, incidents: Sequence[Incident]) -> None:
    if not incidents and (page is None or not page.clock):
        click.echo(f"{visible(name)}: nothing is known of this account")
        return
    for incident in reversed(incidents):
        mode = f"{incident.state.value}, {settings.mode}"
        for line in verdict_text(incident.verdict, incident.peak, incident, mode, settings.levels):
            click.echo(line)
        click.echo(f"  {incident.out_before} recipients before, {incident.out_after} after; refused {incident.refused}")
    if page is not None:
        click.echo(f"{visible(name)}   now {page.level.name}   {page.days} clean days known")
        for proof in page.standing.values():
            click.echo(
                f"  stands until {iso(proof.until)}: {proof.detector}: {visible(proof.says)} ({proof.points:g} points)"
            )
        if page.pardon is not None:
            until = iso(page.pardon.until) if page.pardon.until is not None else "for good"
            click.echo(f"  exempt by {visible(page.pardon.by)} until {until}: {visible(page.pardon.reason)}")


def _from_logs(run: Replay, name: Account, form: str) -> int:
    witness = run.pipeline
    assert isinstance(witness, Witness)
    witness.account, witness.days = name, {}
    changes = [change for change in run.changes() if change.account == name]
    totals = witness.totals
    for error in run.broken:
        click.echo(f"gatepost: {error}", err=True)
    if form == "json":
        found = {
            "account": name,
            "from": iso(totals.first),
            "to": iso(totals.last),
            "days": {day: _day_json(one) for day, one in sorted(witness.days.items())},
            "changes": [change_json(change) for change in changes],
        }
        click.echo(to_json(found))
    else:
        click.echo(f"{visible(name)}   from {iso(totals.first)} to {iso(totals.last)}")
        _timeline(run, witness, changes)
    if run.broken:
        return 3
    return 0 if witness.days else 1


def _timeline(run: Replay, witness: Witness, changes: Sequence[Change]) -> None:
    """Days and changes of level, in the order they happened."""
    rest = list(changes)
    for day, one in sorted(witness.days.items()):
        click.echo(_day_text(day, one))
        while rest and iso(rest[0].at)[:10] <= day:
            _change_text(run, rest.pop(0))
    for change in rest:
        _change_text(run, change)
    if not witness.days:
        click.echo("  nothing of this account is in these logs")


def _change_text(run: Replay, change: Change) -> None:
    for line in verdict_text(change.verdict, change.level, change.incident, "replay", run.settings.levels):
        click.echo(f"    {line}")


def _day_text(day: str, one: Day) -> str:
    networks = ", ".join(f"{visible(name)} ({number})" for name, number in one.networks.most_common(4))
    more = f" and {len(one.networks) - 4} more" if len(one.networks) > 4 else ""
    refused = "".join(f", {number} failed: {cause}" for cause, number in one.refused.most_common(4))
    logins = f", {one.failed_logins} failed logins" if one.failed_logins else ""
    return f"  {day}  {one.messages} messages, {one.recipients} recipients{refused}{logins}  from {networks}{more}"


def _day_json(one: Day) -> Json:
    return {
        "messages": one.messages,
        "recipients": one.recipients,
        "logins": one.logins,
        "failed_logins": one.failed_logins,
        "refused": dict(one.refused),
        "networks": dict(one.networks),
    }
