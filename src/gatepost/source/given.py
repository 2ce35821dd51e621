"""Whole lines of one source, the position behind them, and what a source is to those who read it."""

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

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

    def pieces(self, number: int) -> "Iterator[Lines]":
        """The same lines in small blocks, each with the position behind it.

        Lines whose position lies in another file, as after a truncation, stay together: there is no place between them
        from which reading could go on.
        """
        offset, last = self.offset, len(self.lines) - number
        if last <= 0 or self.generation != self.position.generation:
            yield self
            return
        for start in range(0, len(self.lines), number):
            lines = self.lines[start : start + number]
            after = offset + sum(map(length, lines))
            position = self.position if start >= last else replace(self.position, offset=after)
            yield Lines(self.generation, offset, lines, position)
            offset = after

    def behind(self, offset: int) -> "Lines":
        """Those that begin at or behind an offset."""
        at = self.offset
        for number, line in enumerate(self.lines):
            if at >= offset:
                return replace(self, offset=at, lines=self.lines[number:])
            at += length(line)
        return replace(self, offset=at, lines=[])


class Source(Protocol):
    """Lines that keep coming, each once and in order, from where reading ended the last time."""

    at_end: bool
    """Everything that is there was read."""
    trouble: str
    """Why it cannot be read right now, with the remedy; "" when it can."""
    gaps: int
    """Times that lines were lost."""

    @property
    def where(self) -> str:
        """What to call it in messages: the path of a log."""
        ...

    @property
    def touched(self) -> float:
        """When something last came, whether it was read or not; 0.0 when it cannot be known."""
        ...

    def lines(self) -> AsyncIterator[Lines]:
        """Lines, waiting for more where there are none; it ends when none will ever come.

        Raises:
            OSError: it broke off; after `close` it can be asked again, and goes on behind the last lines.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
