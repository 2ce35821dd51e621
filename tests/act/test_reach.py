"""Where a web hook may lead."""

import asyncio
import socket
from ipaddress import ip_address

import pytest

from gatepost.act.reach import MOST, Reach
from gatepost.core.errors import ActionError

INSIDE = (
    "10.1.2.3", "127.0.0.1", "169.254.169.254", "100.100.100.200", "192.168.0.1", "0.0.0.0", "224.0.0.1",
    "168.63.129.16", "::", "::1", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1",
    "2002:a00:1::1", "64:ff9b::a00:1", "64:ff9b:1::808:808",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_reached(address: str) -> None:
    """Private, local, metadata and multicast addresses are refused, also inside IPv6, until they are named."""
    assert not Reach().may(ip_address(address))
    assert Reach([address]).may(ip_address(address))


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"])
def test_public_addresses_are_reached(address: str) -> None:
    """Whatever is public needs no name."""
    assert Reach().may(ip_address(address))


def found(reach: Reach, host: str, *addresses: str) -> list[str]:
    """What a name leads to, when the name server says so."""

    async def run() -> list[str]:
        async def answer(*_: object, **__: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

        asyncio.get_running_loop().getaddrinfo = answer  # type: ignore[assignment, method-assign]
        return await reach.find(host, 443)

    return asyncio.run(run())


def test_one_address_inside_spoils_the_name() -> None:
    """A name with a public and a private address is refused as a whole, and that may pass."""
    with pytest.raises(ActionError, match=r"leads to 10\.0\.0\.1") as caught:
        found(Reach(), "hooks.example.org", "9.9.9.9", "10.0.0.1")
    assert caught.value.retry
    assert found(Reach(["10.0.0.0/8"]), "hooks.example.org", "9.9.9.9", "10.0.0.1") == ["9.9.9.9", "10.0.0.1"]


def test_only_what_is_written_as_this_host_is_this_host() -> None:
    """localhost may be loopback; another name that leads there may not."""
    assert found(Reach(), "localhost", "127.0.0.1") == ["127.0.0.1"]
    with pytest.raises(ActionError, match="no public address"):
        found(Reach(), "localhost.example.org", "127.0.0.1")
    with pytest.raises(ActionError, match="no public address"):
        found(Reach(), "localhost", "10.0.0.1")


@pytest.mark.parametrize("number", [0, MOST + 1])
def test_a_name_with_no_or_too_many_addresses_is_refused(number: int) -> None:
    """Nobody makes gatepost try for hours."""
    with pytest.raises(ActionError, match="addresses"):
        found(Reach(), "hooks.example.org", *(f"9.9.9.{last}" for last in range(number)))


def test_a_name_that_is_none_is_an_error_worth_another_try() -> None:
    """What the resolver cannot even ask is told like an answer that failed."""
    with pytest.raises(ActionError, match="has no address") as caught:
        asyncio.run(Reach().find("a" * 70 + ".example.org", 443))
    assert caught.value.retry
