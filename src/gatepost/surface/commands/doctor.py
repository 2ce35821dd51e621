"""gatepost doctor: is this host as the configuration says, and as gatepost needs it?

Reads logs, state, tables and Exim's own account of its configuration; changes nothing. Connects only to the servers
that are told of incidents, know aliases or keep passwords, and not even there with --offline; with --live to the doors
too.
"""

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from gatepost.config.asking import DovecotDoor, EximDoor, MilterDoor, PostfixDoor
from gatepost.config.load import default_path, load
from gatepost.config.locks import Settings as LockSettings
from gatepost.config.measures import QueueSettings
from gatepost.config.measures import Settings as MeasureSettings
from gatepost.config.mistakes import ConfigErrors
from gatepost.config.settings import Settings, TableSettings, Tail
from gatepost.config.streams import Journal, Stdin, Syslog
from gatepost.config.zones import load_zone
from gatepost.core.errors import ConfigError
from gatepost.core.units import Instant
from gatepost.mta import UNKNOWN
from gatepost.runtime.clock import SystemClock
from gatepost.surface.doctor import (
    aliases,
    authpolicy,
    consulted,
    doors,
    dovecot,
    exim,
    eximconf,
    feeds,
    journal,
    locks,
    log,
    measures,
    milters,
    overlap,
    passing,
    postfix,
    queued,
    state,
    table,
    told,
)
from gatepost.surface.doctor.check import Check, guarded, worst

MARKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "fail": ("FAIL", "red"), "unknown": ("?   ", "cyan")}


class Asked(Struct, frozen=True):
    """What the operator wants looked at."""

    file: Path | None
    logs: tuple[Path, ...]
    binary: str
    exim_config: str
    zone: str
    offline: bool
    live: bool
    now: Instant


@click.command()
@click.option("--config", "-c", "file", type=click.Path(path_type=Path), help="The configuration to look at.")
@click.option("--log", "logs", multiple=True, type=click.Path(path_type=Path), help="A log to look at; more than once.")
@click.option("--zone", default="local", show_default=True, help="Zone of the stamps of these logs.")
@click.option("--exim", "binary", default="", help="Exim's binary, if it is not found by itself.")
@click.option("--exim-config", default="", help="Exim's configuration, if it is not its usual one.")
@click.option("--offline", is_flag=True, help="Connect nowhere.")
@click.option("--live", is_flag=True, help="Ask a question at each door, as the mail server does.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    file: Path | None,
    logs: tuple[Path, ...],
    zone: str,
    binary: str,
    exim_config: str,
    offline: bool,
    live: bool,
    form: str,
) -> int:
    """Check this host: log, selectors, table, doors, state, Exim.

    Exits with 1 when something keeps gatepost from its work, else with 0.
    """
    asked = Asked(file, logs, binary, exim_config, zone, offline, live, SystemClock().now())
    checks = list(examine(asked))
    if form == "json":
        click.echo(json.dumps({"worst": worst(checks), "checks": msgspec.to_builtins(checks)}, indent=2))
    else:
        for check in checks:
            _show(check)
    return 1 if worst(checks) == "fail" else 0


def examine(asked: Asked) -> Iterator[Check]:
    """Every check, in the order mail takes: configuration, log, state, table, Exim, notice."""
    settings = None
    if asked.file or not asked.logs or default_path().exists():
        settings, check = _configuration(asked.file or default_path())
        yield check
    for path in asked.logs:
        yield from guarded(f"log {path}", partial(log.look, str(path), path, load_zone(asked.zone), asked.now))
    if settings is not None:
        yield from _host(settings, asked)


def _configuration(path: Path) -> tuple[Settings | None, Check]:
    name = "configuration"
    try:
        settings = load(path)
    except ConfigErrors as error:
        says = f"{path}: {len(error.mistakes)} mistakes, the first: {error.mistakes[0]}"
        return None, Check(name, "fail", says, f"gatepost check --config {path} lists all of them")
    except ConfigError as error:
        return None, Check(name, "fail", str(error), "start from examples/gatepost.toml")
    if settings.mode == "enforce" and not (_tables(settings) or settings.door or _locks(settings)):
        says = f"{path}: mode is enforce, but there is neither table, door nor lock: nobody can be stopped"
        return settings, Check(name, "fail", says, 'add an [[action]] kind = "table", or set mode = "observe"')
    if not settings.source and not settings.owners:
        return settings, Check(name, "warn", f"{path}: there is no source", "add a [[source]]: the log to watch")
    return settings, Check(name, "ok", f"{path}: mode {settings.mode}")


def _tables(settings: Settings) -> list[TableSettings]:
    return [action for action in settings.action if isinstance(action, TableSettings)]


def _locks(settings: Settings) -> list[LockSettings]:
    return [action for action in settings.action if isinstance(action, LockSettings)]


def _exims(settings: Settings) -> list[TableSettings]:
    """The tables that Exim reads."""
    return [one for one in _tables(settings) if one.format in ("lsearch", "dsearch")]


def _host(settings: Settings, asked: Asked) -> Iterator[Check]:
    """What the configuration names."""
    file = Path(settings.state.path)
    for source in settings.logs:
        place = Path(source.path), load_zone(source.zone), asked.now, settings.tag, source.dialect
        yield from guarded(f"log {source.name}", partial(log.look, source.name, *place))
        if source.spool:
            yield from guarded(f"log {source.name}: spool", partial(queued.look, source.name, Path(source.spool)))
    yield from guarded("sources: overlap", partial(_overlap, settings, asked.now))
    for found in settings.source:
        if isinstance(found, Syslog):
            yield from guarded(f"source {found.name}", partial(feeds.look, found))
        elif isinstance(found, Journal):
            yield from guarded(f"journal {found.name}", partial(journal.look, found, asked.now, settings.tag))
        elif isinstance(found, Stdin):
            yield feeds.piped(found)
    yield from guarded(aliases.NAME, partial(aliases.look, settings.accounts, offline=asked.offline))
    yield from guarded("state", partial(state.look, file))
    for one in _tables(settings):
        yield from guarded(f"table {one.path}", partial(table.look, one, file))
        yield from guarded(f"table {one.path}: consulted", partial(_asked, one, offline=asked.offline))
    for lock in _locks(settings):
        yield from guarded("locks", partial(locks.look, lock, offline=asked.offline))
    for measure in settings.action:
        if isinstance(measure, MeasureSettings):
            yield from guarded("measures", partial(measures.look, measure, offline=asked.offline))
    for door in settings.door:
        if asked.live and not asked.offline:
            yield doors.live(door)
        yield from feeds.files(f"door {door.name}", door)
        yield from guarded(f"door {door.name}: judged", partial(passing.look, door, file, asked.now))
        if isinstance(door, PostfixDoor):
            yield from guarded(f"door {door.name}: asked", partial(doors.look, door))
        elif isinstance(door, DovecotDoor):
            yield from guarded(f"door {door.name}: asked", partial(authpolicy.look, door))
        elif isinstance(door, MilterDoor):
            yield from guarded(f"door {door.name}: asked", partial(milters.look, door))
    if _exims(settings) or _holds(settings) or (settings.source and not _tables(settings)):
        yield from guarded("exim", partial(_exim, settings, asked))
    yield from told.look(settings, offline=asked.offline)


def _overlap(settings: Settings, now: Instant) -> Iterator[Check]:
    """Every two logs and journals that can be read; one that cannot has been told."""
    there = _readable(settings)
    read = [(one.name, log.records(Path(one.path), load_zone(one.zone), one.dialect)) for one in there]
    read += [(one.name, journal.records(one, now)) for one in settings.source if isinstance(one, Journal)]
    yield from overlap.look([overlap.heard(name, each) for name, each in read])


def _readable(settings: Settings) -> list[Tail]:
    return [source for source in settings.logs if os.access(source.path, os.R_OK)]


def _without_exim(settings: Settings) -> bool:
    """Whether every log is some other server's."""
    found = {log.language(Path(source.path), source.dialect) for source in _readable(settings)}
    return bool(found) and not found & {"exim", UNKNOWN}


def _asked(one: TableSettings, *, offline: bool) -> Iterator[Check]:
    """Whether Postfix or Dovecot asks this table."""
    if one.format in postfix.FORMATS:
        yield from postfix.look(one, table.entries(one))
    elif one.format == "passwd-file":
        yield from dovecot.look(one, table.entries(one), offline=offline)


def _exim(settings: Settings, asked: Asked) -> Iterator[Check]:
    found = eximconf.find(asked.binary, asked.exim_config)
    if found is None and _without_exim(settings):
        return
    if found is None:
        yield Check("exim", "unknown", "its binary was not found on this host", "name it with --exim /usr/sbin/exim4")
        return
    text = found.ask("-bP", "config")
    config = eximconf.parse(text)
    yield from exim.look(config, holds=_holds(settings), keep=settings.life.hold_keep)
    for one in _exims(settings):
        yield from consulted.look(one, config)
        yield from _as_exim(one, found)


def _holds(settings: Settings) -> bool:
    """Whether Exim is told to keep mail: by a table, at a door, or what is in its queue."""
    if any(isinstance(one, QueueSettings) and one.server == "exim" for one in settings.action):
        return True
    asked = any("hold" in door.on for door in settings.door if isinstance(door, EximDoor))
    return asked or any("hold" in one.on for one in _exims(settings))


def _as_exim(one: TableSettings, found: eximconf.Exim) -> Iterator[Check]:
    """The table as Exim's user sees it."""
    said = dict(
        line.split(" = ", 1) for line in found.ask("-bP", "exim_user", "exim_group").splitlines() if " = " in line
    )
    who = table.reader(said.get("exim_user", ""), said.get("exim_group", ""))
    if who is None:
        yield Check(
            f"table {one.path}: open to Exim", "unknown", "Exim's user is not known here", "run doctor where Exim is"
        )
        return
    yield table.open_to(one, who)
    if Path(one.path).exists():
        entries = table.entries(one)
        yield consulted.tried(one, entries, found)


def _show(check: Check) -> None:
    word, colour = MARKS[check.state]
    click.echo(f"{click.style(word, fg=colour)}  {check.name}: {check.says}")
    if check.remedy and check.state != "ok":
        click.echo(f"      {check.remedy}")
