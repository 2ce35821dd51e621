"""Whether the state can be kept."""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from gatepost.core.errors import StoreError
from gatepost.store.sqlite import Sqlite
from gatepost.surface.doctor.check import Check

NAME = "state"


def look(path: Path) -> Iterator[Check]:
    """The folder, the file, whose it is and who may read it."""
    folder = path.parent
    if not folder.is_dir():
        yield _made_later(folder)
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        says = f"{folder} cannot be written by this user"
        yield Check(NAME, "fail", says, f"give it to the user gatepost runs as: chown gatepost {folder}")
        return
    if not path.exists():
        yield Check(NAME, "ok", f"{path} is made at the first start")
        return
    yield from _file(path)


def _made_later(folder: Path) -> Check:
    above = next((parent for parent in folder.parents if parent.exists()), Path("/"))
    remedy = f"make it: install -d -o gatepost -m 750 {folder}"
    if not os.access(above, os.W_OK):
        return Check(NAME, "fail", f"the folder {folder} does not exist and cannot be made by this user", remedy)
    return Check(NAME, "warn", f"the folder {folder} does not exist; it is made at the first start", remedy)


def _file(path: Path) -> Iterator[Check]:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        yield Check(NAME, "fail", f"{path} is no ordinary file", "move it away, or set state.path")
        return
    if os.geteuid() not in (0, found.st_uid):
        says = f"{path} belongs to {_user(found.st_uid)}, doctor runs as {_user(os.geteuid())}"
        yield Check(NAME, "warn", says, f"run doctor as {_user(found.st_uid)}: it sees what gatepost sees")
    if found.st_mode & stat.S_IRWXO:
        says = f"{path} is open to every user of this host; it holds mail addresses"
        yield Check(f"{NAME}: privacy", "warn", says, f"chmod o-rwx {path}")
    try:
        with Sqlite.open(path, readonly=True) as store:
            standing = len(store.find(standing=True))
    except StoreError as error:
        yield Check(NAME, "fail", str(error), "move it away or bring back a copy; gatepost starts anew without it")
        return
    yield Check(NAME, "ok", f"{path} can be read; {standing} incidents stand")


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
