"""Who may send log lines, and for which mail server each of them speaks.

Owns the answer to "whose lines are these?": it comes from the address or the certificate of the connection, never from
the host a message names (contracts 12). Source: RFC 5425 section 5.2 (subject names), RFC 6125 section 6.4.4 (the
common name counts only where there is no other).
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

REMEMBERED = 10_000
"""Addresses whose host is looked up once."""


class Peers:
    """Addresses, networks and names of certificates, each with its host."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        """Sort them.

        Args:
            hosts: "192.0.2.10", "2001:db8::/64" or "mx1.example.org" to the host it speaks for.
        """
        self._names = {name.lower(): host for name, host in hosts.items()}
        networks = [(ip_network(name), host) for name, host in hosts.items() if _is_network(name)]
        self._networks = sorted(networks, key=lambda pair: -pair[0].prefixlen)
        self._known: dict[str, str | None] = {}

    def at(self, address: str) -> str | None:
        """The host that an address speaks for, by the narrowest network; None for a stranger."""
        if address not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[address] = self._look_up(address)
        return self._known[address]

    def _look_up(self, address: str) -> str | None:
        try:
            ip = ip_address(address.partition("%")[0])
        except ValueError:
            return None
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return next((host for network, host in self._networks if ip in network), None)

    def shown(self, certificate: Mapping[str, Any]) -> str | None:
        """The host that a verified certificate speaks for; None for a stranger. Wildcards are no names.

        Args:
            certificate: as `ssl.SSLSocket.getpeercert` gives it.
        """
        found = (self._names.get(name.lower()) for name in certificate_names(certificate))
        return next((host for host in found if host is not None), None)


def certificate_names(certificate: Mapping[str, Any]) -> Iterable[str]:
    """The DNS names of a certificate, or its common name when it has none."""
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    common = [value for part in certificate.get("subject", ()) for kind, value in part if kind == "commonName"]
    return names or common


def _is_network(name: str) -> bool:
    try:
        ip_network(name)
    except ValueError:
        return False
    return True
