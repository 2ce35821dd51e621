"""Rotation at every byte: whatever was read when it happened, every line comes once, in order."""

import asyncio
import errno
import gzip
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.ports import Position
from gatepost.source.tail import SETTLE, Tail
from gatepost.source.wake import Wake

OLD = ["one", "zwei: grün", "", "four", "a longer line than the others"]
FIRST = len("one\n")
"""Octets without which a copy of a file cannot be recognised: those of a line."""
NEW = ["six", "sieben \udcff", "eight"]
Step = Callable[[], object]


class _Over(Exception):
    """Nothing happens any more."""


class Steps:
    """A folder in which the next thing happens whenever the reader waits; in the end a few quiet looks."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._quiet = 0

    async def wait(self) -> None:
        """The next step."""
        if self._steps:
            self._steps.pop(0)()
            return
        self._quiet += 1
        if self._quiet > 2 * SETTLE + 4:
            raise _Over


class Reader:
    """Reads a log, and remembers what the state would: the position behind the last lines."""

    def __init__(self, log: Path, position: Position) -> None:
        self.log, self.position = log, position
        self.found: list[str] = []
        self.gaps = self.broke_off = 0

    def read(self, *steps: Step) -> None:
        """Take everything that comes while the steps happen, from where reading ended before."""
        tail, taken = Tail(self.log, self.position), Steps(steps)
        while not asyncio.run(self._read(tail, taken)):
            self.broke_off += 1
            tail.close()
        tail.close()
        self.gaps += tail.gaps

    async def _read(self, tail: Tail, steps: Steps) -> bool:
        """Whether reading ended because nothing happens any more; otherwise it broke off."""
        try:
            async for lines in tail.read(cast(Wake, steps)):
                self.found += lines.lines
                self.position = lines.position
        except OSError:
            return False
        except _Over:
            return True
        return True


def octets(lines: Sequence[str]) -> bytes:
    """Lines as they stand in a log."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def write(path: Path, data: bytes) -> None:
    """What the server appends."""
    with path.open("ab") as file:
        file.write(data)


def renamed(log: Path) -> None:
    """logrotate's `create`."""
    log.rename(log.with_name("mainlog.1"))
    log.touch()


def awaited(log: Path) -> None:
    """Exim makes the new file with its next line."""
    log.rename(log.with_name("mainlog.1"))


def copied(log: Path) -> None:
    """logrotate's `copytruncate`."""
    shutil.copy(log, log.with_name("mainlog.1"))
    os.truncate(log, 0)


def packed(log: Path) -> None:
    """`compress` without `delaycompress`: only packed copies of what was there are left."""
    log.with_name("mainlog.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()
    log.touch()


def copied_and_packed(log: Path) -> None:
    """`copytruncate` with `compress`."""
    log.with_name("mainlog.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    os.truncate(log, 0)


def packing(log: Path) -> None:
    """While the old file is being packed both are there, the packed one half."""
    renamed(log)
    half = gzip.compress(log.with_name("mainlog.1").read_bytes())[:30]
    log.with_name("mainlog.1.gz").write_bytes(half)


WAYS = [renamed, awaited, copied, packed, copied_and_packed, packing]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("stopped", [False, True], ids=["reading", "stopped"])
def test_rotation_at_every_byte_loses_and_doubles_nothing(
    way: Callable[[Path], None], stopped: bool, tmp_path: Path
) -> None:
    """The reader had come to any byte of the old file when its rest was written and it was rotated; running or not."""
    old, new = octets(OLD), octets(NEW)
    for seen in range(FIRST, len(old) + 1):
        log = tmp_path / str(seen) / "mainlog"
        log.parent.mkdir()
        write(log, old[:seen])
        reader = Reader(log, Position(1))

        def rotate(log: Path = log, seen: int = seen) -> None:
            write(log, old[seen:])
            way(log)

        def go_on(log: Path = log) -> None:
            write(log, new)

        if stopped:
            reader.read()
            rotate()
            reader.read(go_on)
        else:
            reader.read(rotate, go_on)
        assert (reader.found, reader.gaps) == (OLD + NEW, 0), seen


@pytest.mark.parametrize("stopped", [False, True], ids=["reading", "stopped"])
def test_a_file_system_that_is_mounted_again_doubles_nothing(stopped: bool, tmp_path: Path) -> None:
    """Other numbers of device and inode, the same bytes: reading goes on where it was, at every byte."""
    whole = octets(OLD)
    for seen in range(FIRST, len(whole) + 1):
        log = tmp_path / str(seen) / "mainlog"
        log.parent.mkdir()
        write(log, whole[:seen])
        reader = Reader(log, Position(1))

        def mount(log: Path = log) -> None:
            other = log.with_name("other")
            other.write_bytes(whole)
            other.replace(log)

        def go_on(log: Path = log) -> None:
            write(log, octets(NEW))

        if stopped:
            reader.read()
            mount()
            reader.read(go_on)
        else:
            reader.read(mount, *[lambda: None] * SETTLE, go_on)
        assert (reader.found, reader.gaps) == (OLD + NEW, 0), seen


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_stale_handle_loses_and_doubles_nothing(
    way: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS forgets the file that is open (ESTALE) when it was rotated: it is opened again, at every byte."""
    old, real, stale = octets(OLD), os.fstat, list[bool]()

    def fstat(number: int) -> os.stat_result:
        if stale:
            stale.clear()
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(number)

    monkeypatch.setattr(os, "fstat", fstat)
    for seen in range(FIRST, len(old) + 1):
        log = tmp_path / str(seen) / "mainlog"
        log.parent.mkdir()
        write(log, old[:seen])
        reader = Reader(log, Position(1))

        def rotate(log: Path = log, seen: int = seen) -> None:
            write(log, old[seen:])
            way(log)
            stale.append(True)

        def go_on(log: Path = log) -> None:
            write(log, octets(NEW))

        reader.read(rotate, go_on)
        assert (reader.found, reader.gaps, reader.broke_off) == (OLD + NEW, 0, 1), seen


def test_a_file_that_was_truncated_and_is_longer_again_is_noticed(tmp_path: Path) -> None:
    """Between two looks a busy log can outgrow the place where reading was: its first bytes tell."""
    log = tmp_path / "mainlog"
    write(log, octets(OLD))
    reader = Reader(log, Position(1))

    def rotate() -> None:
        copied(log)
        write(log, octets(NEW * 9))

    reader.read(rotate)
    assert (reader.found, reader.gaps) == (OLD + NEW * 9, 0)


def test_an_inode_that_is_used_again_is_not_the_old_file(tmp_path: Path) -> None:
    """The file that was read is gone, and another predecessor has its inode: that is read from its start."""
    log = tmp_path / "mainlog"
    write(log, octets(OLD))
    reader = Reader(log, Position(1))
    reader.read()
    log.write_bytes(octets([*NEW, "a line that is long enough for the old place to lie within it" * 3]))
    log.rename(log.with_name("mainlog.1"))
    write(log, octets(["last"]))
    reader.read()
    assert reader.found[len(OLD) :][-1] == "last" and reader.gaps == 1


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 5)),
        st.tuples(st.just("half"), st.integers(5, 30)),
        st.tuples(st.just("rotate"), st.sampled_from(["rename", "pack", "copy", "copy and pack"])),
        st.tuples(st.sampled_from(["look", "stop", "start"]), st.just(0)),
    ),
    max_size=25,
)


class Server:
    """Writes a log and rotates it, under names with a number that grows."""

    def __init__(self, log: Path) -> None:
        self.log, self.lines = log, list[str]()
        self._half, self._number = b"", 0
        log.touch()

    def write(self, number: int) -> None:
        """So many lines; the first one ends what was begun."""
        for _ in range(number):
            self.lines.append(f"{len(self.lines):05} a line, grün, of its own length {'x' * (len(self.lines) % 7)}")
            whole = octets(self.lines[-1:])
            write(self.log, whole[len(self._half) :])
            self._half = b""

    def half(self, size: int) -> None:
        """The first octets of the next line, if none stand there."""
        if not self._half:
            self.write(0)
            text = f"{len(self.lines):05} a line, grün, of its own length {'x' * (len(self.lines) % 7)}"
            self._half = octets([text])[:size]
            write(self.log, self._half)

    def rotate(self, way: str) -> None:
        """A line is written at once, so none is rotated in its middle."""
        if self._half:
            self.write(1)
        self._number += 1
        old = self.log.with_name(f"mainlog-{self._number:04}")
        data = self.log.read_bytes()
        if way == "rename":
            self.log.rename(old)
        elif "pack" in way:
            old = old.with_name(f"{old.name}.gz")
            old.write_bytes(gzip.compress(data))
        else:
            old.write_bytes(data)
        if way == "pack":
            self.log.unlink()
        if "copy" in way:
            os.truncate(self.log, 0)
        self.log.touch()
        os.utime(old, (1e9 + self._number, 1e9 + self._number))


@given(OPERATIONS)
@settings(deadline=None)
def test_any_order_of_writing_and_rotating_gives_every_line_once(operations: list[tuple[str, object]]) -> None:
    """Whatever happens between two looks, and while it is stopped; only what is copied away was looked at before.

    Half a line of which a look is all that was had names its line: it has at least the number at its beginning.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "mainlog")
        server.write(1)
        reader, steps, running = Reader(server.log, Position(1)), list[Step](), True
        for what, how in [*operations, ("start", 0), ("write", 1)]:
            if what == "stop" and running:
                reader.read(*steps)
                steps, running = [], False
            elif what == "start":
                running = True
            elif what not in ("stop", "look"):
                step = partial(getattr(server, what), how)
                if not running:
                    step()
                elif what == "rotate" and how != "rename":
                    steps += [*[nothing] * (SETTLE + 2), step]
                elif steps and what != "rotate" and steps[-1] is not nothing:
                    steps[-1] = partial(both, steps[-1], step)
                else:
                    steps.append(step)
            elif running:
                steps.append(nothing)
        reader.read(*steps)
        assert (reader.found, reader.gaps) == (server.lines, 0)


def nothing() -> None:
    """A look at which nothing has happened."""


def both(first: Step, second: Step) -> None:
    """Two things between two looks."""
    first()
    second()
