"""Opens the tables about networks: those that come with gatepost, newer ones in a folder, or the operator's."""

import gzip
import zlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from gatepost.config.mmdb import NATIONS, NUMBERS, SUFFIX, Mmdb
from gatepost.config.settings import Data
from gatepost.core.errors import ConfigError
from gatepost.enrich import lists as listed
from gatepost.enrich.lists import FILES, Lists
from gatepost.enrich.tables import Nations, Numbers, read, read_countries

ASN = "ip2asn.bin.gz"
COUNTRY = "ip2country.bin.gz"
BROKEN = (OSError, EOFError, ValueError, zlib.error)
"""What a file that is none of ours raises."""


def systems(data: Data) -> Numbers | None:
    """The table of AS numbers; None when there shall be none.

    Raises:
        ConfigError: the file cannot be read or is no such table.
    """
    if data.asn == "none":
        return None
    if data.asn == "bundled":
        return _systems("", data.folder, _changed(data.folder, ASN))
    return _systems(data.asn, "", _changed("", data.asn))


def lists(data: Data) -> Lists:
    """The lists of special networks, or empty ones.

    Raises:
        ConfigError: one in the folder cannot be read or is none.
    """
    if data.lists == "none":
        return Lists()
    return _lists(data.folder, tuple(_changed(data.folder, name) for name in FILES))


def countries(data: Data) -> Nations | None:
    """The table of countries; None when there shall be none.

    Raises:
        ConfigError: the file cannot be read or is no such table.
    """
    if data.country == "none":
        return None
    file = "" if data.country == "bundled" else data.country
    return _countries(file, _changed("", file))


def content(name: str, folder: str = "") -> bytes:
    """A table, unpacked: a newer one in the folder, else the one that comes with gatepost.

    Raises:
        OSError: it cannot be read; EOFError, zlib.error: it is packed wrongly.
    """
    if folder and (Path(folder) / name).is_file():
        return _unpacked((Path(folder) / name).read_bytes())
    place = files("gatepost") / "data"
    return _unpacked(((place / name) if (place / name).is_file() else place / f"{name}.gz").read_bytes())


@lru_cache(maxsize=2)
def _systems(file: str, folder: str, changed: float) -> Numbers:
    """A table as it was last changed."""
    if file.endswith(SUFFIX):
        return Mmdb(file, "data.asn", NUMBERS)
    try:
        return read(_unpacked(Path(file).read_bytes()) if file else content(ASN, folder))
    except BROKEN as error:
        name, place = ("data.asn", file) if file else ("data.folder", f"{folder}/{ASN}")
        raise ConfigError(f"{name}: cannot be used: {error}", place) from error


@lru_cache(maxsize=2)
def _countries(file: str, changed: float) -> Nations:
    if file.endswith(SUFFIX):
        return Mmdb(file, "data.country", NATIONS)
    try:
        return read_countries(_unpacked(Path(file).read_bytes()) if file else content(COUNTRY))
    except BROKEN as error:
        raise ConfigError(f"data.country: cannot be used: {error}", file or COUNTRY) from error


@lru_cache(maxsize=2)
def _lists(folder: str, changed: tuple[float, ...]) -> Lists:
    try:
        return listed.lists({name: content(name, folder).decode() for name in FILES})
    except BROKEN as error:
        raise ConfigError(f"data.folder: cannot be used: {error}", folder) from error


def _unpacked(packed: bytes) -> bytes:
    return gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed


def _changed(folder: str, name: str) -> float:
    """When a file of the operator's was last written; 0.0 for what is none."""
    try:
        return (Path(folder) / name).stat().st_mtime if folder or name not in ("", ASN) else 0.0
    except OSError:
        return 0.0
