"""Newer tables about networks: looked at hard, then put in place of the old ones, or left.

Owns the gates. A list that somebody else writes decides what counts as one place; one that is broken off, empty or
covers half the Internet would make everybody a stranger, or everybody the same. What fails leaves the old one.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from gatepost.act.durable import Owner, write_own
from gatepost.config import tables
from gatepost.config.settings import Data
from gatepost.core.errors import ConfigError, GatepostError, SourceError
from gatepost.enrich.lists import FILES, Ranges, read_apps, read_ranges, read_systems
from gatepost.enrich.packing import pack
from gatepost.enrich.tables import read, read_countries
from gatepost.source.fetch import MOST, fetch

TSV = "ip2asn-combined.tsv"
SUMS = "SHA256SUMS"

SOURCES: Mapping[str, str] = {
    "tor.txt": "https://check.torproject.org/torbulkexitlist",
    "relay.txt": "https://mask-api.icloud.com/egress-ip-ranges.csv",
    "vpn.txt": "https://raw.githubusercontent.com/X4BNet/lists_vpn/main/output/vpn/ipv4.txt",
    TSV: "https://iptoasn.com/data/ip2asn-combined.tsv.gz",
}
"""Where newer ones are published. The other lists have no one place: they come with gatepost, or with `--from`."""

WIDEST = {"tor.txt": 1 << 17, "relay.txt": 1 << 23, "vpn.txt": 1 << 26, "apps.txt": 1 << 22}
"""IPv4 addresses in a list beyond which it is not that list: 40 to 200 times what is in them today."""

SHORTEST = 1 << 104
"""IPv6 addresses in one piece beyond which it is nobody's VPN: a /24."""

SHRUNK = 0.5
"""The share of the present entries that a new table must have."""


class Renewed(Struct, frozen=True):
    """What became of one table."""

    name: str
    entries: int = 0
    before: int = 0
    checksum: str = ""
    trouble: str = ""
    """Why the old one stays; "" when it was replaced."""


def renew(data: Data, folder: str = "", *, anyway: bool = False) -> Iterator[Renewed]:
    """Take over newer tables, one after the other.

    Args:
        data: its `folder` is where they go.
        folder: where they lie, plain or packed (.gz); "" fetches those that are published.
        anyway: also take tables that have shrunk to less than half.

    Raises:
        ConfigError: `[data] folder` is not set.
        SourceError: there is nothing in the folder, or its checksums cannot be read.
    """
    if not data.folder:
        raise ConfigError('set [data] folder = "/var/lib/gatepost/data": newer tables are kept there')
    for name, get in (_given(Path(folder)) if folder else _published()).items():
        try:
            yield _one(name, get(), data, anyway=anyway)
        except (GatepostError, ValueError, EOFError, zlib.error, OSError) as error:
            yield Renewed(name, trouble=str(error))


def entries(name: str, content: bytes) -> int:
    """How many entries a table has; what cannot be that table is refused.

    Raises:
        ValueError: it is none, or covers what it cannot.
    """
    if name in (tables.ASN, tables.COUNTRY):
        table = read(content) if name == tables.ASN else read_countries(content).table
        return len(table.start4) + len(table.start6)
    text = content.decode()
    if name in ("hosting.txt", "mobile.txt", "systems.txt"):
        return len(read_systems(text, name, name.partition(".")[0] if name != "systems.txt" else ""))
    found = [ranges for _, ranges in read_apps(text)] if name == "apps.txt" else [read_ranges(text, name)]
    for ranges in found:
        _narrow(name, ranges)
    return sum(len(side.first) for ranges in found for side in ranges)


def _narrow(name: str, ranges: Ranges) -> None:
    """It covers no more than such a list can."""
    four = sum(last - first + 1 for first, last in zip(*ranges.four, strict=True))
    six = max((last - first + 1 for first, last in zip(*ranges.six, strict=True)), default=0)
    if four > WIDEST[name] or six > SHORTEST:
        msg = f"{name} covers more of the Internet than such a list can ({four:,} IPv4 addresses)"
        raise ValueError(msg)


def _one(name: str, content: bytes, data: Data, *, anyway: bool) -> Renewed:
    content = _unpacked(content)
    if name == TSV:
        name, content = tables.ASN, pack(content.decode())
    found, before = entries(name, content), entries(name, tables.content(name, data.folder))
    if found < SHRUNK * before and not anyway:
        msg = f"it has {found:,} entries and the present one {before:,}: look at it, then use --anyway"
        return Renewed(name, found, before, trouble=msg)
    stored = gzip.compress(content, 6, mtime=0) if name == tables.ASN else content
    write_own(Path(data.folder) / name, stored, Owner(0o644))
    return Renewed(name, found, before, sha256(stored).hexdigest())


def _unpacked(content: bytes) -> bytes:
    """What is in a file, packed or not; at most `MOST` octets."""
    if content[:2] != b"\x1f\x8b":
        return content
    undo = zlib.decompressobj(31)
    plain = undo.decompress(content, MOST)
    if not undo.eof:
        msg = "it is broken off, or unpacks to more than can be"
        raise ValueError(msg)
    return plain


Get = Callable[[], bytes]


def _published() -> dict[str, Get]:
    return {name: lambda url=url: fetch(url) for name, url in SOURCES.items()}  # type: ignore[misc]


def _given(folder: Path) -> dict[str, Get]:
    """The files of a folder, each checked against its checksum."""
    names = (*FILES, tables.ASN, TSV)
    places = {name: folder / file for name in names for file in (f"{name}.gz", name) if (folder / file).is_file()}
    if not places:
        raise SourceError(f"{folder}: there is none of {', '.join(names)} here, plain or packed (.gz)")
    sums = _sums(folder / SUMS)
    return {name: lambda place=place: _checked(place, sums) for name, place in places.items()}  # type: ignore[misc]


def _sums(file: Path) -> Mapping[str, str] | None:
    """File name to checksum, as sha256sum writes them; None when there is no such file."""
    try:
        lines = file.read_text().splitlines() if file.exists() else None
    except (OSError, ValueError) as error:
        raise SourceError(f"{file}: cannot be read: {error}") from error
    if lines is None:
        return None
    return {
        name.strip().removeprefix("*"): digest.lower() for digest, _, name in (line.partition(" ") for line in lines)
    }


def _checked(place: Path, sums: Mapping[str, str] | None) -> bytes:
    content = place.read_bytes()
    if sums is not None and sums.get(place.name) != sha256(content).hexdigest():
        msg = f"{place.name} is not what {SUMS} says: it was damaged or changed on the way"
        raise SourceError(msg)
    return content
