"""The corpora: pairs of a line and what it must be read as. `#= {…}` says it of the line below, `# ` is a remark."""

import json
from collections.abc import Iterator
from pathlib import Path

from gatepost.core.units import Instant

CORPUS = Path(__file__).parents[1] / "corpus"
WRITTEN = Instant(1_772_449_200.0)
"""2026-03-02T11:00:00Z: when the corpora were last written, for stamps without a year."""


def names(server: str) -> list[str]:
    """The files of one server's corpus."""
    return sorted(path.name for path in (CORPUS / server).glob("*.log"))


def pairs(server: str, name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Each line of one file with what is expected of it."""
    expected: dict[str, object] | None = None
    for line in (CORPUS / server / name).read_text("utf-8").split("\n")[:-1]:
        if line.startswith("#= "):
            expected = json.loads(line[3:])
        elif not line.startswith("# "):
            assert expected is not None, f"{server}/{name}: nothing is expected of {line!r}"
            yield line, expected
            expected = None


def lines(server: str) -> list[str]:
    """Every line of one server's corpus."""
    return [line for name in names(server) for line, _ in pairs(server, name)]
