"""The operator's own MMDB files."""

from ipaddress import ip_address
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.config.mmdb import Value, written

from gatepost.config import assemble
from gatepost.config.load import load
from gatepost.config.mmdb import NATIONS, NUMBERS, Mmdb
from gatepost.core.errors import ConfigError

HERE = "192.0.2.0/24"


def reader() -> None:
    """Skip where the package is not installed: it is needed for these files only."""
    pytest.importorskip("maxminddb", reason="the package maxminddb is not installed")


def made(folder: Path, record: Value, kind: str, version: int = 6) -> Mmdb:
    """A file in which one network is known."""
    file = folder / "own.mmdb"
    file.write_bytes(written({HERE: record}, kind, version))
    return Mmdb(str(file), "data.asn", NUMBERS + NATIONS)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(
    ("record", "asn"),
    [
        ({"autonomous_system_number": 64500, "autonomous_system_organization": "Example"}, 64500),
        ({"asn": "AS64500"}, 64500), ({"asn": "none"}, 0), ({"asn": {"x": 1}}, 0), ("AS64500", 0), ({}, 0),
    ],
)  # fmt: skip
def test_a_number_is_known_or_zero(tmp_path: Path, record: Value, asn: int, version: int) -> None:
    """In the fields of each maker; outside the networks of the file nothing is known."""
    reader()
    own = made(tmp_path, record, "Example-ASN", version)
    assert own.asn(ip_address("192.0.2.7")) == own.four(0xC0000207) == asn
    assert own.asn(ip_address("198.51.100.1")) == 0 and own.asn(ip_address("2001:db8::1")) == 0


@pytest.mark.parametrize(
    ("record", "country"),
    [
        ({"country": {"iso_code": "ZZ"}}, "ZZ"),
        ({"country": "ZZ"}, "ZZ"),
        ({"country": "zz\n"}, ""),
        ({"country": 1}, ""),
    ],
)
def test_a_country_is_known_or_empty(tmp_path: Path, record: Value, country: str) -> None:
    """Two letters, or nothing."""
    reader()
    assert made(tmp_path, record, "Example-Country").of(ip_address("192.0.2.7")) == country


def test_own_files_take_the_place_of_ours(tmp_path: Path) -> None:
    """By their paths, seen from the folder of the configuration."""
    reader()
    (tmp_path / "asn.mmdb").write_bytes(written({HERE: {"asn": "AS64500"}}, "Example-ASN"))
    (tmp_path / "land.mmdb").write_bytes(written({HERE: {"country": "ZZ"}}, "Example-Country"))
    (tmp_path / "gatepost.toml").write_text('[data]\nasn = "./asn.mmdb"\ncountry = "./land.mmdb"\n')
    origin = assemble.observer(load(tmp_path / "gatepost.toml")).networks.origin("192.0.2.7")
    assert origin is not None and (origin.network, origin.country) == ("as64500", "ZZ")


@pytest.mark.parametrize("content", [b"", b"no database", None, written({HERE: {"asn": "AS1"}}, "Example-Domain")])
def test_what_is_no_such_file_is_said(tmp_path: Path, content: bytes | None) -> None:
    """Missing, something else, or about something else: with the setting and the path."""
    reader()
    file = tmp_path / "own.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"own\.mmdb: data\.asn"):
        Mmdb(str(file), "data.asn", NUMBERS)


def test_without_the_package_its_name_is_said(tmp_path: Path) -> None:
    """And how it is installed."""
    with patch.dict("sys.modules", {"maxminddb": None}), pytest.raises(ConfigError, match="pip install maxminddb"):
        Mmdb(str(tmp_path / "own.mmdb"), "data.asn", NUMBERS)
