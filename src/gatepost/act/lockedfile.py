"""Passwords in a file with a line a login: Dovecot's passwd-file, and the files that Exim looks up with lsearch.

Owns the place of the mark in a line: in front of the password. The file is changed under a lock, by a new one that
takes its place with owner, mode and extended attributes as they were; the new one is beside the old one for a moment,
for the same readers. Every other octet stays as it is.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from gatepost.act.credentials import GONE
from gatepost.act.durable import said, sync
from gatepost.act.keys import lower
from gatepost.core.errors import ActionError

Form = Literal["dovecot", "exim"]

_LINES: dict[Form, re.Pattern[bytes]] = {
    "dovecot": re.compile(rb"(?m)^(?P<key>[^:#\s][^:\r\n]*):(?P<value>[^\r\n]*)"),
    "exim": re.compile(
        rb'(?m)^(?:"(?P<quoted>(?:[^"\\\r\n]|\\[^\r\n])*)"|(?P<key>[^\s:#"][^\s:]*))'
        rb"(?:[ \t]*:)?[ \t]*(?P<value>[^\r\n]*)"
    ),
}
"""A login and what is kept of it. Sources: Dovecot's manual, passwd-file; Exim's specification, chapter 9.3, lsearch:
keys end at a colon or white space, may be in quotes, and are compared without upper and lower case."""

PART = ".gatepost-locked-"
"""Begins the name of the new file."""

Held = tuple[int, int, int, int]
"""Device, inode, length and time of change of a file."""


class FileLock:
    """Passwords in one file."""

    def __init__(self, path: Path, form: Form) -> None:
        """Say which."""
        self.place = str(path)
        self._path, self._form = path, form

    def lock(self, names: Sequence[str], mark: str) -> str:
        """Set the mark in front of the password of each line whose login one of the names is.

        Raises:
            ActionError: no line, or two with one login; a name or mark that a line cannot hold; the file cannot be
                written.
        """
        if set(mark) & set(':"\\\r\n'):
            msg = f"{self._path}: the mark {mark!r} cannot stand in a line; change this account's password by hand"
            raise ActionError(msg)
        octets = mark.encode("utf-8", "surrogateescape")
        with self._held() as (content, write):
            places = self._places(content, names)
            if not places:
                msg = f"{self._path}: no line has the login {names[0]!r}: it is kept elsewhere, or the format is wrong"
                raise ActionError(msg)
            new = [at for at in places if octets not in self._field(content, at)]
            write(_put(content, new, octets))
        return f"{len(new)} line of {self._path} locked" if new else f"locked in {self._path} already"

    def unlock(self, names: Sequence[str], mark: str) -> str:
        """Take the mark away."""
        octets = mark.encode("utf-8", "surrogateescape")
        with self._held() as (content, write):
            places = [at for at in self._places(content, names) if octets in self._field(content, at)]
            write(_take(content, places, octets))
        return f"{len(places)} line of {self._path} unlocked" if places else f"{self._path}: {GONE}"

    def changed(self, locked: Sequence[tuple[Sequence[str], str]]) -> Sequence[bool]:
        """Whether a line with one of the names is there and none has the mark."""
        with said(self._path):
            content = self._path.read_bytes()
        places = self._logins(content)
        return [self._changed(content, self._alone(places, names), mark) for names, mark in locked]

    def _changed(self, content: bytes, places: Sequence[int], mark: str) -> bool:
        octets = mark.encode("utf-8", "surrogateescape")
        return bool(places) and not any(octets in self._field(content, at) for at in places)

    def _places(self, content: bytes, names: Sequence[str]) -> list[int]:
        """Where the values of these logins begin; none may be that of two lines."""
        return self._alone(self._logins(content), names)

    def _logins(self, content: bytes) -> Mapping[bytes, Sequence[int]]:
        """Where the values of each login begin."""
        found: dict[bytes, list[int]] = {}
        for line in _LINES[self._form].finditer(content):
            found.setdefault(self._folded(_login(line)), []).append(line.start("value"))
        return found

    def _alone(self, logins: Mapping[bytes, Sequence[int]], names: Sequence[str]) -> list[int]:
        wanted = {self._folded(name.encode("utf-8", "surrogateescape")) for name in names} & logins.keys()
        for login in wanted:
            if len(logins[login]) > 1:
                lines, name = len(logins[login]), login.decode("utf-8", "replace")
                raise ActionError(f"{self._path}: {lines} lines have the login {name!r}, nothing was locked")
        return sorted(place for login in wanted for place in logins[login])

    def _field(self, content: bytes, at: int) -> bytes:
        """What is kept of a login, as far as its password may reach."""
        line = content[at:].partition(b"\n")[0]
        return line.partition(b":")[0] if self._form == "dovecot" else line

    def _folded(self, login: bytes) -> bytes:
        """Exim compares without upper and lower case, Dovecot octet for octet."""
        if self._form == "dovecot":
            return login
        return lower(login.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    @contextlib.contextmanager
    def _held(self) -> Iterator[tuple[bytes, "Write"]]:
        """The content, and what puts another in its place, while no one else who heeds the lock changes it."""
        path = Path(os.path.realpath(self._path))
        if not path.exists():
            raise ActionError(
                f"{path} is not there, or out of gatepost's reach: correct path, or its access", retry=True
            )
        with said(path), path.open("rb") as file:
            _lock(file.fileno(), path)
            before = _seen(os.fstat(file.fileno()))
            content = file.read()
            if _seen(path.stat()) != before:
                raise ActionError(f"{path} was changed by someone else meanwhile: tried again", retry=True)
            yield content, Write(path, content, before)


class Write:
    """Puts a new content in a file's place."""

    def __init__(self, path: Path, content: bytes, before: Held) -> None:
        self._path, self._content, self._before = path, content, before

    def __call__(self, content: bytes) -> None:
        """Replace the file, unless nothing changed, or somebody else changed it."""
        if content == self._content:
            return
        part = self._path.with_name(f"{PART}{self._path.name}")
        part.unlink(missing_ok=True)  # a crash left it
        try:
            _copy(self._path, part, content)
            if _seen(self._path.stat()) != self._before:
                raise ActionError(f"{self._path} was changed by someone else meanwhile: tried again", retry=True)
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)
        sync(self._path.parent)


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ActionError(f"{path} is locked by another program: tried again", retry=True) from None


def _copy(path: Path, part: Path, content: bytes) -> None:
    """A new file with the owner, mode and extended attributes (access lists among them) of another."""
    like = path.stat()
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fchown(handle, like.st_uid, like.st_gid)
        os.fchmod(handle, like.st_mode & 0o7777)
        for name in os.listxattr(path):
            os.setxattr(handle, name, os.getxattr(path, name))
        os.fsync(handle)


def _seen(found: os.stat_result) -> Held:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _login(line: re.Match[bytes]) -> bytes:
    quoted = line.groupdict().get("quoted")
    return line["key"] if quoted is None else re.sub(rb"\\(.)", rb"\1", quoted)


def _put(content: bytes, places: Sequence[int], mark: bytes) -> bytes:
    """The content with a mark at each of these places."""
    for at in reversed(places):
        content = content[:at] + mark + content[at:]
    return content


def _take(content: bytes, places: Sequence[int], mark: bytes) -> bytes:
    """The content without the mark of the values at these places."""
    for at in reversed(places):
        start = content.index(mark, at)
        content = content[:start] + content[start + len(mark) :]
    return content
