"""What counts as one access."""

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.enrich.network import Networks
from gatepost.enrich.tables import MAGIC, AsTable, read


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
