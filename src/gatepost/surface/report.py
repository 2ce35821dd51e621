"""The tables a run over logs ends with."""

from collections.abc import Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatepost.act.foreign import visible
from gatepost.core.evidence import Level
from gatepost.core.incident import STANDING, Incident
from gatepost.core.units import iso
from gatepost.runtime.replay import Replay
from gatepost.surface.words import Json, reasons

_COLOURS = {Level.BLOCK: "red", Level.HOLD: "magenta", Level.THROTTLE: "yellow"}
SHOWN_USERS = 10
"""Local users named below the totals."""

WIDTH = 140
"""Columns of a table that does not go to a terminal."""


def console() -> Console:
    """Standard output: as wide as the terminal, or WIDTH."""
    found = Console(highlight=False, soft_wrap=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


def incident_table(incidents: Sequence[Incident], *, everything: bool) -> None:
    """Print incidents: those at hold and block, or all."""
    shown = [incident for incident in incidents if everything or incident.peak >= Level.HOLD]
    if shown:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, kind in _COLUMNS:
            table.add_column(name, justify=kind, overflow="fold")  # type: ignore[arg-type]
        for incident in shown:
            table.add_row(*_row(incident))
        console().print(table)
    else:
        click.echo("No account was at hold or block.")
    hidden = len(incidents) - len(shown)
    if hidden:
        click.echo(f"{hidden} more at throttle; show them with --all")


_COLUMNS = (
    ("account", "left"),
    ("since", "left"),
    ("stopped", "left"),
    ("level", "left"),
    ("score", "right"),
    ("out", "right"),
    ("after", "right"),
    ("why", "left"),
)


def _row(incident: Incident) -> tuple[Text | str, ...]:
    level = incident.peak
    ended = "" if incident.state in STANDING else f" ({incident.state.value})"
    return (
        Text(visible(incident.account)),
        iso(incident.hostile_since or incident.opened)[:16].replace("T", " "),
        iso(incident.stopped or incident.changed)[:16].replace("T", " "),
        Text(level.word + ended, style=_COLOURS.get(level, "")),
        f"{incident.verdict.score:g}",
        f"{incident.out_before}",
        f"{incident.out_after}",
        Text(reasons(incident.verdict)),
    )


def totals_json(run: Replay) -> Json:
    """What was read, as JSON."""
    totals = run.pipeline.totals
    return {
        "lines": totals.lines,
        "kinds": dict(sorted(totals.kinds.items())),
        "ignored": dict(sorted(totals.ignored.items())),
        "unread": dict(sorted(totals.unread.items())),
        "unread_samples": totals.samples,
        "unjoined": run.unjoined,
        "local_users": dict(sorted(totals.local_users.items())),
        "first": iso(totals.first) if totals.lines else None,
        "last": iso(totals.last) if totals.lines else None,
        "dialects": dict(zip(run.paths, run.dialects, strict=False)),
        "broken": [str(error) for error in run.broken],
    }


def totals_text(run: Replay, seconds: float) -> None:
    """What was read, in words."""
    totals = run.pipeline.totals
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(totals.kinds.items()) if number)
    click.echo("")
    if totals.last:
        click.echo(f"From {iso(totals.first)} to {iso(totals.last)}; read as {', '.join(sorted(set(run.dialects)))}.")
    click.echo(
        f"{totals.lines:,} lines in {seconds:.1f} s ({totals.lines / max(seconds, 1e-3):,.0f} a second): {kinds}."
    )
    if run.unjoined:
        click.echo(f"{run.unjoined:,} outcomes belong to messages whose arrival is not in these logs.")
    if totals.local_users:
        click.echo(_local_users(totals.local_users))
    for why, number in sorted(totals.unread.items()):
        click.echo(f"unread: {number:,} lines, {why}; such as: {visible(totals.samples[why][0], 120)}")


def _local_users(users: Mapping[str, int]) -> str:
    """Messages of scripts and the like, with the busiest users: nobody is charged with them."""
    most = sorted(users.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{visible(user, 40) or 'others'} {number:,}" for user, number in most[:SHOWN_USERS])
    more = f" and {len(most) - SHOWN_USERS} more" if len(most) > SHOWN_USERS else ""
    return f"{sum(users.values()):,} messages of local users are charged to nobody (see local_users): {named}{more}."
