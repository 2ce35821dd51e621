"""Several logs as one, by time.

Owns the order of blocks of lines: whole blocks while one log is alone with its times, single lines where logs overlap.
A line without a time stays behind the line before it. Memory is one block a file.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.mta.base import Dialect
from gatepost.source.lines import octets, read_blocks, split

Stamp = Callable[[str], float | None]
"""The event time of a line, None when it has none."""


def stamp_of(dialect: Dialect) -> Stamp:
    """The event times that a dialect reads; the dialect is this stamp's own."""

    def stamp(line: str) -> float | None:
        return dialect.read(line).time

    return stamp


class Block(Struct):
    """Whole lines of one file."""

    file: int
    """Which of the given files."""
    offset: int
    """Bytes before the first line."""
    lines: list[str]


class _Reader:
    """One file: the block at hand and the time of its first line."""

    def __init__(self, number: int, path: str, stamp: Stamp) -> None:
        self.number, self._stamp = number, stamp
        self._blocks = read_blocks(path)
        self._offset = 0
        self._time = float("-inf")
        self.lines: list[str] = []

    def fill(self) -> bool:
        """Have a block at hand; False at the end of the file.

        Raises:
            SourceError: the file cannot be read further.
        """
        if not self.lines:
            data = next(self._blocks, None)
            if data is None:
                return False
            self.lines = split(data)
        return True

    @property
    def head(self) -> float:
        """The time of the first line at hand."""
        return self._later(self.lines[0])

    def _later(self, line: str) -> float:
        time = self._stamp(line)
        return self._time if time is None else time

    def until(self, limit: float) -> Block:
        """The lines at hand up to a time, at least one."""
        whole = limit == float("inf") or self._later(self.lines[-1]) <= limit
        number = len(self.lines) if whole else self._before(limit)
        block = Block(self.number, self._offset, self.lines if whole else self.lines[:number])
        self._time = self._later(block.lines[-1]) if limit != float("inf") else self._time
        self._offset += octets(block.lines)
        self.lines = [] if whole else self.lines[number:]
        return block

    def _before(self, limit: float) -> int:
        for number, line in enumerate(self.lines):
            time = self._stamp(line)
            if time is not None and time > limit:
                return max(1, number)
        return len(self.lines)


def merge(paths: Sequence[str], stamps: Sequence[Stamp], broken: Callable[[SourceError], None]) -> Iterator[Block]:
    """Blocks of lines of all files, in the order of their times.

    Args:
        paths: files, "-" for standard input.
        stamps: one a file; each is asked in the order of its file's lines.
        broken: told of a file that cannot be read, or not to its end; the others go on.
    """
    readers = [_Reader(number, path, stamps[number]) for number, path in enumerate(paths)]
    while True:
        readers = [reader for reader in readers if _fill(reader, broken)]
        if not readers:
            return
        if len(readers) == 1:
            yield readers[0].until(float("inf"))
            continue
        heads = sorted((reader.head, reader.number, reader) for reader in readers)
        yield heads[0][2].until(heads[1][0])


def _fill(reader: _Reader, broken: Callable[[SourceError], None]) -> bool:
    try:
        return reader.fill()
    except SourceError as error:
        broken(error)
        return False
