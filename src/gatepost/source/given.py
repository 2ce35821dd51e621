"""Whole lines of one file, and the position behind them."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.ports import Position
from gatepost.source.lines import length


class Lines(Struct, frozen=True):
    """Whole lines of one file, and the position behind them."""

    generation: int
    offset: int
    lines: list[str]
    position: Position

    def singly(self) -> "Iterator[Lines]":
        """The same lines, each by itself; the last one carries the position behind all of them."""
        offset, last = self.offset, len(self.lines) - 1
        for number, line in enumerate(self.lines):
            after = offset + length(line)
            position = self.position if number == last else replace(self.position, offset=after)
            yield Lines(self.generation, offset, [line], position)
            offset = after

    def behind(self, offset: int) -> "Lines":
        """Those that begin at or behind an offset."""
        at = self.offset
        for number, line in enumerate(self.lines):
            if at >= offset:
                return replace(self, offset=at, lines=self.lines[number:])
            at += length(line)
        return replace(self, offset=at, lines=[])
