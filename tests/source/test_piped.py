"""Standard input: lines once, at the pace of who reads, to the end."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.live.ports import until

from gatepost.core.ports import Position
from gatepost.source import piped
from gatepost.source.given import Lines
from gatepost.source.lines import octets
from gatepost.source.piped import Piped

TEXT = "first\nsecönd\n\nlast"


async def everything(read: Piped) -> list[Lines]:
    """What comes until the stream ends."""
    return [found async for found in read.lines()]


def through(parts: Sequence[bytes], position: Position | None = None) -> list[Lines]:
    """What is read of a pipe into which each part is written when the one before it was read."""
    ours, theirs = os.pipe()
    read = Piped(ours, position)

    async def work() -> list[Lines]:
        task = asyncio.create_task(everything(read))
        for part in parts:
            os.write(theirs, part)
            while os.get_blocking(ours) and not await asyncio.to_thread(_empty, ours):
                await asyncio.sleep(0)
        os.close(theirs)
        return await task

    try:
        return asyncio.run(asyncio.wait_for(work(), 20))
    finally:
        os.close(ours)


def _empty(descriptor: int) -> bool:
    import fcntl
    import termios

    waiting = bytearray(4)
    fcntl.ioctl(descriptor, termios.FIONREAD, waiting)
    return not int.from_bytes(waiting, "little")


def lines(found: Sequence[Lines]) -> list[str]:
    """Their text."""
    return [line for part in found for line in part.lines]


@pytest.mark.parametrize("at", range(len(TEXT.encode()) + 1))
def test_a_pause_at_any_byte_changes_nothing(at: int) -> None:
    """Split anywhere, within a letter too: the same lines, the last one without its newline, and places that grow."""
    data = TEXT.encode()
    found = through([data[:at], data[at:]])
    assert lines(found) == TEXT.split("\n")
    for part in found:
        assert part.position.offset == part.offset + octets(part.lines)
    assert [part.offset for part in found[1:]] == [part.position.offset for part in found[:-1]]


def test_each_stream_has_places_of_its_own() -> None:
    """A line of a later stream is behind every line of an earlier one, so that none passes for read already."""
    first = through([b"a\nb\n"])
    later = through([b"a\n"], first[-1].position)
    assert (first[0].generation, later[0].generation, later[0].offset) == (1, 2, 0)


def test_a_line_without_end_is_cut_and_its_rest_is_no_line() -> None:
    """What somebody put far behind the beginning of a line is never read as a line of its own."""
    long = b"x" * (3 * piped.LONGEST) + b"forged\nnext\n"
    found = lines(through([long[start : start + 60_000] for start in range(0, len(long), 60_000)]))
    assert [len(line) for line in found] == [piped.LONGEST, 4]
    assert found[1] == "next"


def test_what_is_not_asked_for_stays_in_the_pipe() -> None:
    """Whoever writes waits: without a reader of the lines no more than one piece is taken."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)

    async def work() -> int:
        stream, written = Piped(ours, None).lines(), 0
        for _ in range(3):
            written += _filled(theirs)
        first = await anext(stream)
        written += _filled(theirs)
        return written - octets(first.lines)

    try:
        left = asyncio.run(work())
        assert 0 < left <= 65_536 and _filled(theirs) == 0
    finally:
        os.close(ours)
        os.close(theirs)


def _filled(descriptor: int) -> int:
    """Octets written until no more fit."""
    written = 0
    while True:
        try:
            written += os.write(descriptor, b"0123456789abcde\n" * 256)
        except BlockingIOError:
            return written


def test_silence_means_that_all_was_read() -> None:
    """A second without anything, and the source has caught up; what comes then is read all the same."""
    ours, theirs = os.pipe()
    read = Piped(ours, None)

    async def work() -> list[Lines]:
        task = asyncio.create_task(everything(read))
        await asyncio.to_thread(until, lambda: read.at_end, "it has caught up")
        os.write(theirs, b"late\n")
        os.close(theirs)
        return await task

    try:
        assert lines(asyncio.run(work())) == ["late"]
    finally:
        os.close(ours)


def test_a_file_may_stand_in_for_a_pipe(tmp_path: Path) -> None:
    """`gatepost watch < mainlog` reads it to its end; nothing at all (/dev/null) ends at once."""
    path = tmp_path / "mainlog"
    path.write_text("a\nb\n")
    for place, expected in ((path, ["a", "b"]), (Path("/dev/null"), [])):
        with place.open("rb") as file:
            assert lines(asyncio.run(everything(Piped(file.fileno(), None)))) == expected
