"""Several logs as one, by time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import SourceError
from gatepost.source.merge import Block, merge


def stamp(line: str) -> float | None:
    """The time of a made line: the number it begins with."""
    head = line.partition(" ")[0]
    return float(head) if head.isdigit() else None


def write(folder: Path, *logs: list[str]) -> list[str]:
    """Files with these lines."""
    paths = [folder / f"log{number}" for number in range(len(logs))]
    for path, lines in zip(paths, logs, strict=True):
        path.write_text("".join(f"{line}\n" for line in lines))
    return [str(path) for path in paths]


def merged(paths: list[str]) -> tuple[list[Block], list[SourceError]]:
    """Blocks of these files, and what could not be read."""
    broken: list[SourceError] = []
    return list(merge(paths, [stamp] * len(paths), broken.append)), broken


def test_one_log_comes_in_whole_blocks(tmp_path: Path) -> None:
    """Nothing is compared where there is nothing to compare with."""
    (block,), broken = merged(write(tmp_path, ["3 a", "1 b", "2 c"]))
    assert (block.lines, block.offset, broken) == (["3 a", "1 b", "2 c"], 0, [])


def test_rotated_logs_in_any_order_are_read_oldest_first(tmp_path: Path) -> None:
    """A log that ends before the other begins is read as a whole."""
    blocks, _ = merged(write(tmp_path, ["10 a", "11 b"], ["1 c", "2 d"]))
    assert [block.lines for block in blocks] == [["1 c", "2 d"], ["10 a", "11 b"]]


def test_lines_without_a_time_stay_behind_the_line_before(tmp_path: Path) -> None:
    """A continuation is never torn from what it continues."""
    blocks, _ = merged(write(tmp_path, ["1 a", "more of a", "5 b"], ["3 c"]))
    assert [line for block in blocks for line in block.lines] == ["1 a", "more of a", "3 c", "5 b"]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    """It is told once; everything else is read."""
    paths = [str(tmp_path / "missing"), *write(tmp_path, ["1 a"])]
    blocks, broken = merged(paths)
    assert [block.lines for block in blocks] == [["1 a"]]
    assert len(broken) == 1
    assert "missing" in str(broken[0])


times = st.lists(st.integers(0, 60), max_size=15).map(sorted)


@given(st.lists(times, min_size=1, max_size=4))
def test_logs_in_order_are_merged_in_order(tmp_path_factory: pytest.TempPathFactory, logs: list[list[int]]) -> None:
    """Every line once, times never fall, each file's own order kept, and every offset is true."""
    folder = tmp_path_factory.mktemp("merge")
    named = [[f"{at} {number}.{place}ä" for place, at in enumerate(log)] for number, log in enumerate(logs)]
    paths = write(folder, *named)
    blocks, broken = merged(paths)
    assert not broken
    lines = [line for block in blocks for line in block.lines]
    assert sorted(lines) == sorted(line for log in named for line in log)
    assert [stamp(line) for line in lines] == sorted(stamp(line) or 0.0 for line in lines)
    for block in blocks:
        assert Path(paths[block.file]).read_bytes()[block.offset :].startswith(block.lines[0].encode())


@given(st.lists(times, min_size=2, max_size=4))
def test_no_line_is_dated_twice(tmp_path_factory: pytest.TempPathFactory, logs: list[list[int]]) -> None:
    """Logs that overlap line by line cost one look at each line, and one at the last line of each file."""
    seen: list[str] = []

    def dated(line: str) -> float | None:
        seen.append(line)
        return stamp(line)

    named = [[f"{at} {number}.{place}" for place, at in enumerate(log)] for number, log in enumerate(logs)]
    paths = write(tmp_path_factory.mktemp("merge"), *named)
    list(merge(paths, [dated] * len(paths), lambda _: None))
    assert len(seen) - len(set(seen)) <= len(logs)
