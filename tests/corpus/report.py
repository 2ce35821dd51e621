"""`make corpus`: what becomes of every line that is here to be read, by dialect.

The project's own corpora, and, where GATEPOST_SHARED names a folder with real logs, those of every server that has a
dialect. A line is read (it states something), ignored on purpose (with a fixed reason), or unread. Corpora hold unread
lines on purpose: forged ones and ones cut off. Of real logs no unread line may be about a login or a delivery.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct, field
from tests.mta.corpus import CORPUS, WRITTEN, names, pairs

from gatepost.mta import DIALECTS
from gatepost.mta.base import Record

SHARED = Path(os.environ.get("GATEPOST_SHARED", Path(__file__).parents[2] / "shared"))

CONCERNS = re.compile(
    r"auth|login|log(?:ged)? in|sasl|passw|deliver|stat(?:us)?=|bounce|defer|rejected|refused"
    r"| (?:[=-]>|\*\*|==|<=|>>|\*>) ",
    re.IGNORECASE,
)
"""Words of lines about a login or a delivery: rather too many than too few."""


class Row(Struct):
    """What became of one log's lines."""

    dialect: str
    source: str
    lines: int = 0
    read: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    concerned: list[str] = field(default_factory=list)
    """Unread lines about a login or a delivery."""


NOTE = "**NOTE: "
"""How Exim's test suite marks what it, and not Exim, wrote into a log."""


def count(dialect: str, source: str, files: Iterable[Iterable[str]]) -> Row:
    """Read logs with a dialect, each with a fresh reader; empty lines are none."""
    row = Row(dialect, source)
    for lines in files:
        read = DIALECTS[dialect](reference=WRITTEN).read
        for line in lines:
            if line and not line.startswith(NOTE):
                _enter(row, line, read(line))
    return row


def _enter(row: Row, line: str, record: Record) -> None:
    row.lines += 1
    if record.kind == "unread":
        row.unread[record.why] += 1
        if CONCERNS.search(line):
            row.concerned.append(line)
    elif record.kind == "ignored":
        row.ignored[record.why] += 1
    else:
        row.read += 1


def corpora() -> Iterator[Row]:
    """The project's own, one row for each server."""
    for folder in sorted(path.name for path in CORPUS.iterdir() if path.name in DIALECTS):
        yield count(folder, "corpus", ([line for line, _ in pairs(folder, name)] for name in names(folder)))


def real(shared: Path) -> Iterator[Row]:
    """Real logs of servers that have a dialect, one row for each file or folder of files."""
    logs = shared / "data" / "logs"
    for folder in sorted(logs.iterdir()) if logs.is_dir() else ():
        for path in sorted(folder.iterdir()) if folder.name in DIALECTS else ():
            if path.is_dir() or path.suffix == ".log":
                yield count(folder.name, f"real/{path.name}", _files(path))
    for path in sorted((shared / "captures").glob("*log.txt")):
        dialect = path.name.partition("-")[0].partition(".")[0]
        if dialect in DIALECTS:
            yield count(dialect, f"captured/{path.name}", _files(path))


def _files(path: Path) -> Iterator[list[str]]:
    """The lines of a file, or of each file of a folder."""
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    for each in files:
        if each.suffix not in {".json", ".jsonl"}:
            yield each.read_text("utf-8", "surrogateescape").split("\n")


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as text, the reasons of unread lines below each."""
    yield f"{'dialect':<10} {'source':<34} {'lines':>7} {'read':>7} {'ignored':>8} {'unread':>7}"
    for row in rows:
        ignored, unread = row.ignored.total(), row.unread.total()
        yield f"{row.dialect:<10} {row.source:<34} {row.lines:>7,} {row.read:>7,} {ignored:>8,} {unread:>7,}"
        yield from (f"{'':<10} unread: {why}: {number:,}" for why, number in row.unread.most_common())


def wrong(rows: Iterable[Row]) -> Iterator[str]:
    """What must not be: lines of real logs, about a login or a delivery, that are unread."""
    for row in rows:
        if row.source != "corpus":
            yield from (f"{row.dialect} {row.source}: unread: {line[:200]}" for line in row.concerned)


def main(shared: Path = SHARED) -> int:
    """Print the report; 1 when a real line about a login or a delivery is unread."""
    rows = [*corpora(), *real(shared)]
    print("\n".join(table(rows)))
    if not any(row.source != "corpus" for row in rows):
        print("no real logs: set GATEPOST_SHARED to a folder with data/logs")
    found = list(wrong(rows))
    print("\n".join(found) or "unread lines about a login or a delivery: 0")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
