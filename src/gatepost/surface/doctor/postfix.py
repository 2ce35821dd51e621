"""Whether Postfix looks into a deny table, as postconf(1) and postmap(1) say; needs no root.

Source: postconf(1), options -x, -h and -P; access(5); SMTPD_ACCESS_README: the first restriction that says yes or no
ends a list.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from gatepost.act.mapped import SUFFIXES, Kind
from gatepost.config.settings import TableSettings
from gatepost.surface.doctor.check import Check
from gatepost.surface.doctor.program import answer, ask

FORMATS: tuple[str, ...] = get_args(Kind)
SENDER, DATA = "smtpd_sender_restrictions", "smtpd_data_restrictions"
PAGE = "docs/mta/postfix.md has the lines for main.cf and master.cf"
PROBE = "gatepost-doctor-probe"
ENDS = re.compile(r"(?<![\w-])(?:permit|permit_sasl_authenticated|reject)(?![\w-])")
_PLAIN = re.compile(r"[a-z0-9@._+-]{1,200}")


def look(table: TableSettings, entries: Iterable[str]) -> Iterator[Check]:
    """Where Postfix asks, and what it finds.

    Raises:
        OSError, subprocess.SubprocessError: Postfix's programs did not answer.
    """
    yield from _consulted(table)
    yield _found(table, entries)


def _consulted(table: TableSettings) -> Iterator[Check]:
    name = f"table {table.path}: consulted"
    asks = {setting: _asks(answer("postconf", "-x", "-h", setting), table) for setting in (SENDER, DATA)}
    if not any(asks.values()):
        says = (
            f"no restriction of main.cf has check_sasl_access {table.format}:{table.path}, or one ends the list before"
        )
        yield Check(name, "fail", says, PAGE)
        return
    missing = [setting for setting, yes in asks.items() if not yes]
    if missing:
        yield Check(name, "warn", f"Postfix does not look into it in {missing[0]}", PAGE)
    else:
        yield Check(name, "ok", f"Postfix looks into it in {SENDER} and {DATA}")
    yield from _services(name, table, at_data=asks[DATA])


def _asks(value: str, table: TableSettings) -> bool:
    """Whether a list of restrictions comes to the table before it ends."""
    wanted = re.search(rf"check_sasl_access[\s,]+{table.format}:{re.escape(table.path)}(?![\w./-])", value)
    return wanted is not None and not ENDS.search(value[: wanted.start()])


def _services(name: str, table: TableSettings, *, at_data: bool) -> Iterator[Check]:
    """Services of master.cf with a list of their own."""
    for line in answer("postconf", "-x", "-P").splitlines():
        place, _, value = line.partition(" =")
        service, _, setting = place.rpartition("/")
        if setting in (SENDER, DATA) and not _asks(value, table):
            says = f"{service} has a list of its own in {setting}, which does not look into it"
            late = setting == SENDER and at_data
            yield Check(name, "warn" if late else "fail", says + (": stopped at DATA only" if late else ""), PAGE)


def _found(table: TableSettings, entries: Iterable[str]) -> Check:
    """An entry that is there and a name that is not, looked up in the database."""
    name, kind = f"table {table.path}: looked up", f"{table.format}:{table.path}"
    database = Path(table.path + SUFFIXES[table.format])  # type: ignore[index]
    if not database.exists():
        says = f"{database} does not exist: Postfix answers everybody who has logged in with 451"
        return Check(name, "fail", says, f"postmap {kind}, then postfix reload")
    there = next(filter(_PLAIN.fullmatch, entries), "")
    for key in filter(None, (there, PROBE)):
        code, said, complaint = ask("postmap", "-q", key, kind)
        if complaint:
            return Check(name, "unknown", f"postmap: {complaint[:160]}", "run doctor as the user gatepost runs as")
        if (code == 0 and bool(said)) != (key == there):
            return Check(name, "fail", f"{key}: Postfix finds {said.strip()[:80]!r}", f"postmap {kind}")
    return Check(name, "ok", f"Postfix finds {there}, and nobody else" if there else "Postfix can look into it")
