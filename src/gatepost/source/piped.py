"""What another program writes into our standard input: lines that come once, and then never again.

Owns reading at the pace of who reads: what is not asked for stays in the pipe, and the writer waits. Nothing of it can
be read a second time, so each start begins a new generation of lines, and what a crash had not written down is lost.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace

from gatepost.core.ports import Position
from gatepost.source.given import Lines
from gatepost.source.lines import CHUNK, octets, split

STDIN = 0
"""The descriptor of standard input."""

PIECE = 1 << 17
"""Bytes read at once."""

LONGEST = CHUNK
"""Bytes kept of a line; the rest of a longer one is dropped with it, so that no piece of it passes for a line."""

QUIET = 1.0
"""Seconds without anything after which all that is there was read."""


class Piped:
    """One stream, read to its end."""

    def __init__(self, descriptor: int, position: Position | None) -> None:
        """Say what to read; nothing is read yet.

        Args:
            descriptor: of a pipe, a socket, a terminal or a file.
            position: where an earlier stream of the same source ended; None at the very first start.
        """
        before = position or Position()
        self.position = Position(before.generation + 1, newest=before.newest)
        self.at_end, self.trouble, self.gaps = False, "", 0
        self._descriptor, self._rest = descriptor, b""

    @property
    def where(self) -> str:
        """What everybody calls it."""
        return "standard input"

    @property
    def touched(self) -> float:
        """Whatever comes is read at once: only silence makes it idle."""
        return float("inf")

    async def lines(self) -> AsyncIterator[Lines]:
        """Lines until the stream ends; the last one needs no newline.

        Raises:
            OSError: it cannot be read.
        """
        while data := await self._read():
            whole, newline, tail = data.rpartition(b"\n")
            if newline:
                yield self._given(self._whole(whole))
                self._rest = b""
            self._rest = (self._rest + tail)[:LONGEST]
        if self._rest:
            rest, self._rest = self._rest, b""
            yield self._given(split(rest))
        self.at_end = True

    async def _read(self) -> bytes:
        """What came next; nothing at the end of the stream."""
        while not await self._ready():
            self.at_end = True
        data = os.read(self._descriptor, PIECE)
        self.at_end = False
        return data

    async def _ready(self) -> bool:
        """Whether reading would not wait; False after a second of silence."""
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._descriptor, came.set)
        except PermissionError:  # a file is always ready (epoll_ctl(2), EPERM)
            return True
        try:
            async with asyncio.timeout(QUIET):
                await came.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._descriptor)
        return True

    def _whole(self, data: bytes) -> list[str]:
        """The lines in what stands before a newline, the first one with what was there of it."""
        first, newline, others = data.partition(b"\n")
        return split((self._rest + first)[:LONGEST] + newline + others)

    def _given(self, lines: Sequence[str]) -> Lines:
        before = self.position
        self.position = replace(before, offset=before.offset + octets(lines))
        return Lines(before.generation, before.offset, list(lines), self.position)

    def close(self) -> None:
        """It stays open: what was not read belongs to whoever reads next."""
