"""gatepost data: the bundled tables and their notices."""

from importlib.resources import files

import click


@click.group("data")
def command() -> None:
    """The bundled tables."""


@command.command("show")
def show() -> int:
    """Which tables are bundled, from where, under which licence."""
    folder = files("gatepost") / "data"
    click.echo((folder / "NOTICES.txt").read_text().rstrip())
    return 0
