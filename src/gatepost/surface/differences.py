"""How the difference of two configurations looks: as a table, and as JSON."""

from collections import Counter
from collections.abc import Sequence

import click
from msgspec import Struct
from rich.table import Table
from rich.text import Text

from gatepost.act.foreign import visible
from gatepost.core.units import iso
from gatepost.judge.score import counted
from gatepost.runtime.differences import Difference, Side
from gatepost.surface.report import console
from gatepost.surface.words import Json, evidence_json, reasons

_COLUMNS = (
    ("account", "left"),
    ("by", "left"),
    ("level", "left"),
    ("when", "left"),
    ("score", "right"),
    ("out", "right"),
    ("after", "right"),
    ("why", "left"),
)


class Names(Struct, frozen=True):
    """What the two configurations are called."""

    here: str
    there: str


def comparison_text(found: Sequence[Difference], names: Names, *, everything: bool) -> None:
    """Print the accounts that differ: those that either stopped, or all; then how many there are of which kind.

    Args:
        found: all accounts of both.
        names: of the configurations.
        everything: those that differ at throttle, too.
    """
    other = [one for one in found if not one.alike]
    shown = [one for one in other if everything or one.stopped_by != "neither"]
    if shown:
        table(shown, names)
    else:
        click.echo("Both stop the same accounts at the same times.")
    if len(shown) < len(other):
        click.echo(f"{len(other) - len(shown)} more differ at throttle; show them with --all")
    click.echo("")
    click.echo(_summary(found, names))


def _summary(found: Sequence[Difference], names: Names) -> str:
    """Both configurations in numbers."""
    here = _stops(names.here, [one.here for one in found])
    there = _stops(names.there, [one.there for one in found])
    both = [one for one in found if one.stopped_by == "both"]
    return f"Stopped: {here}, {there}; {len(both)} by both, {sum(one.alike for one in both)} of them alike."


def _stops(name: str, sides: Sequence[Side | None]) -> str:
    stopped = [side for side in sides if side is not None and side.stopped]
    out = sum(side.out_before for side in stopped)
    return f"{len(stopped)} by {visible(name)} ({out:,} recipients out before)"


def comparison_json(found: Sequence[Difference], names: Names) -> Json:
    """The accounts that differ, throttled ones too, and how many were stopped by whom."""
    number = Counter(one.stopped_by for one in found)
    return {
        "here": names.here,
        "there": names.there,
        "accounts": [difference_json(one) for one in found if not one.alike],
        "stopped": {"both": number["both"], "here": number["here"], "there": number["there"]},
    }


def table(found: Sequence[Difference], names: Names) -> None:
    """Print two rows an account."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name, kind in _COLUMNS:
        made.add_column(name, justify=kind, overflow="fold")  # type: ignore[arg-type]
    for one in found:
        made.add_row(Text(visible(one.account)), Text(visible(names.here)), *_row(one.here))
        made.add_row("", Text(visible(names.there)), *_row(one.there))
    console().print(made)


def _row(side: Side | None) -> tuple[Text | str, ...]:
    if side is None:
        return ("nothing", "", "", "", "", "")
    return (
        side.level.word,
        iso(side.reached)[:16].replace("T", " "),
        f"{side.verdict.score:g}",
        f"{side.out_before}",
        f"{side.out_after}",
        Text(reasons(side.verdict)),
    )


def difference_json(one: Difference) -> Json:
    """One account as JSON."""
    return {
        "account": one.account,
        "stopped_by": one.stopped_by,
        "here": side_json(one.here),
        "there": side_json(one.there),
    }


def side_json(side: Side | None) -> Json | None:
    """What one configuration did, None when nothing."""
    if side is None:
        return None
    return {
        "level": side.level.word,
        "since": iso(side.since),
        "reached": iso(side.reached),
        "score": side.verdict.score,
        "out_before": side.out_before,
        "out_after": side.out_after,
        "incidents": side.incidents,
        "evidence": [evidence_json(proof) for proof in counted(side.verdict.because)],
    }
