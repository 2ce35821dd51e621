"""Address to network identity: what counts as ONE access.

First match wins: this machine; the operator's own networks; the AS that announces the address, when a table is there;
else IPv4 /16 and IPv6 /32 (contracts of section 16; the finer kinds are a later matter).
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from gatepost.core.facts import Origin
from gatepost.enrich.tables import AsTable

Address = IPv4Address | IPv6Address
MAX_CACHED = 100_000


class Networks:
    """Knows where an address belongs."""

    def __init__(self, table: AsTable | None = None, own: Iterable[str] = ()) -> None:
        """Load the look-ups.

        Args:
            table: addresses to AS numbers; None when there is none.
            own: the operator's own networks in CIDR notation; they count nothing.

        Raises:
            ValueError: a text of `own` is no network.
        """
        self._table = table
        self._own: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(text, strict=False) for text in own)
        self._cache: dict[str, Origin | None] = {}

    @property
    def facts(self) -> frozenset[str]:
        """What can be known of an address: "network" when there is a table."""
        return frozenset(("network",)) if self._table is not None else frozenset()

    def origin(self, client: str) -> Origin | None:
        """Where an address comes from; None when it is no address."""
        try:
            return self._cache[client]
        except KeyError:
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            found = self._cache[client] = self._look_up(client)
            return found

    def _look_up(self, client: str) -> Origin | None:
        try:
            address: Address = ip_address(client)
        except ValueError:
            return None
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if address.is_loopback:
            return Origin("local", "local", client)
        for network in self._own:
            if address in network:
                return Origin(f"own:{network}", "own", str(network))
        asn = self._table.asn(address) if self._table is not None else 0
        network_ = f"as{asn}" if asn else f"net:{_wide(address)}"
        return Origin(network_, "unknown", _block(address), asn)


def _wide(address: Address) -> str:
    """What counts as one network without a table."""
    if isinstance(address, IPv4Address):
        return ".".join(str(address).split(".")[:2]) + ".0.0/16"
    return str(ip_network((address, 32), strict=False))


def _block(address: Address) -> str:
    """The finer key inside a network: /24, or /56."""
    if isinstance(address, IPv4Address):
        return str(address).rpartition(".")[0] + ".0/24"
    return str(ip_network((address, 56), strict=False))
