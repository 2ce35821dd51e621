"""gatepost data: the tables about networks, their notices, and newer ones."""

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import click

from gatepost.config import tables
from gatepost.config.settings import Data
from gatepost.core.units import Instant, iso
from gatepost.enrich.lists import FILES
from gatepost.runtime.renewal import Renewed, entries, renew
from gatepost.surface import options


@click.group("data")
def command() -> None:
    """The tables about networks."""


@command.command("show")
@options.config
def show(config: str | None) -> int:
    """Which tables are used, how old, from where, under which licence."""
    data = options.settings(config).data
    for name in (tables.ASN, tables.COUNTRY, *FILES):
        click.echo(_shown(name, data))
    click.echo("\nThose that come with gatepost:\n")
    click.echo((files("gatepost") / "data" / "NOTICES.txt").read_text().rstrip())
    return 0


def _shown(name: str, data: Data) -> str:
    setting = {tables.ASN: "asn", tables.COUNTRY: "country"}.get(name, "lists")
    if (said := getattr(data, setting)) != "bundled":
        return f"{name:<17} not used: [data] {setting} = {said}"
    newer = Path(data.folder) / name if data.folder else None
    since = f"of {iso(Instant(newer.stat().st_mtime))}" if newer and newer.is_file() else "with gatepost"
    content = tables.content(name, data.folder)
    return f"{name:<17} {entries(name, content):>9,} entries  {since}  sha256 {sha256(content).hexdigest()[:16]}"


@command.command("update")
@click.option("--from", "folder", metavar="DIR", default="", help="Take them from here; nothing is fetched.")
@click.option("--anyway", is_flag=True, help="Also tables with less than half of the present entries.")
@options.config
def update(folder: str, anyway: bool, config: str | None) -> int:
    """Put newer tables into the folder of [data], each one whole or not at all.

    Exits with 3 when one of them could not be had or was refused; the present one stays.
    """
    found = list(renew(options.settings(config).data, folder, anyway=anyway))
    for one in found:
        click.echo(_told(one), err=bool(one.trouble))
    if any(not one.trouble for one in found):
        click.echo("a running gatepost takes them after: gatepost reload")
    return 3 if any(one.trouble for one in found) else 0


def _told(one: Renewed) -> str:
    if one.trouble:
        return f"gatepost: {one.name}: the present one stays: {one.trouble}"
    return f"{one.name}: {one.entries:,} entries, before {one.before:,}, sha256 {one.checksum}"
