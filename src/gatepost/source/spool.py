"""What came over the network and cannot be asked for again: kept in files until it is durable elsewhere.

Owns numbered segments of one host's lines. A segment's number is the generation of its lines, so that a position in a
spool is one in a log, and a line that was recorded is not recorded twice. A segment is deleted when the state has gone
beyond it. Every start begins a new segment: half a line that a crash or a power cut left is never continued.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from gatepost.core.ports import Position
from gatepost.source.given import Lines
from gatepost.source.lines import split

SEGMENT = 16 << 20
"""Bytes of one segment."""

PIECE = 1 << 17
"""Bytes given at once: so few that sockets are read again soon, a kernel's buffer of datagrams being small."""

DIGITS = 8
"""Digits of a segment's name."""


class Spool:
    """The lines of one host on their way."""

    def __init__(
        self, folder: Path, position: Position | None, durable: Callable[[], Position | None], most: int
    ) -> None:
        """Look at what is there; nothing is opened yet.

        Args:
            folder: where segments are; made when it is missing.
            position: where reading ended the last time; None at the very first start.
            durable: how far the state has come.
            most: bytes kept; beyond that nothing is taken.

        Raises:
            OSError: the folder cannot be made or read.
        """
        self.position = position or Position(1)
        self.at_end, self.trouble, self.gaps = False, "", 0
        self.dropped = 0
        """Lines that were not taken."""
        self._folder, self._durable, self._most = folder, durable, most
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sizes = {int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdigit()}
        self._last = max([*self._sizes, self.position.generation])
        self._writing, self._reading = -1, -1
        self._came = asyncio.Event()
        self._lost()

    def _lost(self) -> None:
        """A power cut may take what the kernel had not written yet, though the state knows that it was read."""
        if self._sizes.get(self.position.generation, self.position.offset) < self.position.offset:
            self.gaps += 1

    @property
    def where(self) -> str:
        """The folder of the segments."""
        return str(self._folder)

    @property
    def touched(self) -> float:
        """When a line last came, by the clock of the file system; 0.0 when none ever did."""
        try:
            return self._path(self._last).stat().st_mtime
        except OSError:
            return 0.0

    @property
    def full(self) -> bool:
        """Whether as much waits as may be kept."""
        return sum(self._sizes.values()) >= self._most

    def add(self, lines: Sequence[bytes]) -> bool:
        """Keep lines, all or none of them.

        Returns:
            False: there is no room, on the disk or by `most`; they are not kept, and it is the caller's to wait or to
            count them as dropped.
        """
        data = b"\n".join(lines) + b"\n"
        if self.full:
            self.trouble = f"{self._folder}: {self._most >> 20} MB wait and no more is taken; see backlog"
            return False
        try:
            self._write(data)
        except OSError as error:
            self.trouble = f"{self._folder}: {error.strerror}; make room, or let this user write there"
            self._end_segment()
            return False
        self.trouble = ""
        self._came.set()
        return True

    def _write(self, data: bytes) -> None:
        if self._writing < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._writing = os.open(self._path(self._last + 1), flags, 0o600)
            self._last += 1
            self._sizes[self._last] = 0
        size = self._sizes[self._last]
        written = os.write(self._writing, data)
        if written < len(data):
            os.ftruncate(self._writing, size)
            msg = "the disk is full"
            raise OSError(28, msg)
        self._sizes[self._last] = size + written
        if size + written >= SEGMENT:
            self._end_segment()

    def _end_segment(self) -> None:
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def clean(self) -> None:
        """Delete the segments that the state has gone beyond."""
        if self._sizes.keys() <= ({self._last} if self._writing >= 0 else set()):
            return
        durable = self._durable()
        if durable is None:
            return
        for number, size in list(self._sizes.items()):
            written = self._writing >= 0 and number == self._last
            if not written and (number, size) <= (durable.generation, durable.offset):
                self._path(number).unlink(missing_ok=True)
                del self._sizes[number]

    async def lines(self) -> AsyncIterator[Lines]:
        """Lines for ever; waits for more where nothing is left."""
        while True:
            found = self._next()
            if found is not None:
                self.at_end = False
                yield found
                continue
            self.at_end = True
            await self._came.wait()
            self._came.clear()

    def _next(self) -> Lines | None:
        """The next whole lines, or None when there are none."""
        while True:
            before = self.position
            data = self._read(before)
            end = data.rfind(b"\n")
            if end >= 0:
                self.position = replace(before, offset=before.offset + end + 1)
                return Lines(before.generation, before.offset, split(data[:end]), self.position)
            later = [number for number in self._sizes if number > before.generation]
            if not later:
                return None
            self._close_read()
            self.position = Position(min(later), newest=before.newest)

    def _read(self, at: Position) -> bytes:
        """What stands behind a position, at most PIECE bytes."""
        if at.generation not in self._sizes:
            return b""
        if self._reading < 0:
            self._reading = os.open(self._path(at.generation), os.O_RDONLY | os.O_CLOEXEC)
        return os.pread(self._reading, PIECE, at.offset)

    def _close_read(self) -> None:
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1

    def close(self) -> None:
        """Let go of the files."""
        self._end_segment()
        self._close_read()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:0{DIGITS}}"
