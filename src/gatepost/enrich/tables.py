"""Sorted-array tables: address to AS number, address to country.

Bytes in, table out; opening the file is `config/assemble.py`'s work. Format: 8 bytes magic ("GPASN001"), uint32 n4,
uint32 n6, then start4 (uint32), value4 (uint32), start6 (uint64, the upper 64 bits), value6 (uint32), little-endian;
entry i covers [start[i], start[i+1]); 0 is "not routed". Countries: magic "GPCC0001", values are uint16, the two
letters of ISO 3166-1, the first in the upper octet; 0 is "not known".
"""

import sys
from array import array
from bisect import bisect_right
from ipaddress import IPv4Address, IPv6Address
from struct import error, unpack_from
from typing import NamedTuple, Protocol

MAGIC = b"GPASN001"
COUNTRIES = b"GPCC0001"


class Numbers(Protocol):
    """Which AS announces an address."""

    def asn(self, address: IPv4Address | IPv6Address) -> int:
        """The AS number; 0 when nobody announces the address."""

    def four(self, number: int) -> int:
        """The same for an IPv4 address that is a number already."""


class Nations(Protocol):
    """Which country an address is used in."""

    def of(self, address: IPv4Address | IPv6Address) -> str:
        """ISO 3166-1 alpha-2; "" when it is not known."""


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


class Countries(NamedTuple):
    """Which country an address is used in; wrong for 4 to 8 addresses in 100, as all such tables are."""

    table: AsTable

    def of(self, address: IPv4Address | IPv6Address) -> str:
        """ISO 3166-1 alpha-2; "" when it is not known."""
        code = self.table.asn(address)
        return chr(code >> 8) + chr(code & 255) if code else ""


def read_countries(data: bytes) -> Countries:
    """Unpacked bytes as a table of countries.

    Raises:
        ValueError: the bytes are no such table, or break off.
    """
    return Countries(_read(data, COUNTRIES, "H", "countries"))


def read(data: bytes) -> AsTable:
    """Unpacked bytes as a table.

    Raises:
        ValueError: the bytes are no such table, or break off.
    """
    return _read(data, MAGIC, "I", "AS numbers")


def _read(data: bytes, wanted: bytes, value: str, of: str) -> AsTable:
    try:
        magic, n4, n6 = unpack_from("<8sII", data)
    except error:
        magic, n4, n6 = b"", 0, 0
    wide = array(value).itemsize
    if magic != wanted or len(data) != 16 + (4 + wide) * n4 + (8 + wide) * n6:
        msg = f"no table of {of}: the file begins wrongly or breaks off"
        raise ValueError(msg)
    place, parts = 16, []
    for code, length in (("I", n4), (value, n4), ("Q", n6), (value, n6)):
        part = array(code)
        part.frombytes(data[place : place + length * part.itemsize])
        if sys.byteorder == "big":
            part.byteswap()
        parts.append(part)
        place += length * part.itemsize
    return AsTable(*parts)
