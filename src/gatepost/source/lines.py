"""The lines of one file, plain or compressed, with their offsets.

Owns opening and decoding; nothing is known here about rotation (see `tail.py`) or about what a line means.
"""

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from gatepost.core.errors import SourceError

MAX_LINE = 65536
"""Bytes kept of one line; Exim writes at most 8 kB (`LOG_BUFFER_SIZE`), Postfix 2 kB. The rest is cut off."""

CHUNK = 1 << 20

_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


def _unpacked(path: Path) -> BinaryIO:
    plain = path.open("rb")
    kind = path.suffix
    if kind == ".gz":
        return cast("BinaryIO", gzip.GzipFile(fileobj=plain))
    if kind == ".xz":
        return cast("BinaryIO", lzma.LZMAFile(plain))
    if kind == ".bz2":
        return cast("BinaryIO", bz2.BZ2File(plain))
    if kind == ".zst":
        unpacker = zstandard.ZstdDecompressor()
        return cast("BinaryIO", unpacker.stream_reader(plain, closefd=True, read_across_frames=True))
    return plain


def open_binary(path: str) -> BinaryIO:
    """Open a file, or "-" for standard input, decompressing by the name's ending.

    Raises:
        SourceError: it cannot be opened; the message names the file and the reason.
    """
    if path == "-":
        return sys.stdin.buffer
    try:
        return _unpacked(Path(path))
    except _BROKEN as error:
        msg = f"{path}: cannot be opened: {getattr(error, 'strerror', None) or error}"
        raise SourceError(msg) from error


def split(data: bytes) -> list[str]:
    """Whole lines as text: bytes that are no UTF-8 are kept as surrogate escapes, over-long lines are cut."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if len(data) > MAX_LINE:
        lines = [line if len(line) <= MAX_LINE else line[:MAX_LINE] for line in lines]
    return lines


def read_lines(path: str) -> Iterator[tuple[int, str]]:
    """Every line with the offset of its first byte (in the decompressed text), without its newline.

    Raises:
        SourceError: the file cannot be opened, or breaks off in the middle (every line before that was given).
    """
    offset = 0
    for data in read_blocks(path):
        for line in split(data):
            yield offset, line
            offset += len(line) + 1 if line.isascii() and len(line) < MAX_LINE else _length(data, line)


def _length(data: bytes, line: str) -> int:
    """Bytes of a line that is not plain ASCII; a cut line counts by what is kept, offsets stay ascending."""
    return len(line.encode("utf-8", "surrogateescape")) + 1


def read_blocks(path: str) -> Iterator[bytes]:
    """Blocks of whole lines, each without its last newline; memory is bounded by one block.

    Raises:
        SourceError: as `read_lines`.
    """
    stream = open_binary(path)
    rest = b""
    try:
        while data := stream.read(CHUNK):
            head, newline, tail = data.rpartition(b"\n")
            if newline:
                yield rest + head
                rest = tail
            else:
                rest = (rest + data)[: 4 * CHUNK]
    except _BROKEN as error:
        if rest:
            yield rest
        msg = f"{path}: breaks off: {error}; every line before that was read"
        raise SourceError(msg) from error
    finally:
        if path != "-":
            stream.close()
    if rest:
        yield rest
