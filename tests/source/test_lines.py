"""Lines of one file with their offsets, plain or packed."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import SourceError
from gatepost.source.lines import CHUNK, length, octets, open_binary, read_blocks, read_lines, split, starts

TEXT = b"first\nsecond \xff\xfe line\n\nthird without an end"
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "log": bytes,
    "log.gz": gzip.compress,
    "log.xz": lzma.compress,
    "log.bz2": bz2.compress,
    "log.zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", PACKED)
def test_every_line_has_its_offset_in_the_unpacked_text(tmp_path: Path, name: str) -> None:
    """Offsets point at the first byte of each line, whatever the bytes and however the file is packed."""
    path = tmp_path / name
    path.write_bytes(PACKED[name](TEXT))
    found = list(read_lines(str(path)))
    assert [line.encode("utf-8", "surrogateescape") for _, line in found] == TEXT.split(b"\n")
    for offset, line in found:
        assert TEXT[offset:].startswith(line.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("name", [name for name in PACKED if name != "log"])
def test_a_packed_file_that_breaks_off_gives_its_lines_and_says_so(tmp_path: Path, name: str) -> None:
    """Everything before the break is read; the message names the file."""
    path = tmp_path / name
    data = b"".join(b"line %d of a long log %d\n" % (number, number * 7919 % 10_007) for number in range(60_000))
    path.write_bytes(PACKED[name](data)[:-2000])
    found: list[str] = []
    with pytest.raises(SourceError, match="breaks off") as caught:
        found.extend(line for _, line in read_lines(str(path)))
    assert str(path) in str(caught.value)
    assert all(line in data.decode() for line in found[:5])


def test_a_zstd_file_of_several_frames_is_read_to_its_end(tmp_path: Path) -> None:
    """Appended frames are one text; an empty file is an empty log."""
    path, pack = tmp_path / "log.zst", zstandard.ZstdCompressor().compress
    path.write_bytes(pack(b"one\ntw") + pack(b"o\n") + pack(b"three\n" * 90_000))
    found = [line for _, line in read_lines(str(path))]
    assert found[:3] == ["one", "two", "three"]
    assert len(found) == 90_002
    path.write_bytes(b"")
    assert list(read_lines(str(path))) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message says which file, and why."""
    with pytest.raises(SourceError, match=r"missing\.log: cannot be opened: No such file"):
        open_binary(str(tmp_path / "missing.log"))


def test_a_line_without_an_end_fills_no_memory(tmp_path: Path) -> None:
    """Of a line of any length at most four blocks are kept, and the next line is read."""
    path = tmp_path / "log"
    with path.open("wb") as out:
        for _ in range(9):
            out.write(b"x" * CHUNK)
        out.write(b"\nnext\n")
    blocks = list(read_blocks(str(path)))
    assert max(map(len, blocks)) <= 5 * CHUNK + 10
    assert blocks[-1].endswith(b"next")


@given(st.binary(max_size=200))
def test_lengths_are_those_of_the_bytes(data: bytes) -> None:
    """What a line and its newline took in the file is known from the text, for any bytes."""
    lines = split(data)
    assert sum(map(length, lines)) == octets(lines) == len(data) + 1
    assert list(starts(lines, 7)) == [7 + octets(lines[:number]) for number in range(len(lines) + 1)]
