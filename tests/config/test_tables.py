"""The tables that come with gatepost."""

import pytest

from gatepost.config import assemble, tables
from gatepost.config.settings import Data, Settings
from gatepost.enrich.lists import FILES
from gatepost.enrich.network import Networks


@pytest.fixture(scope="module")
def networks() -> Networks:
    """The look-ups of an empty configuration."""
    return assemble.observer(Settings()).networks


@pytest.mark.parametrize(
    ("asn", "word"),
    [(16509, "many"), (8075, "many"), (13335, "relay"), (9009, "vpn"), (24940, "hosting"), (21928, "mobile")],
)
def test_large_systems_are_what_they_are_known_for(asn: int, word: str) -> None:
    """Clouds that run functions and the makers of mail apps are no hosters by address, though a list says so."""
    assert tables.lists(Data()).systems[asn] == word


def test_every_list_is_there() -> None:
    """None of them came empty."""
    found = tables.lists(Data())
    assert all(tables.content(name) for name in (*FILES, tables.ASN, tables.COUNTRY))
    assert found.tor.four.first and found.relay.four.first and found.vpn.four.first
    assert [app for app, _ in found.apps] == ["outlook", "gmail"]


def test_functions_in_a_cloud_are_one_network(networks: Networks) -> None:
    """Addresses of one cloud share a network, those of a hoster do not."""
    table = tables.systems(Data())
    assert table is not None and networks.facts == {"network", "country"}
    one, other = (networks.origin(client) for client in ("3.120.1.1", "3.121.9.9"))
    assert one is not None and other is not None and one.network == other.network == "as16509"
    here, there = (networks.origin(client) for client in ("5.9.1.1", "5.9.1.2"))
    assert here is not None and there is not None and here.network != there.network and here.kind == "hosting"
