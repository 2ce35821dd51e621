"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gatepost.config import assemble
from gatepost.config.load import default_path, load
from gatepost.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.source.rotation import predecessors

config = click.option(
    "--config", metavar="FILE", help="Configuration; default: gatepost.toml here, else in /etc/gatepost."
)
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; nothing is.")
domains = click.option("--domains", metavar="FILE", help="JSON: local domains, own addresses, senders, aliases.")
zone = click.option("--zone", default="local", show_default=True, metavar="ZONE", help="Zone of stamps without one.")


def form(*kinds: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--format with these choices, the first one by default."""
    choice = click.Choice(kinds)
    return click.option("--format", "form", type=choice, default=kinds[0], show_default=True, help="How to print.")


def settings(path: str | None, *, needed: bool = False) -> Settings:
    """The configuration named, or the default one where it exists, or the defaults.

    Raises:
        ConfigError: it has mistakes; or none was found and one is needed.
    """
    if path is not None:
        return load(Path(path))
    found = default_path()
    return load(found) if needed or found.exists() else Settings()


def called(path: str | None) -> str:
    """What the configuration that `settings` loads is called."""
    found = default_path()
    return path or (str(found) if found.exists() else "the defaults")


def readable(logs: tuple[str, ...], settings: Settings, asked: str) -> tuple[str, ...]:
    """The logs that are named, else those configured, with their predecessors, as far as they can be read.

    Args:
        logs: named.
        settings: as loaded.
        asked: the command.

    Raises:
        ConfigError: there is none.
    """
    paths = [path for source in settings.logs for path in (*predecessors(Path(source.path)), Path(source.path))]
    if found := logs or tuple(str(path) for path in paths if path.is_file()):
        return found
    raise ConfigError("name a log, or configure a [[source]] that can be read", asked)


def told(path: str | None) -> assemble.Told | None:
    """What `--domains` says."""
    return assemble.told(path) if path is not None else None
