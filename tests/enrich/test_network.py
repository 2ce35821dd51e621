"""What counts as one access."""

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.enrich.lists import Lists, lists
from gatepost.enrich.network import LANDLORD, Networks, named
from gatepost.enrich.tables import COUNTRIES, MAGIC, AsTable, Countries, read, read_countries


def table() -> AsTable:
    """192.0.2.0/24 is announced by AS64500, 2001:db8::/32 by AS64501."""
    base4, base6 = 0xC0000200, 0x20010DB8 << 32
    parts = (
        array("I", [0, base4, base4 + 256]), array("I", [0, 64500, 0]), array("Q", [0, base6, base6 + (1 << 32)]),
        array("I", [0, 64501, 0]),
    )  # fmt: skip
    if sys.byteorder == "big":
        for part in parts:
            part.byteswap()
    head = MAGIC + (3).to_bytes(4, "little") + (3).to_bytes(4, "little")
    return read(head + b"".join(part.tobytes() for part in parts))


@pytest.mark.parametrize(
    ("client", "network", "block"),
    [
        ("192.0.2.10", "as64500", "192.0.2.0/24"),
        ("::ffff:192.0.2.10", "as64500", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "as64501", "2001:db8:1::/56"),
        ("198.51.100.7", "net:198.51.0.0/16", "198.51.100.0/24"),
        ("3fff::1", "net:3fff::/32", "3fff::/56"),
        ("127.0.0.1", "local", "127.0.0.1"),
        ("::1", "local", "::1"),
    ],
)
def test_an_address_is_known_by_who_announces_it(client: str, network: str, block: str) -> None:
    """The AS where the table has one, else /16 and /32; inside it /24 and /56."""
    origin = Networks(table()).origin(client)
    assert origin is not None
    assert (origin.network, origin.block) == (network, block)


def test_the_operators_own_networks_come_first() -> None:
    """What the operator calls his own counts nothing, whatever the table says."""
    origin = Networks(table(), ["192.0.2.0/25"]).origin("192.0.2.10")
    assert origin is not None
    assert (origin.network, origin.kind) == ("own:192.0.2.0/25", "own")


def test_a_network_of_the_operator_that_is_none_is_refused() -> None:
    """The mistake is named, not passed over."""
    with pytest.raises(ValueError, match="office"):
        Networks(own=["office"])


def special() -> Lists:
    """AS64500 rents out servers; a few of its addresses are something else."""
    return lists(
        {
            "tor.txt": "192.0.2.1\n198.51.100.1\n", "relay.txt": "192.0.2.1\n192.0.2.2\n",
            "apps.txt": "192.0.2.0/29 mailer\n", "vpn.txt": "192.0.2.0/28\n", "hosting.txt": "AS64500\n",
            "mobile.txt": "64501\n",
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("client", "network", "kind", "block"),
    [
        ("192.0.2.1", "tor", "tor", "tor"),
        ("198.51.100.1", "tor", "tor", "tor"),
        ("192.0.2.2", "relay", "relay", "relay"),
        ("192.0.2.3", "app:mailer", "app", "app:mailer"),
        ("192.0.2.9", "vpn:as64500", "vpn", "192.0.2.0/24"),
        ("192.0.2.99", "host:192.0.2.99", "hosting", "192.0.2.99"),
        ("2001:db8:1:2::3", "as64501", "mobile", "2001:db8:1::/56"),
    ],
)
def test_special_networks_come_in_a_fixed_order(client: str, network: str, kind: str, block: str) -> None:
    """Tor, relay, mail app, VPN, rented server, everybody else; the first that fits is said."""
    origin = Networks(table(), lists=special()).origin(client)
    assert origin is not None
    assert (origin.network, origin.kind, origin.block) == (network, kind, block)


def test_without_a_table_the_lists_of_addresses_still_speak() -> None:
    """Tor is Tor, a VPN is one network; who rents out servers is not known."""
    networks = Networks(lists=special())
    found = [networks.origin(client) for client in ("192.0.2.1", "192.0.2.9", "192.0.2.99")]
    assert [one.network for one in found if one] == ["tor", "vpn", "net:192.0.0.0/16"]


def test_a_server_with_ipv6_is_its_64() -> None:
    """A rented server has a whole /64 to itself."""
    found = lists({"hosting.txt": "64501"})
    one, other = (Networks(table(), lists=found).origin(f"2001:db8::{part}") for part in ("1", "2"))
    assert one == other and one is not None and one.network == "host:2001:db8::/64"


def test_servers_that_vpns_rent_are_not_told_apart() -> None:
    """Where many exits are listed the next unlisted one may be the same customer's: the AS is one network."""
    exits = "".join(f"192.0.2.{2 * number}\n" for number in range(LANDLORD))
    few, many = exits.split("\n", 1)[1], exits
    for text, network in ((few, "host:192.0.2.201"), (many, "as64500")):
        origin = Networks(table(), lists=lists({"vpn.txt": text, "hosting.txt": "64500"})).origin("192.0.2.201")
        assert origin is not None and origin.network == network


@pytest.mark.parametrize(
    ("kind", "blocks"),
    [("consumer", ["192.0.2.0/24", "198.51.100.0/24"]), ("app", ["named:ours"] * 2), ("relay", ["named:ours"] * 2)],
)
def test_what_the_operator_describes_is_one_network(kind: str, blocks: list[str]) -> None:
    """By AS number and by address together, before every list."""
    ours = named("ours", kind, ["198.51.100.0/24"], [64500])  # type: ignore[arg-type]
    networks = Networks(table(), lists=special(), names=[ours])
    found = [networks.origin(client) for client in ("192.0.2.1", "198.51.100.1")]
    assert [(one.network, one.kind) for one in found if one] == [("named:ours", kind)] * 2
    assert [one.block for one in found if one] == blocks


def test_servers_that_the_operator_describes_are_told_apart() -> None:
    """kind = "hosting": each address for itself."""
    networks = Networks(table(), names=[named("racks", "hosting", ["198.51.100.0/24"])])
    origin = networks.origin("198.51.100.7")
    assert origin is not None and origin.network == "host:198.51.100.7"


def nations() -> Countries:
    """192.0.2.0/24 is used in ZZ, 2001:db8::/32 in XA; of others nothing is known."""
    base4, base6, zz, xa = 0xC0000200, 0x20010DB8 << 32, ord("Z") << 8 | ord("Z"), ord("X") << 8 | ord("A")
    parts = (
        array("I", [0, base4, base4 + 256]), array("H", [0, zz, 0]), array("Q", [0, base6, base6 + (1 << 32)]),
        array("H", [0, xa, 0]),
    )  # fmt: skip
    if sys.byteorder == "big":
        for part in parts:
            part.byteswap()
    head = COUNTRIES + (3).to_bytes(4, "little") + (3).to_bytes(4, "little")
    return read_countries(head + b"".join(part.tobytes() for part in parts))


@pytest.mark.parametrize(
    ("client", "country"), [("192.0.2.1", "ZZ"), ("2001:db8::1", "XA"), ("198.51.100.1", ""), ("127.0.0.1", "")]
)
def test_a_country_is_known_or_empty(client: str, country: str) -> None:
    """It changes nothing else of where a client comes from."""
    plain, known = Networks(table(), lists=special()), Networks(table(), lists=special(), countries=nations())
    one, other = plain.origin(client), known.origin(client)
    assert one is not None and other is not None
    assert other.country == country and (one.network, one.kind, one.block) == (other.network, other.kind, other.block)
    assert known.facts == {"network", "country"} and plain.facts == {"network"}


def test_a_table_of_the_other_kind_is_refused() -> None:
    """Numbers are no countries."""
    with pytest.raises(ValueError, match="no table of countries"):
        read_countries(MAGIC + bytes(8))
    with pytest.raises(ValueError, match="no table of AS numbers"):
        read(COUNTRIES + bytes(8))


@given(st.text(max_size=40))
def test_no_text_makes_a_look_up_fail(client: str) -> None:
    """What is no address comes from nowhere."""
    networks = Networks(table())
    assert networks.origin(client) == networks.origin(client)


@pytest.mark.parametrize("data", [b"", b"GPASN001", MAGIC + b"\x01\0\0\0\0\0\0\0", b"x" * 40])
def test_a_broken_table_is_refused(data: bytes) -> None:
    """Bytes that are no table are told from one that is."""
    with pytest.raises(ValueError, match="no table of AS numbers"):
        read(data)
