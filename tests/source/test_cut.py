"""Where in a log that was never rotated learning begins."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.source.test_tail import follow

from gatepost.core.units import iso
from gatepost.mta.exim import Exim
from gatepost.source import cut as where
from gatepost.source.cut import cut
from gatepost.source.merge import stamp_of
from gatepost.source.tail import Tail

START = 1_700_000_000
STEPS = st.tuples(st.integers(-3, 3), st.sampled_from(["", "junk", "x" * 300]))
"""By how much the next line's time is out of order, or a line without one."""


def stamp(line: str) -> float | None:
    """A time in front of a colon."""
    head = line.partition(":")[0]
    return float(head) if head.isdigit() else None


def begins(path: Path, lines: list[str], since: float) -> int:
    """Where the cut of a log of these lines is."""
    path.write_text("".join(f"{line}\n" for line in lines))
    with path.open("rb") as file:
        return cut(file.fileno(), since, stamp)


def test_a_log_of_a_year_is_cut_to_the_line(tmp_path: Path) -> None:
    """The first line of the instant, wherever it stands, with few lines looked at."""
    lines = [f"{1000 + number}: {'x' * (number % 90)}" for number in range(60_000)]
    for since in (0, 1000, 1001, 30_000, 60_998, 60_999):
        offset = begins(tmp_path / "log", lines, since)
        assert (tmp_path / "log").read_bytes()[offset:].startswith(f"{max(since, 1000)}:".encode())
    assert begins(tmp_path / "log", lines, 61_000) == (tmp_path / "log").stat().st_size


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(["", "junk", "x" * 300])), max_size=60), st.integers(-5, 70)
)
def test_no_line_that_is_young_enough_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]], since: int
) -> None:
    """Times a little out of order, lines without a time: nothing from two steps behind the cut on is missed."""
    kept, where.NEAR = where.NEAR, 64
    try:
        lines = [text or f"{number + shake}: y" for number, (shake, text) in enumerate(steps, 10)]
        offset = begins(tmp_path_factory.mktemp("cut") / "log", lines, since)
        before, size = list[str](), 0
        for line in lines:
            if size < offset:
                before.append(line)
            size += len(line) + 1
        assert size >= offset and all((stamp(line) or 0) < since + 7 for line in before)
    finally:
        where.NEAR = kept


def test_a_clock_that_woke_up_in_the_past_hides_nothing(tmp_path: Path) -> None:
    """A few lines of 1970 in the middle: what follows them is read all the same."""
    lines = [f"{1000 + number}: {'x' * 40}" for number in range(20_000)]
    lines[10_000:10_000] = ["7: boot"] * 5
    offset = begins(tmp_path / "log", lines, 5000)
    assert (tmp_path / "log").read_bytes()[offset:].startswith(b"5000:")


def test_a_log_without_times_is_read_whole(tmp_path: Path) -> None:
    """Rather too much than too little."""
    assert begins(tmp_path / "log", ["no time here " * 9] * 20_000, 5000) == 0


def test_the_first_start_reads_from_the_cut_on(tmp_path: Path) -> None:
    """Years in one file: the last lines only; the next start goes on where this one ended."""
    log = tmp_path / "mainlog"
    day = [f"{iso(START + 86400 * n)[:10]} 12:00:00 Start queue run: pid={n}" for n in range(3000)]
    log.write_text("".join(f"{line}\n" for line in day))
    since = START + 86400 * 2986
    tail = Tail(log, None, since, stamp_of(Exim()))
    assert follow(tail, tmp_path, 13) == day[2987:]
    assert tail.position.offset == log.stat().st_size
    with log.open("a") as file:
        file.write("one more\n")
    assert follow(Tail(log, tail.position, since, stamp_of(Exim())), tmp_path, 1) == ["one more"]
