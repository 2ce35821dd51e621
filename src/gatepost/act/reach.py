"""Which addresses of the network our own messages may go to.

Owns the guard against a name that leads inside (server-side request forgery): every address of a name is looked at, and
one that was looked at is what is connected to, so that a second answer of the name server changes nothing.
"""

import asyncio
import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from gatepost.core.errors import ActionError
from gatepost.core.units import is_here

Address = IPv4Address | IPv6Address

MOST = 16
"""Addresses of a name that are looked at; one with more is refused."""

_METADATA = frozenset({ip_address("168.63.129.16")})
"""Public by number, and yet a cloud's own: the wire server of Azure's hosts."""

_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""IPv4 behind a translator (RFC 6052 section 2.1, RFC 8215)."""


class Reach:
    """Public addresses, and the networks that the operator names."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Name what may be reached besides.

        Raises:
            ValueError: one of them is no network.
        """
        self._named = tuple(ip_network(network) for network in networks)

    def may(self, address: Address) -> bool:
        """Whether it may be connected to."""
        if any(address in network for network in self._named):
            return True
        return all(_public(one) for one in (address, *_inside(address)))

    async def find(self, host: str, port: int) -> list[str]:
        """The addresses of a name, each of which may be connected to.

        "localhost" and a loopback address are meant as they are written; a name that leads there is not.

        Raises:
            ActionError: there is none, or one of them may not; worth another try, for names change.
        """
        found = await _resolve(host, port)
        if not found or len(found) > MOST:
            raise ActionError(f"{host} has {len(found)} addresses: write one that has 1 to {MOST}", retry=True)
        meant = is_here(host)
        for address in found:
            if not self.may(address) and not (meant and address.is_loopback):
                msg = f"{host} leads to {address}, which is no public address: correct it, or name it in networks"
                raise ActionError(msg, retry=True)
        return [str(address) for address in found]


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        msg = f"{host} has no address ({error}): correct the name, or look at this host's name server"
        raise ActionError(msg, retry=True) from error
    return list(dict.fromkeys(ip_address(place[0]) for *_, place in found))


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and any(address in network for network in _TRANSLATED):
        return address in _TRANSLATED[0]
    return address.is_global and not address.is_multicast and address not in _METADATA


def _inside(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries (RFC 4291, RFC 3056, RFC 4380, RFC 6052)."""
    if isinstance(address, IPv4Address):
        return
    if address in _TRANSLATED[0]:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    yield from (one for one in carried if one is not None)
