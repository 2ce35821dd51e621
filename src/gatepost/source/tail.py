"""A log file followed through its rotations.

Owns where reading begins and goes on: by the first bytes through renames, copies that truncate, packed predecessors
and file systems that were mounted again, and from the start when a log appears late. Lines are given whole, once, in
order.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from gatepost.core.errors import SourceError
from gatepost.core.ports import Position
from gatepost.source.cut import cut, last_end
from gatepost.source.given import Lines
from gatepost.source.lines import CHUNK, read_blocks, split
from gatepost.source.merge import Stamp
from gatepost.source.rotation import HEAD, head_of, placed, predecessors, since, size_of
from gatepost.source.wake import Wake

LONGEST = 4 * CHUNK
"""Bytes of one line; what is longer is given in pieces, which no dialect can read."""

SETTLE = 2
"""Quiet looks at a renamed file before it is left: a writer may still hold it open."""


class Tail:
    """One followed file."""

    def __init__(
        self,
        path: Path,
        position: Position | None = None,
        learn_since: float | None = None,
        stamp: Stamp | None = None,
    ) -> None:
        """Say what to follow; nothing is opened yet.

        Args:
            path: the log.
            position: where reading ended the last time; None at the very first start.
            learn_since: at the very first start, older files changed after this instant are read first, and the log
                from its first line of then; None: begin at the end of the log.
            stamp: reads a line's time; None: the log is read from its first line.
        """
        self.path = path
        self.position = position or Position()
        self._first = position is None
        self._learn_since, self._stamp = learn_since, stamp
        self.at_end = False
        """Everything that is there was read."""
        self.trouble = ""
        """Why the log cannot be read right now, for doctor and the log."""
        self.gaps = 0
        """Times that lines were lost: a rotated file was gone before it was read to its end."""
        self._file: BinaryIO | None = None
        self._rest = b""
        self._quiet, self._renamed, self._cut_off = 0, False, False
        self._before = self.position
        """Where reading ended in the last file of which something was read: one that can be recognised."""

    @property
    def touched(self) -> float:
        """When the log was last written to, by the clock of its file system; 0.0 when it is not there."""
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    @property
    def where(self) -> str:
        """The log's path."""
        return str(self.path)

    async def lines(self) -> AsyncIterator[Lines]:
        """Lines for ever, woken by the log's own folder."""
        async with Wake(self.path.parent) as wake:
            async for lines in self.read(wake):
                yield lines

    async def read(self, wake: Wake) -> AsyncIterator[Lines]:
        """Lines for ever; waits for more at the end of the log."""
        while not self._ready():
            self.at_end = True
            await wake.wait()
        for old in self._catch_up():
            yield old
        while True:
            new = self._next()
            if new is not None:
                self.at_end = False
                yield new
            elif self._renamed or self._cut_off:
                for old in self._turn():
                    self.at_end = False
                    yield old
            else:
                self.at_end = True
                await wake.wait()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    # What is already there

    def _ready(self) -> bool:
        """Whether the log, or what it was renamed to, is there: a log that is away for a while is waited for."""
        if self._first or self.path.exists() or since(self.path, self.position)[0] is not None:
            return True
        self.trouble = f"{self.path}: is not there; waiting for it"
        return False

    def _catch_up(self) -> Iterator[Lines]:
        if self._first:
            self._first = False
            yield from self._learn()
        elif not self._continues():
            yield from self._missed()

    def _learn(self) -> Iterator[Lines]:
        """The very first start: older files, or none of them and the log from its end."""
        if self._learn_since is None:
            if self._open() and self._file is not None:
                self._begin(last_end(self._file.fileno()))
            return
        for old in predecessors(self.path, self._learn_since):
            yield from self._whole(old, 0)
        self.position = Position(self.position.generation + 1)
        if self._stamp is not None and self._open() and self._file is not None:
            self._begin(cut(self._file.fileno(), self._learn_since, self._stamp))

    def _continues(self) -> bool:
        """Open the log where reading ended; False when it is another file now."""
        before = self.position
        if not self._open(before.offset, adopt=False):
            return False
        assert self._file is not None
        now = self._identity()
        same = (now.device, now.inode) == (before.device, before.inode) or before.offset > 0
        if not same or not self._head_fits(before.head) or os.fstat(self._file.fileno()).st_size < before.offset:
            self.close()
            return False
        self.position = replace(before, device=now.device, inode=now.inode)
        return True

    def _missed(self) -> Iterator[Lines]:
        """The log was rotated while nobody read: the rest of the old file, and those between."""
        last, between = self._since()
        if last is None and self.position.offset:
            self.gaps += 1
        if last is not None:
            yield from self._whole(last, self.position.offset)
        for old in between:
            yield from self._whole(old, 0)
        self.position = Position(self.position.generation + 1, newest=self.position.newest)

    def _since(self) -> tuple[Path | None, list[Path]]:
        """The file in which something was last read, and those that came after it."""
        if self.position.offset:
            self._before = self.position
        return since(self.path, self._before)

    def _whole(self, path: Path, offset: int) -> Iterator[Lines]:
        """A finished file from an offset on, as a generation of its own unless it is being continued."""
        generation = self.position.generation if offset else self.position.generation + 1
        passed, place = 0, Position(generation, newest=self.position.newest)
        try:
            for data in read_blocks(str(path)):
                lines = split(data)
                end = passed + len(data) + 1
                if not passed:
                    place = placed(place, path, data)
                if end > offset:
                    self.position = replace(place, offset=end)
                    yield Lines(generation, passed, lines, self.position).behind(offset)
                passed = end
        except SourceError as error:
            self.trouble = str(error)
            self.gaps += 1
        self.position = replace(place, offset=max(passed, offset))
        self._before = self.position if passed else self._before

    # What comes

    def _next(self) -> Lines | None:
        """Whole lines, or None when there is nothing new."""
        if self._file is None and not self._open():
            return None
        assert self._file is not None
        data = self._file.read(CHUNK)
        if data:
            self._quiet, self._cut_off = 0, not self._head_fits(self.position.head)
            return None if self._cut_off else self._given(data)
        self._look()
        return None

    def _given(self, data: bytes) -> Lines | None:
        head, newline, tail = (self._rest + data).rpartition(b"\n")
        if self.position.offset < HEAD:
            self.position = replace(self.position, head=self._head())
        if not newline:
            self._rest = tail
            if len(tail) <= LONGEST:
                return self._next()
            head, self._rest = tail, b""
        else:
            self._rest = tail
        size = len(head) + (1 if newline else 0)
        before = self.position
        self.position = replace(before, offset=before.offset + size)
        return Lines(before.generation, before.offset, split(head), self.position)

    def _look(self) -> None:
        """At the end: was the log truncated, renamed, or removed?"""
        assert self._file is not None
        try:
            there = self.path.stat()
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}; waiting for it"
            return
        self.trouble = ""
        mine = os.fstat(self._file.fileno())
        if (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino):
            self._cut_off = mine.st_size < self._file.tell() or not self._head_fits(self.position.head)
            return
        self._quiet += 1
        self._renamed = self._quiet > SETTLE

    def _turn(self) -> Iterator[Lines]:
        """The log is a new file now, or cut off: the rest of the old one, the files between, then it from its start."""
        rest, before, cut_off = self._rest, self.position, self._cut_off
        self.close()
        self._quiet, self._renamed, self._cut_off = 0, False, False
        if not cut_off and self._continues():
            return
        last, between = self._since()
        if cut_off:
            self.position = self._before
            self.gaps += last is None
            yield from self._whole(last, self.position.offset) if last is not None else ()
        elif rest:
            self.position = replace(before, offset=before.offset + len(rest))
            yield Lines(before.generation, before.offset, split(rest), self.position)
        for old in between:
            yield from self._whole(old, 0)
        self.position = Position(self.position.generation + 1, newest=before.newest)
        self._open()

    # The file

    def _open(self, offset: int = 0, *, adopt: bool = True) -> bool:
        """Open the log at an offset; `adopt` makes it the file the position is in."""
        try:
            self._file = self.path.open("rb", buffering=0)
            self._file.seek(offset)
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}; check its path and that this user may read it"
            return False
        self.trouble, self._rest = "", b""
        if adopt:
            self.position = self._identity()
        return True

    def _identity(self) -> Position:
        assert self._file is not None
        stat = os.fstat(self._file.fileno())
        return replace(self.position, device=stat.st_dev, inode=stat.st_ino, head=self._head())

    def _head(self) -> bytes:
        assert self._file is not None
        return head_of(os.pread(self._file.fileno(), HEAD, 0))

    def _head_fits(self, head: bytes) -> bool:
        """Whether the file still begins with the bytes it began with."""
        assert self._file is not None
        return head_of(os.pread(self._file.fileno(), size_of(head), 0)) == head

    def _begin(self, offset: int) -> None:
        assert self._file is not None
        self._file.seek(offset)
        self.position = replace(self.position, offset=offset)
