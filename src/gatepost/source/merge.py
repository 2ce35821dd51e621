"""Several logs as one, by time.

Owns the order of blocks of lines: whole blocks while one log is alone with its times, single lines where logs overlap.
A line without a time stays behind the line before it. Memory is one block a file.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.mta.base import Dialect, Timed
from gatepost.source.lines import octets, read_blocks, split

Stamp = Callable[[str], float | None]
"""The event time of a line, None when it has none."""


def stamp_of(dialect: Dialect) -> Stamp:
    """The event times that a dialect reads; the dialect is this stamp's own."""
    if isinstance(dialect, Timed):
        return dialect.when

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
    """One file: the block at hand, how much of it was given, and the time of the line that comes next.

    Every line's time is read once, and none where a whole block comes before what the other files have.
    """

    def __init__(self, number: int, path: str, stamp: Stamp) -> None:
        self.number, self._stamp = number, stamp
        self._blocks = read_blocks(path)
        self._lines: list[str] = []
        self._at = self._offset = 0
        self.head = float("-inf")
        """The time of the next line; of one without, that of the line before."""
        self._last: float | None = None
        """The time of the block's last line; None: not looked at."""

    def fill(self) -> bool:
        """Have a line at hand; False at the end of the file.

        Raises:
            SourceError: the file cannot be read further.
        """
        if self._at == len(self._lines):
            data = next(self._blocks, None)
            if data is None:
                return False
            self._lines, self._at, self._last = split(data), 0, None
            self.head = self._later(self._lines[0])
        return True

    def _later(self, line: str) -> float:
        time = self._stamp(line)
        return self.head if time is None else time

    def until(self, limit: float) -> Block:
        """The lines at hand up to a time, at least one."""
        lines, at = self._lines, self._at
        end = self._at = len(lines) if self._ends_by(limit) else self._before(limit)
        block = Block(self.number, self._offset, lines[at:end])
        self._offset += octets(block.lines)
        return block

    def _ends_by(self, limit: float) -> bool:
        """Whether the rest of the block comes before a time."""
        if limit == float("inf"):
            return True
        if self._last is None:
            self._last = self._later(self._lines[-1])
        if self._last <= limit:
            self.head = self._last
        return self._last <= limit

    def _before(self, limit: float) -> int:
        """Where the next line behind a time is; the first at hand is never looked at again."""
        for number in range(self._at + 1, len(self._lines)):
            time = self._stamp(self._lines[number])
            if time is not None:
                self.head = time
                if time > limit:
                    return number
        return len(self._lines)


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
        readers.sort(key=_place)
        yield readers[0].until(readers[1].head)


def _place(reader: _Reader) -> tuple[float, int]:
    return reader.head, reader.number


def _fill(reader: _Reader, broken: Callable[[SourceError], None]) -> bool:
    try:
        return reader.fill()
    except SourceError as error:
        broken(error)
        return False
