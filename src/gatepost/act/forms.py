"""The two forms of a deny table for Exim: a file for lsearch, a folder for dsearch.

Owns how entries, key to incident, are written so that Exim reads exactly these keys, and how they are read back.
Writing what is there already touches nothing. What does not look like ours is never overwritten or deleted.

Source: Exim specification, chapter "File and database lookups", section "Single-key lookup types"; Exim's sources
src/lookups/lsearch.c, src/lookups/dsearch.c and string_dequote() in src/string.c.
"""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from gatepost.act.durable import Owner, as_wanted, replace, said, sync
from gatepost.act.keys import encoded, unfit
from gatepost.core.errors import ActionError

MAX_INCIDENT = 4096
"""Octets read of a file in a folder."""

HEAD = b"# Written by gatepost, as a whole and again and again: your own entries belong in another file.\n"


class Form(Protocol):
    """One way to hold a deny table."""

    def read(self) -> dict[str, str]:
        """The entries that are there: key to incident.

        Raises:
            ActionError: they cannot be read.
        """
        ...

    def write(self, ours: Mapping[str, str], kept: Mapping[str, str]) -> bool:
        """Make it hold exactly these; False when it did already.

        Args:
            ours: what the journal says.
            kept: entries found there that stay as they are.

        Raises:
            ActionError: they cannot be written.
        """
        ...


class File:
    """One line a key, for lsearch: `"ann@example.org": ann@example.org#3`."""

    def __init__(self, path: Path, owner: Owner) -> None:
        self.path, self.owner = path, owner

    def read(self) -> dict[str, str]:
        """The entries of the file; none when there is no file."""
        lines = (self._content() or b"").split(b"\n")
        return dict(entry for line in lines if (entry := _entry(line)) is not None)

    def write(self, ours: Mapping[str, str], kept: Mapping[str, str]) -> bool:
        """Replace the file; a table without entries is a file with its first line only."""
        entries = {**kept, **ours}
        content = HEAD + b"".join(_line(key, entries[key]) for key in sorted(entries))
        there = self._content()
        if (there is None and not entries) or (there == content and as_wanted(self.path, self.owner)):
            return False
        replace(self.path, content, self.owner)
        return True

    def _content(self) -> bytes | None:
        return content_of(self.path)


def content_of(path: Path) -> bytes | None:
    """What a table of ours holds; None when there is no file.

    Raises:
        ActionError: it cannot be read, or somebody else wrote it.
    """
    with said(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
    if content.strip() and not content.startswith(HEAD):
        msg = f"{path} was not written by gatepost: move it away, or choose another path for the table"
        raise ActionError(msg, retry=True)
    return content


def octets(text: str) -> bytes:
    """A key or an incident as it is written."""
    found = encoded(text)
    assert found is not None, "keys.unfit refuses such names"
    return found


def _line(key: str, incident: str) -> bytes:
    quoted = octets(key).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + quoted + b'": ' + octets(incident) + b"\n"


def _entry(line: bytes) -> tuple[str, str] | None:
    """One line as we write it, or with a bare key as somebody may have added it; None when it denies nobody."""
    text = line.decode("utf-8", "surrogateescape")
    if text.startswith('"'):
        key, rest = _dequote(text)
        incident = rest.removeprefix(": ")
    else:
        key, _, rest = text.strip().partition(":")
        key, incident = key.strip(), rest.strip()
    return None if text.startswith("#") or unfit(key, "lsearch") else (key, incident)


def _dequote(text: str) -> tuple[str, str]:
    """The key in double quotes at the start of a line, and what follows it."""
    key, at = "", 1
    while at < len(text) and text[at] != '"':
        at += text[at] == "\\"
        key += text[at : at + 1]
        at += 1
    return key, text[at + 1 :]


class Folder:
    """One file a key, for dsearch; the incident is its content."""

    def __init__(self, path: Path, owner: Owner) -> None:
        self.path, self.owner = path, owner

    def read(self) -> dict[str, str]:
        """The entries of the folder: its plain files, names that can be no key left out.

        Raises:
            ActionError: it cannot be read, or is no folder.
        """
        with said(self.path):
            if not self.path.exists():
                return {}
            files = [file for file in self.path.iterdir() if stat.S_ISREG(file.lstat().st_mode)]
            return {file.name: _incident(file) for file in files if not unfit(file.name, "dsearch")}

    def write(self, ours: Mapping[str, str], kept: Mapping[str, str]) -> bool:
        """Add and remove single files; those that stay are not touched."""
        if ours and not self.path.exists():
            msg = f"the folder {self.path} does not exist: create it, gatepost's own and open to the mail server"
            raise ActionError(msg, retry=True)
        there = self.read()
        gone = sorted(there.keys() - ours.keys() - kept.keys())
        wanted = [key for key in sorted(ours) if there.get(key) != ours[key] or not self._as_wanted(key)]
        for key in wanted:
            replace(self.path / key, octets(ours[key]) + b"\n", self.owner)
        with said(self.path):
            for key in gone:
                (self.path / key).unlink(missing_ok=True)
            if gone:
                sync(self.path)
        return bool(gone or wanted)

    def _as_wanted(self, key: str) -> bool:
        return as_wanted(self.path / key, self.owner)


def _incident(file: Path) -> str:
    """The first line of a small file."""
    with file.open("rb") as opened:
        return opened.read(MAX_INCIDENT).partition(b"\n")[0].decode("utf-8", "surrogateescape")
