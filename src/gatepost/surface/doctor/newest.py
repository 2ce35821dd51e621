"""The newest lines of a log, and whether it may be read at all."""

import grp
import os
import stat
from collections import deque
from pathlib import Path

from gatepost.source.lines import read_lines, split
from gatepost.source.rotation import PACKED
from gatepost.surface.doctor.check import Check

MOST_LINES = 5000
MOST_BYTES = 4 << 20
"""Enough for MOST_LINES of 800 octets."""


def readable(name: str, path: Path) -> Check:
    """Whether this user can read the file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return Check(name, "fail", f"{path} does not exist", "correct the path: look where the mail server logs")
    except OSError as error:
        return Check(name, "fail", f"{path}: {error.strerror}", "let this user enter every folder above the log")
    if not stat.S_ISREG(found.st_mode):
        return Check(name, "fail", f"{path} is no ordinary file", "name the log file itself")
    if not os.access(path, os.R_OK):
        remedy = (
            f"add the user gatepost runs as to group {_group(found.st_gid)}: gpasswd -a gatepost {_group(found.st_gid)}"
        )
        if not found.st_mode & stat.S_IRGRP:
            remedy = f"make the log readable for its group: chmod g+r {path}, and in the rotation's `create` line"
        return Check(name, "fail", f"{path} cannot be read by this user", remedy)
    if not found.st_size:
        return Check(name, "warn", f"{path} is empty", "look whether the mail server writes elsewhere")
    return Check(name, "ok", f"{path} can be read, {found.st_size:,} octets")


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def newest(path: Path) -> list[str]:
    """The last lines, oldest first; a first line that is cut is left out.

    Raises:
        OSError: the file cannot be read.
        SourceError: a packed file breaks off.
    """
    if path.suffix in PACKED:
        return [line for _, line in deque(read_lines(str(path)), MOST_LINES)]
    with path.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - MOST_BYTES)
        file.seek(start)
        lines = split(file.read(MOST_BYTES))
    lines = lines[1:] if start else lines
    return (lines[:-1] if lines and not lines[-1] else lines)[-MOST_LINES:]
