"""The corpora of servers that write to syslog: pairs of a line and what it must be read as."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import to_builtins

from gatepost.core.units import Instant, iso
from gatepost.mta.base import Record
from gatepost.mta.courier import Courier
from gatepost.mta.cyrus import Cyrus
from gatepost.mta.dovecot import Dovecot, DovecotFile
from gatepost.mta.syslogged import Program, Syslogged

CORPUS = Path(__file__).parents[1] / "corpus"
WRITTEN = Instant(1_772_449_200.0)
"""2026-03-02T11:00:00Z: when the corpora were last written, for stamps without a year."""

PROGRAMS: dict[str, Callable[[], Program]] = {"dovecot": Dovecot, "cyrus": Cyrus, "courier": Courier}


def names() -> list[tuple[str, str]]:
    """Every corpus file, as its folder and its name."""
    return [(folder, path.name) for folder in PROGRAMS for path in sorted((CORPUS / folder).glob("*.log"))]


def reader(folder: str, name: str) -> Callable[[str], Record]:
    """A fresh reader for a corpus file: `own-file.log` is one that the server wrote without syslog."""
    if name == "own-file.log":
        return DovecotFile(reference=WRITTEN).read
    return Syslogged((PROGRAMS[folder](),), reference=WRITTEN).read


def pairs(folder: str, name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Each line of one file with what is expected of it."""
    expected: dict[str, object] | None = None
    for line in (CORPUS / folder / name).read_text("utf-8").split("\n")[:-1]:
        if line.startswith("#= "):
            expected = json.loads(line[3:])
        elif not line.startswith("# "):
            assert expected is not None, f"{folder}/{name}: nothing is expected of {line!r}"
            yield line, expected
            expected = None


def lines(folder: str) -> list[str]:
    """Every line of one server's corpus."""
    return [line for place, name in names() if place == folder for line, _ in pairs(place, name)]


def stated(record: Record) -> dict[str, object]:
    """The fields that a record states, the time written out."""
    fields: dict[str, object] = json.loads(json.dumps(to_builtins(record)))
    if record.time is not None:
        fields["time"] = iso(record.time)
    return fields
