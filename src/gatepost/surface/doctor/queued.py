"""Whether Exim's spool can be asked who submitted a message."""

import os
from collections.abc import Iterator
from pathlib import Path

from gatepost.surface.doctor.check import Check


def look(name: str, spool: Path) -> Iterator[Check]:
    """The folder `input` must be there, and this user able to read it.

    Args:
        name: of the source.
        spool: what the configuration calls Exim's spool.
    """
    title, folder = f"log {name}: spool", spool / "input"
    if not folder.is_dir():
        blocked = spool.exists() and not os.access(spool, os.X_OK)
        says = f"{spool} is closed to this user" if blocked else f"{folder} is no folder"
        remedy = "gpasswd -a gatepost Debian-exim" if blocked else "correct it: exim -bP spool_directory says it"
        yield Check(title, "fail", says, remedy)
    elif not os.access(folder, os.R_OK | os.X_OK):
        remedy = "let this user read it: gpasswd -a gatepost Debian-exim"
        yield Check(title, "fail", f"{folder} is closed to this user: forged lines stay undecided", remedy)
    else:
        yield Check(title, "ok", f"{spool} can be asked who submitted a message")
