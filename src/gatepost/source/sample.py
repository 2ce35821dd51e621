"""What is known of a log before it is read: its first lines, and when it was last written.

Owns what a dialect is found out from, and what tells the year of stamps that name none.
"""

from itertools import islice
from pathlib import Path

from gatepost.core.errors import SourceError
from gatepost.core.units import Instant
from gatepost.source.lines import open_binary, split

LINES = 200
"""Lines looked at."""

OCTETS = 1 << 17
"""Octets looked at."""


def first_lines(path: str) -> list[str]:
    """The first lines of a file; none of standard input, or when it cannot be read (reading it will say why)."""
    if path == "-":
        return []
    try:
        with open_binary(path) as stream:
            return list(islice(split(stream.read(OCTETS)), LINES))
    except (SourceError, OSError, EOFError, ValueError):
        return []


def written(path: str) -> Instant | None:
    """When a file was last written; None when nobody knows."""
    try:
        return Instant(Path("/dev/stdin" if path == "-" else path).stat().st_mtime)
    except OSError:
        return None
