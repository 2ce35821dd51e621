"""Where in a long log learning begins: at the first line that is not too old.

A log that is never rotated may hold years; only the last days of it are to be learnt (`[start] learn`). Times stand in
it nearly in order, so the place is found by halving, without reading the rest.
"""

import os
from collections.abc import Iterator
from itertools import islice

from gatepost.source.lines import CHUNK, length, split
from gatepost.source.merge import Stamp

NEAR = 1 << 16
"""Octets that are looked through line by line at the end of the halving."""

LOOK = 1 << 20
"""Octets looked through for a line that names a time; behind so many without one, none is expected."""

SEVERAL = 20
"""Lines with a time looked at in one place, the newest counts: a host that woke up in 1970 hides nothing."""


def cut(file: int, since: float, stamp: Stamp) -> int:
    """The offset of the first line that is not older than an instant.

    Where times are not in order, or are in none of the lines of a place, the answer is rather too early than too late.

    Args:
        file: descriptor of a plain file.
        since: the instant.
        stamp: reads a line's time.

    Returns:
        The beginning of a line; the end of its last whole line when all of it is older.

    Raises:
        OSError: the file cannot be read.
    """
    low, high = 0, os.fstat(file).st_size
    while high - low > NEAR:
        middle = (low + high) // 2
        found = _around(file, middle, high, stamp)
        if found and max(time for _, time in found) < since:
            low = found[0][0]
        else:
            high = middle
    return _exactly(file, low, since, stamp)


def _exactly(file: int, low: int, since: float, stamp: Stamp) -> int:
    """From the beginning of a line on, the first that is not too old; where no line names a time, that place."""
    while whole := _whole(file, low, LOOK):
        stamped = list(_stamped(whole, low, stamp))
        for offset, time in stamped:
            if time >= since:
                return offset
        if not stamped:
            return low
        low += len(whole)
    return low


def _around(file: int, middle: int, high: int, stamp: Stamp) -> list[tuple[int, float]]:
    """The first lines with a time that begin behind the middle, and before `high`."""
    data = _whole(file, middle, min(LOOK, high - middle))
    first = data.find(b"\n") + 1
    return list(islice(_stamped(data[first:], middle + first, stamp), SEVERAL))


def _whole(file: int, start: int, most: int) -> bytes:
    """What stands there, up to the last end of a line."""
    data = os.pread(file, most, start)
    return data[: data.rfind(b"\n") + 1]


def _stamped(whole: bytes, offset: int, stamp: Stamp) -> Iterator[tuple[int, float]]:
    """Lines with a time, and where each begins."""
    for line in split(whole)[:-1]:
        time = stamp(line)
        if time is not None:
            yield offset, time
        offset += length(line)


def last_end(file: int) -> int:
    """The offset behind the last whole line of a plain file.

    Raises:
        OSError: the file cannot be read.
    """
    size = os.fstat(file).st_size
    start = max(0, size - CHUNK)
    return start + os.pread(file, size - start, start).rfind(b"\n") + 1
