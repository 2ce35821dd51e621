"""How thresholds and what they would have cost look: as a table, and as JSON."""

from collections.abc import Iterator

import click
from rich.table import Table

from gatepost.act.foreign import visible
from gatepost.runtime.tuning import LEARNING, Row, Tuned, without
from gatepost.surface.report import console
from gatepost.surface.words import Json

SHOWN = 10
"""Accounts named below the table."""

_COLUMNS = (
    "hold", "block", "thefts", "missed", "out", "wrong", "nobody said", "a month", "at most", "",
)  # fmt: skip


def tuned_text(found: Tuned) -> None:
    """Print the table, what is proposed, and how sure it is."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name else "left")
    for row in found.rows:
        table.add_row(*_row(row, found))
    console().print(table)
    for line in (*_told(found), *_carried(found.now), *_proposal(found)):
        click.echo(line)


def _row(row: Row, found: Tuned) -> tuple[str, ...]:
    levels, marks = row.levels, []
    if row.levels == found.present:
        marks.append("now")
    if found.proposal is row:
        marks.append("proposed")
    numbers = (len(row.confirmed), row.missed, row.out, len(row.honest), len(row.unsaid))
    rates = (f"{row.monthly:.1f}", f"{row.at_most:.1f}")
    return f"{levels.hold:g}", f"{levels.block:g}", *map(str, numbers), *rates, ", ".join(marks)


def _told(found: Tuned) -> Iterator[str]:
    """Over which time, and whom the operator could still judge."""
    now = found.now
    yield f"{now.days:.1f} days count; the {LEARNING:g} before them only teach."
    if now.early:
        yield f"{now.early} accounts were stopped in those already, and are left out."
    if now.unsaid:
        named = ", ".join(visible(account) for account in now.unsaid[:SHOWN])
        more = f" and {len(now.unsaid) - SHOWN} more" if len(now.unsaid) > SHOWN else ""
        yield f"Nobody said what these were, so they count as wrong: {named}{more}."


def _carried(now: Row) -> Iterator[str]:
    """Which detectors the wrong stops hang on, at the present levels."""
    for name, (wrong, thefts) in without(now).items():
        if wrong:
            also = f", nor {thefts} of the {len(now.confirmed)} thefts" if now.confirmed else ""
            yield f"Without {name} {wrong} of the {now.wrong} that count as wrong would not be stopped{also}."


def _proposal(found: Tuned) -> Iterator[str]:
    """What to write into the configuration, or why nothing."""
    row = found.proposal
    if found.undecided:
        yield (
            "Judge them first (gatepost confirm, gatepost release), then tune again: were they thefts, "
            f"hold = {found.present.hold:g} would keep your wish, and a higher one would let them go on."
        )
    if row is None:
        yield f"No threshold up to {found.rows[-1].levels.hold:g} keeps {found.wish:g} wrong stops a month."
        return
    yield from _confidence(found, row)
    if row.levels == found.present:
        yield "Keep the levels as they are:"
    levels = row.levels
    for line in ("[levels]", f"throttle = {levels.throttle:g}", f"hold = {levels.hold:g}", f"block = {levels.block:g}"):
        yield f"    {line}"


def _confidence(found: Tuned, row: Row) -> Iterator[str]:
    """What the log can promise."""
    yield (
        f"At hold = {row.levels.hold:g}: {row.wrong} wrong stops in {row.days:.1f} days, {row.monthly:.1f} a month; "
        f"with 95 % confidence at most {row.at_most:.1f} a month."
    )
    if row.at_most > found.wish:
        yield (
            f"That is no promise of {found.wish:g} a month: "
            f"it would take {found.needed:.0f} days without one wrong stop to give it."
        )


def tuned_json(found: Tuned) -> Json:
    """All of it for programs."""
    proposal, now = found.proposal, found.now
    return {
        "days": round(now.days, 2),
        "wish": found.wish,
        "rows": [_row_json(row) for row in found.rows],
        "now": now.levels.hold,
        "proposed": proposal.levels.hold if proposal is not None else None,
        "promised": proposal is not None and proposal.at_most <= found.wish,
        "days_needed": round(found.needed, 1),
        "without": {name: {"wrong": wrong, "thefts": thefts} for name, (wrong, thefts) in without(now).items()},
    }


def _row_json(row: Row) -> Json:
    return {
        "hold": row.levels.hold,
        "block": row.levels.block,
        "thefts": len(row.confirmed),
        "missed": row.missed,
        "out": row.out,
        "honest": list(row.honest),
        "unsaid": list(row.unsaid),
        "early": row.early,
        "per_month": round(row.monthly, 2),
        "at_most": round(row.at_most, 2),
    }
