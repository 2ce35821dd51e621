"""Published tables of autonomous systems into the packed form.

Text in, bytes out. What is read is the table of iptoasn.com: first and last address, AS number, country and name of the
AS, separated by tabs; 0 is "not routed".
"""

import sys
from array import array
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from itertools import chain

from gatepost.enrich.tables import MAGIC

MAX_ROWS = 3_000_000
Row = tuple[int, int, int]
"""First address, last address, AS number."""


def pack(text: str) -> bytes:
    """A table as `tables.read` takes it.

    Raises:
        ValueError: a line is none; the message names it.
    """
    sides: tuple[list[Row], list[Row]] = ([], [])
    for number, line in enumerate(text.splitlines(), 1):
        if number > MAX_ROWS:
            msg = f"more than {MAX_ROWS} lines"
            raise ValueError(msg)
        if line:
            six, row = _row(line, number)
            sides[six].append(row)
    four, six_ = (list(_breaks(sorted(side), end)) for side, end in zip(sides, (1 << 32, 1 << 64), strict=True))
    parts = _columns(four, "I"), _columns(six_, "Q")
    return MAGIC + b"".join(len(side).to_bytes(4, "little") for side in (four, six_)) + b"".join(chain(*parts))


def _row(line: str, number: int) -> tuple[bool, Row]:
    """Whether it is IPv6, and its span in units of an address, IPv6 of a /64."""
    try:
        first, last, asn = line.split("\t", 3)[:3]
        if ":" in first:
            return True, (int(IPv6Address(first)) >> 64, int(IPv6Address(last)) >> 64, _asn(asn))
        return False, (int(IPv4Address(first)), int(IPv4Address(last)), _asn(asn))
    except ValueError as error:
        msg = f"line {number}: {line[:60]!r} is no range with an AS number"
        raise ValueError(msg) from error


def _asn(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) >= 1 << 32:
        raise ValueError(text)
    return int(text)


def _breaks(rows: Iterable[Row], space: int) -> Iterator[tuple[int, int]]:
    """Where another AS begins; 0 where nobody's addresses begin."""
    end, before = 0, -1
    for first, last, asn in rows:
        if first > end and before != 0:
            yield end, 0
            before = 0
        start = max(first, end)
        if start > last:
            continue
        if asn != before:
            yield start, asn
            before = asn
        end = last + 1
    if before > 0 and end < space:
        yield end, 0


def _columns(breaks: list[tuple[int, int]], code: str) -> tuple[bytes, bytes]:
    starts, values = array(code, (start for start, _ in breaks)), array("I", (asn for _, asn in breaks))
    if sys.byteorder == "big":
        starts.byteswap()
        values.byteswap()
    return starts.tobytes(), values.tobytes()
