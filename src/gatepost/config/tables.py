"""Opens the tables about networks: those that come with gatepost, or the operator's."""

import gzip
import zlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from gatepost.config.settings import Data
from gatepost.core.errors import ConfigError
from gatepost.enrich import lists as listed
from gatepost.enrich.lists import FILES, Lists
from gatepost.enrich.tables import AsTable, read

ASN = "ip2asn.bin.gz"


def systems(data: Data) -> AsTable | None:
    """The table of AS numbers; None when there shall be none.

    Raises:
        ConfigError: the file cannot be read or is no such table.
    """
    return None if data.asn == "none" else _systems(data.asn, _changed(data.asn))


def lists(data: Data) -> Lists:
    """The lists of special networks, or empty ones."""
    return Lists() if data.lists == "none" else _lists()


@lru_cache(maxsize=2)
def _systems(where: str, changed: float) -> AsTable:
    """A table as it was last changed."""
    try:
        packed = _bundled(ASN) if where == "bundled" else Path(where).read_bytes()
        return read(gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ConfigError(f"data.asn: cannot be used: {error}", where) from error


@lru_cache(maxsize=1)
def _lists() -> Lists:
    return listed.lists({name: _text(name) for name in FILES})


def _text(name: str) -> str:
    """A bundled list; the long ones are packed."""
    place = files("gatepost") / "data" / name
    return place.read_text() if place.is_file() else gzip.decompress(_bundled(f"{name}.gz")).decode()


def _bundled(name: str) -> bytes:
    return (files("gatepost") / "data" / name).read_bytes()


def _changed(where: str) -> float:
    """When a file of the operator's was last written; 0.0 for what is none."""
    try:
        return 0.0 if where == "bundled" else Path(where).stat().st_mtime
    except OSError:
        return 0.0
