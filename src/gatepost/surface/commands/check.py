"""gatepost check: every mistake in the configuration at once.

Reads the configuration and the files it names, nothing else: whether the host is as it
says is what `gatepost doctor` looks at.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from gatepost.config import assemble, pools, tables
from gatepost.config.detectors import detectors
from gatepost.config.domains import local_domains
from gatepost.config.load import default_path, load
from gatepost.config.mistakes import ConfigErrors, Mistake
from gatepost.config.naming import accounts
from gatepost.config.refusals import refusal_rules
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.core.units import spoken


@click.command()
@click.option("--config", "-c", "file", type=click.Path(path_type=Path), help="The configuration to look at.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(file: Path | None, form: str) -> int:
    """Find every mistake in the configuration.

    Exits with 0 when it is good, 1 when there are mistakes, 2 when the file cannot be read at all.
    """
    path = file or default_path()
    settings, mistakes = _checked(path)
    if form == "json":
        click.echo(json.dumps(_json(path, settings, mistakes), indent=2))
    else:
        click.echo("\n".join(_text(path, settings, mistakes)))
    return 1 if mistakes else 0


def _checked(path: Path) -> tuple[Settings | None, Sequence[Mistake]]:
    try:
        settings = load(path)
    except ConfigErrors as error:
        return None, error.mistakes
    mistakes = _named("domains.file", lambda: local_domains(settings))
    if settings.accounts.asked is not None:  # doctor asks servers
        settings = replace(settings, accounts=replace(settings.accounts, aliases=None))
    mistakes += _named("accounts.aliases", lambda: accounts(settings.accounts))
    mistakes += _named("letter.templates", lambda: assemble.office(settings.letter))
    mistakes += _named("data.folder", lambda: (pools.kept(settings.data), tables.lists(settings.data)))
    return settings, mistakes + _named("bounces.rules", lambda: refusal_rules(settings.bounces.rules))


def _named(key: str, read: Callable[[], object]) -> list[Mistake]:
    """What is wrong with a file that the configuration names."""
    try:
        read()
    except ConfigErrors as error:
        return list(error.mistakes)
    except ConfigError as error:
        message, _, remedy = error.message.partition("; ")
        return [Mistake(error.place, 0, key, message, remedy)]
    return []


def _json(path: Path, settings: Settings | None, mistakes: Sequence[Mistake]) -> Mapping[str, object]:
    found = [msgspec.to_builtins(mistake) for mistake in mistakes]
    return {
        "file": str(path),
        "good": not found,
        "mistakes": found,
        "summary": _summary(settings) if settings else None,
    }


def _summary(settings: Settings) -> Mapping[str, object]:
    return {
        "mode": settings.mode,
        "sources": [source.name for source in settings.source],
        "detectors": [detector.name for detector in detectors(settings)],
        "actions": len(settings.action),
        "state": settings.state.path,
    }


def _text(path: Path, settings: Settings | None, mistakes: Sequence[Mistake]) -> list[str]:
    if mistakes or settings is None:
        lines = [line for mistake in mistakes for line in _lines(mistake)]
        return [*lines, f"{path}: {_many(len(mistakes), 'mistake')}"]
    parts = [
        _many(len(settings.source), "source"),
        _many(len(detectors(settings)), "detector"),
        _many(len(settings.action), "action"),
    ]
    lines = [f"{path}: the configuration is good: {', '.join(parts)}, mode {settings.mode}"]
    if settings.mode == "enforce" and settings.start.observe_for:
        lines.append(f"  for {spoken(settings.start.observe_for)} after the very first start it only observes")
    if not settings.source and not settings.owners:
        lines.append("  without a [[source]] there is nothing to watch; replay and explain work on the logs you name")
    return lines


def _lines(mistake: Mistake) -> list[str]:
    place = f"{mistake.file}:{mistake.line}" if mistake.line else mistake.file
    return [f"{place}: {mistake.key}: {mistake.message}" if mistake.key else f"{place}: {mistake.message}",
            f"    {mistake.remedy}"]  # fmt: skip


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
