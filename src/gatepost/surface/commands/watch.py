"""gatepost watch: follow the configured logs and act."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import click

from gatepost.act.foreign import visible
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError, GatepostError
from gatepost.judge.docket import Change
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.daemon import Daemon
from gatepost.runtime.lock import Lock
from gatepost.store.sqlite import Sqlite
from gatepost.surface import logs, options
from gatepost.surface.words import change_json, reasons, to_json


@click.command("watch")
@options.config
@options.form("text", "jsonl")
def command(config: str | None, form: str) -> int:
    """Follow the configured logs through their rotations, and act on what they say.

    Runs until SIGTERM, or until a source that is standard input ends; SIGHUP loads the configuration anew. Changes of
    level go to standard output, everything else to standard error, key=value.
    """
    settings = _settings(config)
    logs.to_stderr()

    def follow(change: Change) -> None:
        click.echo(to_json(change_json(change)) if form == "jsonl" else _line(change))
        sys.stdout.flush()

    path = Path(settings.state.path)
    with Lock(path), Sqlite.open(path) as store:
        try:
            asyncio.run(Daemon(settings, store, SystemClock(), follow, partial(_settings, config)).run())
        except* GatepostError as errors:
            raise errors.exceptions[0] from None
    return 0


def _settings(config: str | None) -> Settings:
    """A configuration that can be watched by.

    Raises:
        ConfigError: it has mistakes, or names no source.
    """
    settings = options.settings(config, needed=True)
    if not settings.source and not settings.owners:
        raise ConfigError("there is no [[source]]: name a log to follow", config or "gatepost.toml")
    return settings


def _line(change: Change) -> str:
    name = change.incident.key if change.incident is not None else change.account
    return f"{change.level.word:<8} {visible(name)} score {change.verdict.score:g}: {reasons(change.verdict)}"
