"""Finds Exim's own memory of a queued message: the header file in its spool, ID-H. What it says is read in mta/exim."""

import os
import stat
from pathlib import Path

from gatepost.core.errors import SourceError
from gatepost.mta.decision import Decision
from gatepost.mta.exim.grammar import MESSAGE_ID
from gatepost.mta.exim.header import read_header

MOST = 1 << 20
"""Octets read of one file: access rules may keep variables of any size before the login."""

SPLIT = 5
"""Which character of a queue id names its folder, with split_spool_directory."""


class Spool:
    """The spool of one Exim."""

    def __init__(self, folder: Path) -> None:
        """Say where it is: what `exim -bP spool_directory` says."""
        self.folder = folder

    def find(self, queue_id: str) -> Decision | None:
        """What Exim remembers of a message; None when it is gone, or its file is not in Exim's form.

        Raises:
            SourceError: the spool cannot be read.
        """
        if MESSAGE_ID.fullmatch(queue_id) is None:
            return None
        for place in (self.folder / "input", self.folder / "input" / queue_id[SPLIT]):
            text = _text(place / f"{queue_id}-H")
            if text is not None:
                return read_header(text, queue_id)
        return None


def _text(path: Path) -> str | None:
    """The beginning of a file; None when it is not there, or is no ordinary file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path}: {error.strerror}; let this user read Exim's spool: gpasswd -a gatepost Debian-exim"
        raise SourceError(message) from error
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        return opened.read(MOST).decode("utf-8", "surrogateescape")
