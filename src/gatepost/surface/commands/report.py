"""gatepost report: to the networks of thieves; what detectors in shadow would have done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click
from msgspec import json

from gatepost.act.foreign import visible
from gatepost.core.errors import ConfigError, StoreError
from gatepost.core.incident import Incident
from gatepost.core.units import Instant
from gatepost.runtime.replay import Replay
from gatepost.runtime.sightings import Sightings
from gatepost.store.sqlite import Sqlite
from gatepost.surface import arf, options, reading, shadowed, xarf
from gatepost.surface.orders import incident_of, named

AFTER = 86400.0
"""Seconds behind the last change of an incident in which its addresses are still looked for."""


@click.group("report")
def command() -> None:
    """Reports to the networks of thieves; what detectors in shadow would have done."""


def _about(kind: str) -> Callable[[Callable[..., int]], click.Command]:
    """A report about one incident, with the options that all of them have."""

    def make(function: Callable[..., Any]) -> click.Command:
        for option in (
            options.zone,
            options.config,
            click.option("--contact", help="Address of your abuse desk; default: [reports] contact."),
            click.option("--org", help="Who reports; default: [reports] org."),
            click.argument("logs", nargs=-1, metavar="[LOG]..."),
            click.argument("incident"),
        ):
            function = option(function)
        return command.command(kind)(function)

    return make


@_about("xarf")
def xarf_(**said: Any) -> int:
    """Print a report for each address that a stolen account was used from: one JSON object a line.

    The addresses are read from LOG, or from the configured logs as far as they are there. Exit code 1 when none
    is found.
    """
    return _report("xarf", **said)


@_about("arf")
def arf_(**said: Any) -> int:
    """Print a report for each address that a stolen account was used from: an mbox.

    The addresses are read from LOG, or from the configured logs as far as they are there. Exit code 1 when none
    is found.
    """
    return _report("arf", **said)


@command.command("shadow")
@click.argument("logs", nargs=-1, metavar="[LOG]...")
@options.form("text", "json")
@options.config
@options.domains
@options.zone
@reading.memory
def shadow(logs: tuple[str, ...], form: str, config: str | None, domains: str | None, zone: str, memory: str) -> int:
    """Say which accounts detectors with shadow = true would have brought to which level, and when.

    The configured logs are replayed as far as they are there, or LOG. Nothing is changed anywhere.
    """
    settings = options.settings(config, needed=True)
    readable = options.readable(logs, settings, "report")
    return shadowed.report(reading.Logs(readable, domains, zone, memory, form), settings)


def _report(
    kind: Literal["xarf", "arf"],
    incident: str,
    logs: tuple[str, ...],
    org: str | None,
    contact: str | None,
    config: str | None,
    zone: str,
) -> int:
    settings = options.settings(config, needed=True)
    org, contact = org or settings.reports.org, contact or settings.reports.contact
    if not org or "@" not in contact:
        raise ConfigError("say who reports: set org and contact, or give --org and --contact", "[reports]")
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        found = store.get(incident_of(named(settings, incident), incident))
    if found is None:
        msg = f"{visible(incident)}: there is no such incident; see gatepost incidents --all"
        raise StoreError(msg)
    readable = options.readable(logs, settings, "report")
    run = Replay(readable, settings, zone=zone, pipeline=Sightings)
    seen = _read(run, found).strangers()
    if kind == "arf":
        seen = {client: one for client, one in seen.items() if one.times}
    for client, one in sorted(seen.items(), key=lambda pair: (pair[1].first, pair[0])):
        if kind == "arf":
            click.echo(arf.mail(found, client, one, org, contact), nl=False)
        else:
            click.echo(json.encode(xarf.report(found, client, one, org, contact)))
    for error in run.broken:
        click.echo(f"gatepost: {error}", err=True)
    return 3 if run.broken else 0 if seen else 1


def _read(run: Replay, incident: Incident) -> Sightings:
    pipeline = run.pipeline
    assert isinstance(pipeline, Sightings)
    pipeline.account, pipeline.found, pipeline.before = incident.account, {}, {}
    pipeline.since, pipeline.until = incident.hostile_since, Instant(incident.changed + AFTER)
    for _ in run.changes():
        pass
    return pipeline
