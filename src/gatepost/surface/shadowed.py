"""What detectors in shadow would have done."""

from collections.abc import Sequence

import click
from msgspec import Struct

from gatepost.config.detectors import detectors
from gatepost.config.settings import Settings
from gatepost.config.whatif import awake
from gatepost.core.errors import ConfigError
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.differences import Difference, compared
from gatepost.runtime.variants import Variant
from gatepost.surface.differences import Names, difference_json, table
from gatepost.surface.reading import Logs
from gatepost.surface.report import totals_json, totals_text
from gatepost.surface.words import Json, to_json

AS_IT_IS = "as it is"


class Shadow(Struct, frozen=True):
    """One detector in shadow, and the accounts that would have risen higher, or earlier, with its points."""

    detector: str
    risen: tuple[Difference, ...]

    @property
    def stopped(self) -> tuple[Difference, ...]:
        """Those that would have been held or blocked."""
        return tuple(one for one in self.risen if one.stopped_by in ("both", "there"))

    @property
    def anyway(self) -> int:
        """How many of those are stopped without it."""
        return sum(one.stopped_by == "both" for one in self.stopped)


def report(logs: Logs, settings: Settings) -> int:
    """Replay logs as it is, and once more for each detector in shadow with its points counted; print the difference.

    Raises:
        ConfigError: no detector is in shadow.
    """
    watch, names = Stopwatch(), [detector.name for detector in detectors(settings) if detector.shadow]
    if not names:
        raise ConfigError("no detector is in shadow: set shadow = true in a [[detector]] block", "report shadow")
    counting = {name: Variant(settings, awake(name)) for name in names}
    played = logs.play({AS_IT_IS: Variant(settings), **counting})
    here = played.incidents[AS_IT_IS]
    found = [Shadow(name, tuple(one for one in compared(here, played.incidents[name]) if one.risen)) for name in names]
    if logs.form == "json":
        click.echo(to_json({"detectors": [_json(one) for one in found], "totals": totals_json(played.first)}))
    else:
        _text(found)
        totals_text(played.first, watch.seconds)
    return 3 if played.broken else 0


def _text(found: Sequence[Shadow]) -> None:
    for one in found:
        click.echo(_summary(one))
        if one.risen:
            table(one.risen, Names(AS_IT_IS, f"with {one.detector}"))


def _summary(one: Shadow) -> str:
    if not one.risen:
        return f"{one.detector}: no account would have risen with its points."
    number = f"{len(one.risen)} account{'s' if len(one.risen) > 1 else ''}"
    stopped = f"To hold or block: {len(one.stopped)}, of these stopped anyway: {one.anyway}."
    return f"{one.detector}: with its points {number} would have risen higher or earlier. {stopped}"


def _json(one: Shadow) -> Json:
    return {
        "detector": one.detector,
        "accounts": [difference_json(each) for each in one.risen],
        "risen": len(one.risen),
        "stopped": len(one.stopped),
        "stopped_anyway": one.anyway,
    }
