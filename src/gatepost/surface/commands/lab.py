"""gatepost lab: made traffic with a known truth, and how well gatepost finds the thieves in it."""

import os
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from gatepost.core.errors import SourceError
from gatepost.lab import report, tables
from gatepost.lab.generate import TRUTH, WRITERS
from gatepost.lab.generate import generate as write
from gatepost.lab.score import Score, read_detections, summary
from gatepost.lab.score import score as compare
from gatepost.lab.truth import Recipe, Truth, load


@click.group("lab")
def command() -> None:
    """Made traffic with a known truth: how many thieves are found, how many honest people are wronged."""


def _attacks(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    return {"all": report.ALL, "none": ()}.get(value) or tuple(part for part in value.split(",") if part != "none")


_mta = click.option("--mta", type=click.Choice(list(WRITERS)), default="exim", show_default=True, help="whose log")
_accounts = click.option("--accounts", type=click.IntRange(1, 1_000_000), default=5000, show_default=True)
_each = click.option("--each", type=click.IntRange(1, 100), default=3, show_default=True, help="thefts of each shape")


@command.command("generate")
@_mta
@_accounts
@_each
@click.option("--days", type=click.IntRange(1, 400), default=14, show_default=True)
@click.option("--clean", type=click.IntRange(0, 400), default=7, show_default=True, help="days before the first theft")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--attacks", callback=_attacks, default="all", show_default=True, help="all, none, or shapes with commas")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def generate(
    mta: str, accounts: int, each: int, days: int, clean: int, seed: int, attacks: tuple[str, ...], folder: Path
) -> int:
    """Write a log, its truth (truth.json) and what an operator knows (domains.json) into FOLDER."""
    recipe = Recipe(seed=seed, accounts=accounts, days=days, clean=clean, attacks=attacks, each=each)
    try:
        truth = write(recipe, mta, folder, lambda day: click.echo(f"day {day} of {days}", err=True))
    except OSError as error:
        msg = f"{folder} cannot be written: {error.strerror}; name a folder that can"
        raise SourceError(msg) from error
    click.echo(f"{folder / WRITERS[mta].name}: {truth.lines:,} lines, {len(truth.thefts)} thefts")
    return 0


@command.command("score")
@click.option("--grace", type=float, default=3.0, show_default=True, help="first days that wrong no honest account")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.argument("truth", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("detections", type=click.File("rb"))
def score(grace: float, form: str, truth: Path, detections: BinaryIO) -> int:
    """Compare DETECTIONS (lines of `gatepost replay --format jsonl`, or - for standard input) with TRUTH."""
    found = compare(_truth(truth), read_detections(detections, str(detections.name)), grace)
    _show(form, {report.GATEPOST: found})
    return 0


@command.command("baselines")
@click.option("--grace", type=float, default=3.0, show_default=True, help="first days that wrong no honest account")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.argument("truth", type=click.Path(dir_okay=False, path_type=Path))
def baselines_(grace: float, form: str, truth: Path) -> int:
    """What single rules of today's tools say about the story of TRUTH."""
    known = _truth(truth)
    _show(form, report.rivals(known, grace))
    return 0


@command.command("report")
@_mta
@_accounts
@_each
@click.option("--seeds", default="126,127,128,129,130", show_default=True, help="with commas")
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="not the shipped defaults")
@click.option("--workers", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default="all processors")
@click.option("--mistakes", is_flag=True, help="also every account wronged and every thief missed")
def report_(mta: str, accounts: int, each: int, seeds: str, config: Path | None, workers: int, mistakes: bool) -> int:
    """The whole experiment, several seeds, one table."""
    wanted = list(report.logs(_numbers(seeds), accounts, each))
    found = report.experiment(wanted, mta, workers, config=config, tell=lambda text: click.echo(text, err=True))
    click.echo(tables.text(list(tables.whole(found))))
    for kind, table in (("attacked", tables.shapes), ("honest", tables.wronged), ("cold", tables.shapes)):
        click.echo(f"\n{kind} logs, gatepost")
        click.echo(tables.text(list(table([one.scores[report.GATEPOST] for one in found if one.log.kind == kind]))))
    if mistakes:
        click.echo("\n" + "\n".join(tables.mistakes(found)))
    return 0


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        msg = f"{text!r} is no list of seeds; write numbers with commas, such as 101,102"
        raise click.BadParameter(msg) from error


def _truth(path: Path) -> Truth:
    try:
        return load(path.read_bytes(), str(path))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}; `gatepost lab generate` writes {TRUTH}"
        raise SourceError(msg) from error


def _show(form: str, scores: dict[str, Score]) -> None:
    if form == "json":
        told = {who: msgspec.to_builtins(summary([found], [found])) for who, found in scores.items()}
        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return
    rows = [(who, *tables.cells(summary([found], [found]))) for who, found in scores.items()]
    click.echo(tables.text([tables.HEAD, *rows]))
    for found in scores.values() if len(scores) == 1 else ():
        click.echo("\n" + tables.text(list(tables.shapes([found]))))
        click.echo("\n" + tables.text(list(tables.wronged([found]))))
