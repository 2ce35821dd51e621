"""The corpus of Postfix lines, as pairs of a line and what it must be read as."""

import json
from collections.abc import Iterator
from pathlib import Path

from gatepost.core.units import Instant

FOLDER = Path(__file__).parents[2] / "corpus" / "postfix"
WRITTEN = Instant(1_772_449_200.0)
"""2026-03-02T11:00:00Z: when the corpus was last written, for stamps without a year."""


def names() -> list[str]:
    """The corpus files."""
    return sorted(path.name for path in FOLDER.glob("*.log"))


def pairs(name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Each line of one file with what is expected of it."""
    expected: dict[str, object] | None = None
    for line in (FOLDER / name).read_text("utf-8").split("\n")[:-1]:
        if line.startswith("#= "):
            expected = json.loads(line[3:])
        elif not line.startswith("# "):
            assert expected is not None, f"{name}: nothing is expected of {line!r}"
            yield line, expected
            expected = None


def lines() -> list[str]:
    """Every line of the corpus."""
    return [line for name in names() for line, _ in pairs(name)]
