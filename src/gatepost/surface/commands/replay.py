"""gatepost replay: find stolen accounts in logs you already have."""

import sys
from pathlib import Path

import click

from gatepost.config.load import load
from gatepost.core.errors import ConfigError
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.differences import compared
from gatepost.runtime.replay import Replay
from gatepost.runtime.variants import Variant
from gatepost.surface import options, reading
from gatepost.surface.differences import Names, comparison_json, comparison_text
from gatepost.surface.reading import Logs
from gatepost.surface.report import incident_table, totals_json, totals_text
from gatepost.surface.words import change_json, incident_json, to_json


@click.command("replay")
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@options.form("text", "json", "jsonl")
@options.config
@options.domains
@options.zone
@reading.memory
@click.option("--compare", metavar="FILE", help="Another configuration: show only what it would have done otherwise.")
@click.option("--all", "everything", is_flag=True, help="Show throttled accounts too, not only hold and block.")
def command(
    logs: tuple[str, ...],
    form: str,
    config: str | None,
    domains: str | None,
    zone: str,
    memory: str,
    compare: str | None,
    everything: bool,
) -> int:
    """Find stolen accounts in logs, plain or packed (.gz .xz .bz2 .zst), "-" for standard input.

    Several logs are merged by time. Nothing is changed anywhere.
    """
    if compare is not None:
        return _compare(Logs(logs, domains, zone, memory, form), config, compare, everything=everything)
    watch = Stopwatch()
    with reading.progress(quiet=form != "text") as progress:
        run = Replay(
            logs,
            options.settings(config),
            options.told(domains),
            zone=zone,
            memory=reading.octets(memory),
            progress=progress,
        )
        if form == "jsonl":
            for change in run.changes():
                sys.stdout.write(to_json(change_json(change)) + "\n")
        else:
            for _ in run.changes():
                pass
    for error in run.broken:
        click.echo(f"gatepost: {error}", err=True)
    if form == "json":
        found = [incident_json(incident) for incident in run.incidents]
        click.echo(to_json({"incidents": found, "totals": totals_json(run)}))
    elif form == "text":
        incident_table(run.incidents, everything=everything)
        totals_text(run, watch.seconds)
    sys.stdout.flush()
    return 3 if run.broken else 0


def _compare(logs: Logs, config: str | None, other: str, *, everything: bool) -> int:
    """What another configuration would have done otherwise."""
    if logs.form == "jsonl":
        raise ConfigError("prints text or json", "--compare")
    watch = Stopwatch()
    here, there = Variant(options.settings(config)), Variant(load(Path(other)))
    played = logs.play({"here": here, "there": there})
    found = compared(played.incidents["here"], played.incidents["there"])
    names = Names(options.called(config), other)
    if logs.form == "json":
        click.echo(to_json({**comparison_json(found, names), "totals": totals_json(played.first)}))
    else:
        comparison_text(found, names, everything=everything)
        totals_text(played.first, watch.seconds)
    return 3 if played.broken else 0
