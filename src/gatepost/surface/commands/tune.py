"""gatepost tune: what other thresholds would have cost on one's own logs."""

from pathlib import Path

import click
from msgspec.structs import replace

from gatepost.config.settings import Settings
from gatepost.core.errors import SourceError
from gatepost.core.units import DAY
from gatepost.runtime import tuning
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.tuning import Tuned, Word
from gatepost.runtime.variants import Played, Variant
from gatepost.store.sqlite import Sqlite
from gatepost.surface import options, reading
from gatepost.surface.reading import Logs
from gatepost.surface.report import totals_json, totals_text
from gatepost.surface.tuned import tuned_json, tuned_text
from gatepost.surface.words import to_json


@click.command("tune")
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@click.option(
    "--false-blocks-per-month",
    "wish",
    type=click.FloatRange(min=0, min_open=True),
    required=True,
    metavar="N",
    help="How many wrong holds and blocks in thirty days you can bear.",
)
@options.form("text", "json")
@options.config
@options.domains
@options.zone
@reading.memory
def command(
    logs: tuple[str, ...], wish: float, form: str, config: str | None, domains: str | None, zone: str, memory: str
) -> int:
    """Replay your logs with other thresholds, and propose one. Nothing is written.

    A stop counts as wrong unless the state says that it was a theft. Exit code 1 when no threshold keeps the wish.
    """
    watch, settings = Stopwatch(), options.settings(config)
    found, played = _tried(Logs(logs, domains, zone, memory, form), settings, wish)
    if form == "json":
        click.echo(to_json({**tuned_json(found), "totals": totals_json(played.first)}))
    else:
        tuned_text(found)
        totals_text(played.first, watch.seconds)
    return 3 if played.broken else 0 if found.proposal is not None else 1


def _tried(logs: Logs, settings: Settings, wish: float) -> tuple[Tuned, Played]:
    """Every threshold on these logs.

    Raises:
        SourceError: they cover too little time to judge anything.
    """
    levels = tuning.candidates(settings.levels)
    played = logs.play({str(one.hold): Variant(replace(settings, levels=one)) for one in levels})
    totals, said = played.first.pipeline.totals, _said(settings)
    if totals.last - totals.first < (tuning.LEARNING + 1) * DAY:
        days = (totals.last - totals.first) / DAY
        msg = f"the logs cover {days:.1f} days, of which {tuning.LEARNING:g} only teach: name logs of a week at least"
        raise SourceError(msg)
    rows = (tuning.row(one, played.incidents[str(one.hold)], said, totals.first, totals.last) for one in levels)
    return Tuned(tuple(rows), settings.levels, wish), played


def _said(settings: Settings) -> list[Word]:
    """What the operator said of the incidents in the state, where there is one."""
    if not Path(settings.state.path).exists():
        return []
    with Sqlite.open(Path(settings.state.path), readonly=True) as store:
        return tuning.words(store.find(), (told.instruction for told in store.told(0)))
