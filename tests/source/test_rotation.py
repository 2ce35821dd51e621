"""Which files were the log before it was rotated."""

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from gatepost.core.ports import Position
from gatepost.source.rotation import HEAD, begins, head_of, predecessors, since

PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}
TEXT = b"".join(b"2026-03-01 10:00:%02d a line of a log\n" % n for n in range(40))


def aged(path: Path, content: bytes, at: float) -> Path:
    """A file of some age."""
    path.write_bytes(content)
    os.utime(path, (at, at))
    return path


def placed(path: Path, offset: int) -> Position:
    """Where reading ended in a file."""
    stat = path.stat()
    return Position(1, offset, stat.st_dev, stat.st_ino, head_of(path.read_bytes()))


@pytest.mark.parametrize("ending", PACK)
def test_a_file_is_recognised_by_its_first_bytes(tmp_path: Path, ending: str) -> None:
    """Plain or packed, longer or as long as the head; never a file that only looks alike."""
    path = tmp_path / f"mainlog.1{ending}"
    path.write_bytes(PACK[ending](TEXT))
    for size in (1, 40, HEAD, len(TEXT)):
        assert begins(path, head_of(TEXT[:size]))
    assert not begins(path, head_of(b"x" + TEXT[1:]))
    assert not begins(path, head_of(TEXT[: HEAD - 1] + b"x"))
    assert not begins(path, head_of(b""))


def test_a_file_that_cannot_be_unpacked_is_not_the_one(tmp_path: Path) -> None:
    """Garbage, nothing, and a folder raise no error."""
    (tmp_path / "a.gz").write_bytes(b"no gzip")
    (tmp_path / "b.xz").write_bytes(b"")
    (tmp_path / "c").mkdir()
    for name in ("a.gz", "b.xz", "c", "none"):
        assert not begins(tmp_path / name, head_of(TEXT))


def test_predecessors_are_old_names_of_this_log_oldest_first(tmp_path: Path) -> None:
    """By age, whatever the naming; not the log, not its neighbours, not folders."""
    log = aged(tmp_path / "mainlog", TEXT, 900)
    names = {"mainlog.2.gz": 200, "mainlog.1": 300, "mainlog-20260301": 100, "mainlog.10.gz": 50}
    for name, at in names.items():
        aged(tmp_path / name, b"x", at)
    for other in ("rejectlog.1", "mainlog2", "mainlog_old"):
        aged(tmp_path / other, b"x", 500)
    (tmp_path / "mainlog.d").mkdir()
    assert [path.name for path in predecessors(log)] == sorted(names, key=lambda name: names[name])
    assert [path.name for path in predecessors(log, 200)] == ["mainlog.2.gz", "mainlog.1"]
    assert predecessors(tmp_path / "nowhere" / "mainlog") == []


@pytest.mark.parametrize("ending", PACK)
def test_reading_goes_on_in_the_file_that_holds_the_position(tmp_path: Path, ending: str) -> None:
    """Renamed: by inode; packed or copied: by its head. What came after it follows, oldest first."""
    log = aged(tmp_path / "mainlog", TEXT, 100)
    position = placed(log, 80)
    log.rename(tmp_path / "mainlog.3")
    if ending:
        aged(tmp_path / f"mainlog.3{ending}", PACK[ending](TEXT), 100)
        (tmp_path / "mainlog.3").unlink()
    later = [aged(tmp_path / "mainlog.2.gz", gzip.compress(b"b"), 200), aged(tmp_path / "mainlog.1", b"c", 300)]
    aged(log, b"d", 400)
    assert since(log, position) == (tmp_path / f"mainlog.3{ending}", later)


def test_an_inode_that_was_given_to_a_shorter_file_is_not_believed(tmp_path: Path) -> None:
    """Inodes are used again."""
    log = aged(tmp_path / "mainlog", TEXT, 100)
    position = placed(log, len(TEXT))
    os.truncate(log, 0)
    log.write_bytes(b"something else\n")
    log.rename(tmp_path / "mainlog.1")
    assert since(log, position) == (None, [])


def test_a_file_that_is_gone_is_nowhere(tmp_path: Path) -> None:
    """The caller counts the gap."""
    log = aged(tmp_path / "mainlog", TEXT, 100)
    position = placed(log, 80)
    log.unlink()
    aged(tmp_path / "mainlog.1", b"other\n", 200)
    assert since(log, position) == (None, [])
