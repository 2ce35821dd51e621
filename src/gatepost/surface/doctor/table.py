"""Whether a deny table can be written, says what the state says, and is open to Exim."""

import grp
import json
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from gatepost.act.durable import Owner
from gatepost.act.formats import form_of
from gatepost.act.listed import Listed
from gatepost.act.table import Table
from gatepost.config.settings import TableSettings
from gatepost.core.incident import ENSURES
from gatepost.store.sqlite import Sqlite
from gatepost.surface.doctor.check import Check

GROUPS = {"lsearch": "Debian-exim", "dsearch": "Debian-exim", "passwd-file": "dovecot"}


def look(table: TableSettings, state: Path) -> Iterator[Check]:
    """The place, the owner, the content."""
    name = f"table {table.path}"
    yield _place(f"{name}: folder", table)
    yield from _owner(f"{name}: owner", table)
    yield from _content(f"{name}: content", table, state)


def entries(table: TableSettings) -> dict[str, str]:
    """The entries that are there: login to incident.

    Raises:
        ActionError: the table cannot be read, or is not ours.
    """
    form = form_of(table.format, Path(table.path), Owner(), services=table.services)
    return form.everywhere() if isinstance(form, Listed) else form.read()


def _place(name: str, table: TableSettings) -> Check:
    folder = Path(table.path) if table.format == "dsearch" else Path(table.path).parent
    remedy = f"make it: install -d -o gatepost -g {table.group or GROUPS.get(table.format, 'postfix')} -m 2750 {folder}"
    if not folder.is_dir():
        return Check(name, "fail", f"{folder} does not exist", remedy)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check(name, "fail", f"{folder} cannot be written by this user", f"chown gatepost {folder}")
    if folder.stat().st_mode & stat.S_IWOTH:
        return Check(name, "fail", f"{folder} can be written by every user of this host", f"chmod o-w {folder}")
    return Check(name, "ok", f"{folder} can be written")


def _owner(name: str, table: TableSettings) -> Iterator[Check]:
    """Names that do not exist, or that this user may not give files to."""
    for kind, wanted, known in (("user", table.owner, pwd.getpwnam), ("group", table.group, grp.getgrnam)):
        try:
            found = known(wanted) if wanted else None
        except KeyError:
            yield Check(name, "fail", f"there is no {kind} {wanted!r} on this host", f"correct {kind} of this action")
            continue
        if isinstance(found, grp.struct_group) and os.geteuid() and found.gr_gid not in (os.getegid(), *os.getgroups()):
            says = f"this user is not in group {wanted}, and may not give files to it"
            yield Check(name, "fail", says, f"gpasswd -a gatepost {wanted}, then restart gatepost")


def _content(name: str, table: TableSettings, state: Path) -> Iterator[Check]:
    there = entries(table)
    if not state.exists():
        says = f"{len(there)} entries, and no state to compare them with"
        yield Check(name, "warn" if there else "ok", says, "they stay denied until you take them out" if there else "")
        return
    with Sqlite.open(state, readonly=True) as journal:
        on = frozenset(ENSURES[step] for step in table.on)
        ours = Table(journal, path=Path(table.path), format=table.format, on=on, services=table.services)
        kept = ours.kept()
        missing = sorted(_wanted(journal, ours.name) - there.keys())
    if missing:
        says = f"{len(missing)} stopped accounts are not in it, such as {missing[0]!r}"
        yield Check(name, "fail", says, "start gatepost watch: it writes the table again; then see who changed it")
    if kept:
        says = f"{len(kept)} entries of which the state knows nothing, such as {kept[0]!r}: they stay denied"
        yield Check(name, "warn", says, "bring the lost state back, or take them out of the table by hand")
    if not missing and not kept:
        yield Check(name, "ok", f"{len(there)} entries, as the state says")


def _wanted(journal: Sqlite, action: str) -> set[str]:
    return {str(key) for row in journal.standing(action) for key in json.loads(row.undo)["spellings"]}


class Reader(Struct, frozen=True):
    """A user that reads a table."""

    name: str
    uid: int
    gids: frozenset[int]


def reader(user: str, group: str) -> Reader | None:
    """Exim's user as the system knows it, by name or number; None when there is none."""
    try:
        found = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
        gid = (int(group) if group.isdigit() else grp.getgrnam(group).gr_gid) if group else found.pw_gid
    except KeyError:
        return None
    more = {one.gr_gid for one in grp.getgrall() if found.pw_name in one.gr_mem}
    return Reader(found.pw_name, found.pw_uid, frozenset({gid, found.pw_gid, *more}))


def open_to(table: TableSettings, who: Reader) -> Check:
    """Whether that user gets through every folder and may read what lies there."""
    name, path = f"table {table.path}: open to Exim", Path(table.path)
    for folder in reversed(path.parents):
        if folder.exists() and not _may(folder.stat(), who, stat.S_IXOTH):
            remedy = f"give {folder} to a group that {who.name} is in, and chmod g+x it"
            return Check(name, "fail", f"{who.name} may not enter {folder}", remedy)
    if table.format == "dsearch" and path.exists() and not _may(path.stat(), who, stat.S_IROTH | stat.S_IXOTH):
        says = f"{who.name} may not list {path}: Exim answers every login with 451 then"
        return Check(name, "fail", says, f"chmod g+rx {path}, group of {who.name}; move it away to let mail flow now")
    if table.format == "lsearch" and not _file_open(table, path, who):
        says = f"{who.name} may not read {path} once it is there: Exim answers every login with 451 then"
        remedy = 'set group of this action to Exim\'s, or mode = "0644"; move the file away to let mail flow now'
        return Check(name, "fail", says, remedy)
    return Check(name, "ok", f"{who.name} can read it" if path.exists() else f"{who.name} will be able to read it")


def _file_open(table: TableSettings, path: Path, who: Reader) -> bool:
    """Whether the file, or the one gatepost would write now, can be read; the first one comes with the first block."""
    if path.exists():
        return _may(path.stat(), who, stat.S_IROTH)
    mode, folder = int(table.mode, 8), path.parent
    if mode & stat.S_IROTH or not folder.exists():
        return True
    if table.group:
        gid = _gid(table.group)
    else:
        gid = folder.stat().st_gid if folder.stat().st_mode & stat.S_ISGID else os.getegid()
    return bool(mode & stat.S_IRGRP) and gid in who.gids


def _gid(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return -1


def _may(found: os.stat_result, who: Reader, bits: int) -> bool:
    """By the mode bits (path_resolution(7)); access lists are not looked at."""
    if who.uid == 0:
        return True
    shift = 6 if found.st_uid == who.uid else 3 if found.st_gid in who.gids else 0
    return found.st_mode >> shift & bits == bits
