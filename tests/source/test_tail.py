"""A log followed through its rotations: every line once, in order."""

import asyncio
import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gatepost.core.ports import Position
from gatepost.source.given import Lines
from gatepost.source.lines import length
from gatepost.source.tail import Tail
from gatepost.source.wake import Wake

DEADLINE = 10.0


async def _follow(
    tail: Tail, folder: Path, until: Callable[[list[str]], bool], steps: list[Callable[[], object]]
) -> list[str]:
    """Read until enough came; each time the end is reached the next step happens, until it is not False."""
    found: list[str] = []
    async with asyncio.timeout(DEADLINE), Wake(folder) as wake:
        reader = tail.read(wake)
        while not until(found):
            task = asyncio.ensure_future(anext(reader))
            while not task.done():
                await asyncio.wait([task], timeout=0.05)
                if tail.at_end and steps and not task.done() and steps[0]() is not False:
                    steps.pop(0)
            found += (await task).lines
    return found


def follow(tail: Tail, folder: Path, number: int, *steps: Callable[[], object]) -> list[str]:
    """So many lines, with steps taken in between."""
    found = asyncio.run(_follow(tail, folder, lambda lines: len(lines) >= number, list(steps)))
    tail.close()
    return found


def follow_until(tail: Tail, folder: Path, last: str) -> list[str]:
    """Lines up to one."""
    found = asyncio.run(_follow(tail, folder, lambda lines: last in lines, []))
    tail.close()
    return found


def append(path: Path, *lines: str) -> None:
    """Write lines at the end of a file."""
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with two lines."""
    path = tmp_path / "mainlog"
    append(path, "one", "two")
    return path


def test_new_lines_come_as_they_are_written(log: Path) -> None:
    """What is appended is given, a line that is not whole yet is waited for."""

    def half() -> None:
        with log.open("a") as file:
            file.write("thr")

    def rest() -> None:
        with log.open("a") as file:
            file.write("ee\n")

    assert follow(Tail(log, Position(1)), log.parent, 3, half, rest) == ["one", "two", "three"]


def test_a_renamed_log_is_read_to_its_end_and_then_the_new_one(log: Path) -> None:
    """Rotation by rename loses and doubles nothing, whatever is still written to the old file."""

    def rotate() -> None:
        append(log, "three")
        log.rename(log.with_name("mainlog.1"))
        append(log.with_name("mainlog.1"), "four")
        append(log, "five")

    assert follow(Tail(log, Position(1)), log.parent, 5, rotate) == ["one", "two", "three", "four", "five"]


def test_a_copied_and_truncated_log_goes_on(log: Path) -> None:
    """copytruncate: what the copy holds beyond our position comes first."""

    def rotate() -> None:
        append(log, "three")
        shutil.copy(log, log.with_name("mainlog.1"))
        os.truncate(log, 0)
        append(log, "4")

    assert follow(Tail(log, Position(1)), log.parent, 4, rotate) == ["one", "two", "three", "4"]


def test_a_log_that_appears_late_is_read_from_its_start(tmp_path: Path) -> None:
    """A missing log is trouble that names the file, not an end."""
    log = tmp_path / "mainlog"
    tail = Tail(log, None, learn_since=0.0)

    def appear() -> None:
        assert str(log) in tail.trouble
        append(log, "one")

    assert follow(tail, tmp_path, 1, appear) == ["one"]


def test_after_a_stop_reading_goes_on_behind_the_last_line(log: Path) -> None:
    """Resume by position: nothing twice."""
    first = Tail(log, Position(1))
    assert follow(first, log.parent, 2) == ["one", "two"]
    append(log, "three")
    second = Tail(log, first.position)
    assert follow(second, log.parent, 1) == ["three"]
    assert second.position.generation == first.position.generation


@pytest.mark.parametrize("packed", [False, True])
def test_rotations_while_stopped_are_caught_up(log: Path, packed: bool) -> None:
    """The rest of the old file, the files between, then the log; plain or packed."""
    first = Tail(log, Position(1))
    assert follow(first, log.parent, 2) == ["one", "two"]
    append(log, "three")
    old = log.with_name("mainlog.2")
    log.rename(old)
    os.utime(old, (1_000_000, 1_000_000))
    if packed:
        with gzip.open(log.with_name("mainlog.2.gz"), "wb") as file:
            file.write(old.read_bytes())
        old.unlink()
        os.utime(log.with_name("mainlog.2.gz"), (1_000_000, 1_000_000))
    append(log.with_name("mainlog.1"), "four")
    append(log, "five")
    second = Tail(log, first.position)
    assert follow(second, log.parent, 3) == ["three", "four", "five"]
    assert second.gaps == 0


def test_the_first_start_learns_from_rotated_logs(log: Path) -> None:
    """Predecessors younger than the horizon are read first, oldest first."""
    append(log.with_name("mainlog.1"), "older")
    append(log.with_name("mainlog.2"), "oldest")
    os.utime(log.with_name("mainlog.1"), (2_000_000, 2_000_000))
    os.utime(log.with_name("mainlog.2"), (1_000_000, 1_000_000))
    assert follow(Tail(log, None, learn_since=1_500_000.0), log.parent, 3) == ["older", "one", "two"]


def test_the_first_start_without_learning_begins_at_the_end(log: Path) -> None:
    """learn = "0s": only what comes."""
    assert follow(Tail(log, None), log.parent, 1, lambda: append(log, "three")) == ["three"]


def test_a_rotated_file_that_is_gone_is_a_gap(log: Path) -> None:
    """Lost lines are counted, not hidden."""
    first = Tail(log, Position(1))
    assert follow(first, log.parent, 2) == ["one", "two"]
    log.unlink()
    append(log, "new")
    second = Tail(log, first.position)
    assert follow(second, log.parent, 1) == ["new"]
    assert second.gaps == 1


def test_offsets_are_bytes_and_ascend(log: Path) -> None:
    """A line's offset is where its first byte stands, also behind text that is no ASCII."""
    log.write_bytes("grün\n\xff\nend\n".encode("latin-1"))
    tail = Tail(log, Position(1))
    assert follow(tail, log.parent, 3)[2] == "end"
    assert tail.position.offset == log.stat().st_size


def test_two_rotations_between_two_looks_lose_nothing(log: Path) -> None:
    """The process slept: the rest of the old file, the file between, then the log."""

    def rotate_twice() -> None:
        append(log, "three")
        log.rename(log.with_name("mainlog.2"))
        os.utime(log.with_name("mainlog.2"), (1_000_000, 1_000_000))
        append(log, "four")
        log.rename(log.with_name("mainlog.1"))
        append(log, "five")

    tail = Tail(log, Position(1))
    assert follow(tail, log.parent, 5, rotate_twice) == ["one", "two", "three", "four", "five"]
    assert tail.gaps == 0


def test_a_log_that_is_away_at_the_start_is_waited_for(log: Path) -> None:
    """It comes back as it was: reading goes on, nothing is counted as lost."""
    first = Tail(log, Position(1))
    assert follow(first, log.parent, 2) == ["one", "two"]
    away = log.parent / "elsewhere"
    away.mkdir()
    log.rename(away / "mainlog")
    second = Tail(log, first.position)

    def back() -> None:
        assert str(log) in second.trouble
        (away / "mainlog").rename(log)
        append(log, "three")

    assert follow(second, log.parent, 1, back) == ["three"]
    assert (second.gaps, second.position.generation) == (0, first.position.generation)


def test_a_rotated_log_whose_successor_is_not_there_yet_is_read_to_its_end(log: Path) -> None:
    """Exim makes the new one with its first line."""
    first = Tail(log, Position(1))
    assert follow(first, log.parent, 2) == ["one", "two"]
    append(log, "three")
    log.rename(log.with_name("mainlog.1"))
    second = Tail(log, first.position)
    assert follow(second, log.parent, 2, lambda: append(log, "four")) == ["three", "four"]
    assert second.gaps == 0


def test_a_log_that_vanishes_while_it_is_read_is_trouble_until_it_is_back(log: Path) -> None:
    """What was there is read, the trouble names the file, and the new file is read from its start."""
    tail = Tail(log, Position(1))

    def vanish() -> None:
        log.unlink()

    def back() -> bool:
        if str(log) not in tail.trouble:
            return False
        append(log, "three")
        return True

    assert follow(tail, log.parent, 3, vanish, back) == ["one", "two", "three"]
    assert tail.trouble == ""


@pytest.mark.parametrize("size", [1 << 20, 5 << 20])
def test_lines_of_megabytes_and_garbage_pass_in_bounded_pieces(log: Path, size: int) -> None:
    """Nothing stops the reading, and the offset behind them is right."""
    with log.open("ab") as file:
        file.write(b"\x00\xff\xfe" * 1000 + b"x" * size + b"\n")
    append(log, "end")
    tail = Tail(log, Position(1))
    found = follow_until(tail, log.parent, "end")
    assert found[:2] == ["one", "two"] and found[-1] == "end"
    assert max(map(len, found)) <= 6 << 20
    assert tail.position.offset == log.stat().st_size


def test_a_block_line_by_line_is_the_block(log: Path) -> None:
    """Each line at its own offset; the last one carries the position of all."""
    block = Lines(3, 100, ["one", "grün", "three"], Position(3, 116))
    singly = list(block.singly())
    assert [one.lines for one in singly] == [["one"], ["grün"], ["three"]]
    assert [one.offset for one in singly] == [100, 104, 110]
    assert [one.position.offset for one in singly] == [104, 110, 116]
    assert block.behind(104) == Lines(3, 104, ["grün", "three"], Position(3, 116))
    assert block.behind(116).lines == []


def test_a_block_in_pieces_is_the_same_block() -> None:
    """Every line once, at its own offset, each piece with the place behind it; the last with the block's own."""
    texts = [f"zeile {number} grün" for number in range(33)]
    size = sum(map(length, texts))
    block = Lines(1, 100, texts, Position(1, 100 + size, head=b"h"))
    pieces = list(block.pieces(16))
    assert [line for piece in pieces for line in piece.lines] == texts
    assert [piece.offset for piece in pieces[1:]] == [piece.position.offset for piece in pieces[:-1]]
    assert pieces[0].offset == 100 and pieces[-1].position == block.position and len(pieces) == 3
    assert list(block.pieces(33)) == [block]


def test_lines_from_before_a_truncation_stay_together() -> None:
    """Their position lies in the new file: no place between them can be read on from."""
    block = Lines(1, 100, ["one", "two", "three"], Position(2, 0))
    assert list(block.pieces(1)) == [block]
