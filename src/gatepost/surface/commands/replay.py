"""gatepost replay: find stolen accounts in logs you already have."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from gatepost.core.errors import ConfigError
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.replay import Replay
from gatepost.surface import options
from gatepost.surface.report import incident_table, totals_json, totals_text
from gatepost.surface.words import change_json, incident_json, to_json

UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@click.command("replay")
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@options.form("text", "json", "jsonl")
@options.config
@options.domains
@options.zone
@click.option("--memory", default="1g", show_default=True, help="Pages kept in memory before a temporary file is used.")
@click.option("--all", "everything", is_flag=True, help="Show throttled accounts too, not only hold and block.")
def command(
    logs: tuple[str, ...],
    form: str,
    config: str | None,
    domains: str | None,
    zone: str,
    memory: str,
    everything: bool,
) -> int:
    """Find stolen accounts in logs, plain or packed (.gz .xz .bz2 .zst), "-" for standard input.

    Several logs are merged by time. Nothing is changed anywhere.
    """
    watch = Stopwatch()
    with _progress(quiet=form != "text") as progress:
        run = Replay(
            logs,
            options.settings(config),
            options.told(domains),
            zone=zone,
            memory=_octets(memory),
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


def _octets(text: str) -> int:
    """ "512m" as octets.

    Raises:
        ConfigError: it is no size.
    """
    number, unit = text.strip().lower(), 1
    if number[-1:] in UNITS:
        number, unit = number[:-1], UNITS[number[-1]]
    if not number.isdigit():
        raise ConfigError(f'{text!r} is no size: write a number and k, m or g, such as "512m"', "--memory")
    return int(number) * unit


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A counter of lines on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} lines"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda lines: bar.advance(task, lines)
