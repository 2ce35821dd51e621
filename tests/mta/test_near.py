"""Addresses of this host and of private networks."""

import pytest

from gatepost.mta.near import near


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "10.1.2.3", "192.168.0.1", "172.16.0.1", "172.31.255.1", "169.254.1.1", "::1",
     "fd00::1", "fc00:1::1", "fe80::1", "FE80::1", "::ffff:127.0.0.1"],
)  # fmt: skip
def test_a_filter_of_ours_may_have_it(address: str) -> None:
    """Loopback, private and link-local addresses of both families are near."""
    assert near(address)


@pytest.mark.parametrize(
    "address",
    ["", "unknown", "172.15.0.1", "172.32.0.1", "192.0.2.1", "203.0.113.10", "2001:db8::1", "::1:2", "11.0.0.1",
     "100.127.0.0", "fec0::1", "private/lmtp"],
)  # fmt: skip
def test_a_stranger_may_have_it(address: str) -> None:
    """Every other address, and what is no address, is not near."""
    assert not near(address)
