"""Sorted-array tables: address to AS number.

Bytes in, table out; opening the file is `config/assemble.py`'s work. Format: 8 bytes magic ("GPASN001"), uint32 n4,
uint32 n6, then start4 (uint32), value4 (uint32), start6 (uint64, the upper 64 bits), value6 (uint32), little-endian;
entry i covers [start[i], start[i+1]); 0 is "not routed".
"""

import sys
from array import array
from bisect import bisect_right
from ipaddress import IPv4Address, IPv6Address
from struct import error, unpack_from
from typing import NamedTuple

MAGIC = b"GPASN001"


class AsTable(NamedTuple):
    """Which AS announces an address."""

    start4: "array[int]"
    value4: "array[int]"
    start6: "array[int]"
    value6: "array[int]"

    def asn(self, address: IPv4Address | IPv6Address) -> int:
        """The AS number; 0 when nobody announces the address. About 1 µs."""
        if isinstance(address, IPv4Address):
            starts, values, number = self.start4, self.value4, int(address)
        else:
            starts, values, number = self.start6, self.value6, int(address) >> 64
        place = bisect_right(starts, number) - 1
        return values[place] if place >= 0 else 0

    def four(self, number: int) -> int:
        """The same for an IPv4 address that is a number already."""
        place = bisect_right(self.start4, number) - 1
        return self.value4[place] if place >= 0 else 0


def read(data: bytes) -> AsTable:
    """Unpacked bytes as a table.

    Raises:
        ValueError: the bytes are no such table, or break off.
    """
    try:
        magic, n4, n6 = unpack_from("<8sII", data)
    except error:
        magic, n4, n6 = b"", 0, 0
    if magic != MAGIC or len(data) != 16 + 8 * n4 + 12 * n6:
        msg = "no table of AS numbers: the file begins wrongly or breaks off"
        raise ValueError(msg)
    place, parts = 16, []
    for code, length in (("I", n4), ("I", n4), ("Q", n6), ("I", n6)):
        part = array(code)
        part.frombytes(data[place : place + length * part.itemsize])
        if sys.byteorder == "big":
            part.byteswap()
        parts.append(part)
        place += length * part.itemsize
    return AsTable(*parts)
