"""Files that are there whole, or not at all.

Owns the one way gatepost writes where a mail server reads: temporary file in the same folder, fsync, rename, fsync of
the folder. Every refusal of the system becomes an ActionError that names path and remedy.
"""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from msgspec import Struct

from gatepost.core.errors import ActionError

PART = ".gatepost-part-"
"""Begin of the names of temporary files; Exim looks up no name that gatepost would deny by it."""

_REMEDIES = {
    errno.ENOENT: "its folder does not exist: create it, owned by the account gatepost runs as",
    errno.ENOTDIR: "a file is where a folder should be: correct the path in the configuration",
    errno.EISDIR: "there is a folder in its place: move it away, or configure format dsearch",
    errno.EACCES: "gatepost may not write here: give its account write permission on the folder",
    errno.EPERM: "gatepost may not change owner or mode here: run it as one that may, or leave owner and group out",
    errno.EROFS: "the file system is read-only: mount it writable",
    errno.ENOSPC: "the disk is full: make room; gatepost tries again",
    errno.EDQUOT: "the disk quota is used up: make room; gatepost tries again",
    errno.EIO: "the disk does not answer: see the kernel's log",
}

_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EINTR, errno.EAGAIN})
_MENDABLE = _PASSING | {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS}


class Owner(Struct, frozen=True):
    """Who may read what gatepost writes."""

    mode: int = 0o640
    owner: str = ""
    """A user's name; "" leaves it to the system."""
    group: str = ""
    """A group's name; "" leaves it to the system."""

    def ids(self) -> tuple[int, int]:
        """Numbers for chown, -1 for "leave it".

        Raises:
            ActionError: no such user or group.
        """
        return _number(self.owner, "user"), _number(self.group, "group")


def _number(name: str, kind: str) -> int:
    try:
        if not name:
            return -1
        return pwd.getpwnam(name).pw_uid if kind == "user" else grp.getgrnam(name).gr_gid
    except KeyError:
        msg = f"there is no {kind} {name!r} on this host: correct {'owner' if kind == 'user' else 'group'} of the table"
        raise ActionError(msg) from None


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an ActionError about a path; `retry` when the operator or time can mend it."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        remedy = _REMEDIES.get(number, "see the message of the system")
        msg = f"{path} cannot be written ({os.strerror(number) if number else error}): {remedy}"
        raise ActionError(msg, retry=number in _MENDABLE) from error


def write_own(path: Path, content: bytes, owner: Owner) -> None:
    """As `replace`, for a file of gatepost's own: its folder is made when it is not there.

    Raises:
        ActionError: the folder cannot be made, or the file not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{path.parent} cannot be made ({error.strerror}): create it, owned by the account gatepost runs as"
        raise ActionError(msg) from error
    replace(path, content, owner)


_BUSY: dict[Path, Lock] = {}
"""Folders of tables: two tables in one folder must not sweep each other's temporary files away."""

Prepare = Callable[[Path], Iterable[tuple[Path, Path]]]
"""Given the finished temporary file: more files that must take their places before it does, from where to where."""


def nothing_more(part: Path) -> tuple[()]:
    """The file stands alone."""
    return ()


def replace(path: Path, content: bytes, owner: Owner, prepare: Prepare = nothing_more) -> None:
    """Make a file hold this content, durably; readers see the old or the new one, never a part.

    Raises:
        ActionError: the system refused, or `prepare` did; nothing changed.
    """
    with _BUSY.setdefault(path.parent, Lock()), said(path):
        _sweep(path.parent)
        part = path.with_name(f"{PART}{os.getpid()}")
        try:
            _write(part, content)
            settle(part, owner)
            for made, place in prepare(part):
                settle(made, owner)
                made.replace(place)
            part.replace(path)
        except (OSError, ActionError):
            with suppress(OSError):
                _sweep(path.parent)
            raise
        sync(path.parent)


def _write(part: Path, content: bytes) -> None:
    """A new file that nobody else may read yet."""
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def settle(part: Path, owner: Owner) -> None:
    """Give a new file to whom it is for, and flush it to the disk."""
    uid, gid = owner.ids()
    handle = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if (uid, gid) != (-1, -1):
            os.fchown(handle, uid, gid)
        os.fchmod(handle, owner.mode)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove temporary files that a crash left behind."""
    for left in folder.glob(f"{PART}*"):
        left.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Make renames and removals in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def as_wanted(path: Path, owner: Owner) -> bool:
    """Whether an existing file has the mode and the owners asked for."""
    uid, gid = owner.ids()
    with said(path):
        found = path.stat()
    same = uid in (-1, found.st_uid) and gid in (-1, found.st_gid)
    return same and stat.S_IMODE(found.st_mode) == owner.mode
