"""The lines of one file, plain or compressed, with their offsets.

Owns opening and decoding; nothing is known here about rotation (see `tail.py`) or about what a line means.
"""

import bz2
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate, count
from operator import add
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from gatepost.core.errors import SourceError

CHUNK = 1 << 20
"""Bytes read at once; of a single line at most four such blocks are kept, which is 500 times the longest that Exim
writes (`LOG_BUFFER_SIZE`, 8 kB)."""

MOUTHFUL = 2048
"""Packed bytes unpacked at once: a zstd block of 4 bytes can become 128 kB, so these can become 64 MB at most."""

_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


class _Zstd(io.RawIOBase):
    """The frames of a zstd file as one stream; the library's own takes a file that breaks off for one that ends."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed, self._ready = packed, b""
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, at least in part; 0 at the end.

        Raises:
            EOFError: the file ends within a frame.
            zstandard.ZstdError: it is no zstd file.
        """
        while not self._ready:
            packed = self._frame.unused_data if self._frame.eof else b""
            packed = packed or self._packed.read(MOUTHFUL)
            if not packed:
                if self._begun and not self._frame.eof:
                    msg = "the file ends within a zstd frame"
                    raise EOFError(msg)
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._begun = True
            self._ready = self._frame.decompress(packed)
        number = min(len(buffer), len(self._ready))
        buffer[:number] = self._ready[:number]
        self._ready = self._ready[number:]
        return number

    def close(self) -> None:
        """Close the file too."""
        self._packed.close()
        super().close()


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
        return cast("BinaryIO", io.BufferedReader(_Zstd(plain), CHUNK))
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
    """A block of whole lines as text; bytes that are no UTF-8 are kept as surrogate escapes."""
    return data.decode("utf-8", "surrogateescape").split("\n")


def readable(text: str) -> str:
    """Text with what is no UTF-8 written out, as `\\xff`: from here on it can be stored and printed everywhere."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text


def length(line: str) -> int:
    """Bytes of a line and its newline."""
    return 1 + (len(line) if line.isascii() else len(line.encode("utf-8", "surrogateescape")))


def octets(lines: Sequence[str]) -> int:
    """Bytes of lines and their newlines."""
    if all(map(str.isascii, lines)):
        return sum(map(len, lines)) + len(lines)
    return sum(map(length, lines))


def starts(lines: Sequence[str], offset: int) -> Iterator[int]:
    """Bytes before each line, and before what follows the last; before the first are `offset`."""
    if all(map(str.isascii, lines)):
        return map(add, accumulate(map(len, lines), initial=offset), count())
    return accumulate(map(length, lines), initial=offset)


def read_lines(path: str) -> Iterator[tuple[int, str]]:
    """Every line with the offset of its first byte (in the decompressed text), without its newline.

    Raises:
        SourceError: the file cannot be opened, or breaks off in the middle (every line before that was given).
    """
    offset = 0
    for data in read_blocks(path):
        lines = split(data)
        yield from zip(starts(lines, offset), lines, strict=False)
        offset += octets(lines)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """What comes, in pieces of CHUNK bytes; what stands before a break is given before the break is raised."""
    held: list[bytes] = []
    size = 0
    try:
        while data := cast("io.BufferedIOBase", stream).read1(CHUNK - size):
            held.append(data)
            size += len(data)
            if size == CHUNK:
                yield b"".join(held)
                held, size = [], 0
    except _BROKEN:
        yield b"".join(held)
        raise
    yield b"".join(held)


def read_blocks(path: str) -> Iterator[bytes]:
    """Blocks of whole lines, each without its last newline; memory is bounded by one block.

    Raises:
        SourceError: as `read_lines`.
    """
    stream = open_binary(path)
    rest = b""
    try:
        for data in _pieces(stream):
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
