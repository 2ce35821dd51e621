"""What commands that read logs share: which logs and how, how much memory, a counter of lines."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click
from msgspec import Struct

from gatepost.core.errors import ConfigError
from gatepost.runtime.variants import Played, Variant, play
from gatepost.surface import options

UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}

memory = click.option(
    "--memory", default="1g", show_default=True, help="Pages kept in memory before a temporary file is used."
)


class Logs(Struct, frozen=True):
    """What the command line says of the logs."""

    paths: tuple[str, ...]
    domains: str | None
    zone: str
    memory: str
    form: str

    def play(self, variants: Mapping[str, Variant]) -> Played:
        """Replay them through several configurations, and name on standard error what could not be read.

        Raises:
            ConfigError: an option is wrong, or standard input would have to be read twice.
        """
        limit, told = octets(self.memory), options.told(self.domains)
        with progress(quiet=self.form != "text") as bar:
            played = play(self.paths, variants, told, zone=self.zone, memory=limit, progress=bar)
        for error in played.broken:
            click.echo(f"gatepost: {error}", err=True)
        return played


def octets(text: str) -> int:
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
def progress(*, quiet: bool) -> Iterator[Callable[[int], None] | None]:
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
