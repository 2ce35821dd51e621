"""Mails as they lie about: standard input, files, Maildirs. At most so many octets of each are read."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.wire.mime import LONGEST


class Mail(Struct, frozen=True):
    """One mail, and where it is in a Maildir."""

    name: str
    data: bytes
    new: Path | None = None
    """Its file in the folder `new` of a Maildir; None: it is no such mail."""

    def seen(self) -> None:
        """Move it to `cur`, as a mail program does with what was read (https://cr.yp.to/proto/maildir.html).

        Raises:
            SourceError: it cannot be moved; it would be read again.
        """
        if self.new is None:
            return
        to = self.new.parent.parent / "cur" / f"{self.new.name.partition(':')[0]}:2,S"
        try:
            self.new.rename(to)
        except OSError as error:
            msg = f"{self.new}: cannot be moved to cur: {error.strerror}; let this user write there"
            raise SourceError(msg) from error


def mails(place: str) -> Iterator[Mail]:
    """The mails at a place: "-" is standard input, a folder a Maildir whose new ones are meant.

    Raises:
        SourceError: it cannot be read.
    """
    path = Path(place)
    try:
        if place == "-":
            yield Mail("-", _all(sys.stdin.buffer))
        elif path.is_dir():
            yield from _maildir(path)
        else:
            yield Mail(place, _read(path))
    except OSError as error:
        msg = f"{place}: cannot be read: {error.strerror}; name a mail, a Maildir, or - for standard input"
        raise SourceError(msg) from error


def _all(stream: BinaryIO) -> bytes:
    """The beginning; the rest is read too, or whoever writes into the pipe would fail."""
    data = stream.read(LONGEST)
    while stream.read(LONGEST):
        pass
    return data


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST)


def _maildir(folder: Path) -> Iterator[Mail]:
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        msg = f"{folder}: is no Maildir; name a folder that holds new and cur"
        raise SourceError(msg)
    for name in sorted(entry.name for entry in os.scandir(folder / "new") if entry.is_file(follow_symlinks=False)):
        yield Mail(name, _read(folder / "new" / name), folder / "new" / name)
