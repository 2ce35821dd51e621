"""Address to network identity: what counts as ONE access.

First match wins: this machine; the operator's own networks; networks he gave a name; a Tor exit; a privacy relay; a
mail app's own servers; a commercial VPN; a rented server, each address (IPv6: /64) for itself; else the AS that
announces the address. Without tables IPv4 /16 and IPv6 /32. Tor, the relay and each mail app are one network each,
whatever address they come out at: behind them is a person who cannot choose it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from msgspec.structs import replace

from gatepost.core.facts import NetworkKind, Origin
from gatepost.core.units import HIDDEN
from gatepost.enrich.lists import Lists
from gatepost.enrich.tables import Nations, Numbers

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MAX_CACHED = 100_000

LANDLORD = 20
"""Listed VPN exits in one AS from which on its servers are not told apart: they may be one customer's next exits."""

WHOLE: tuple[NetworkKind, ...] = ("own", "relay", "app")
"""Kinds that are one access, whatever the address."""

_NOWHERE = Origin(HIDDEN, "unknown", HIDDEN)
"""Of a client that wrote log syntax: nobody's habit, and no place that accounts share."""


class Named(NamedTuple):
    """A network that the operator described."""

    name: str
    kind: NetworkKind
    """"hosting": every address for itself; "app", "relay" and "own": all of it once; else blocks are counted."""
    addresses: tuple[Network, ...] = ()
    systems: frozenset[int] = frozenset()


def named(name: str, kind: NetworkKind, addresses: Iterable[str] = (), systems: Iterable[int] = ()) -> Named:
    """A network that the operator described.

    Raises:
        ValueError: one of the addresses is no network.
    """
    return Named(name, kind, tuple(ip_network(text, strict=False) for text in addresses), frozenset(systems))


class Networks:
    """Knows where an address belongs."""

    def __init__(
        self,
        table: Numbers | None = None,
        own: Iterable[str] = (),
        lists: Lists | None = None,
        names: Iterable[Named] = (),
        countries: Nations | None = None,
    ) -> None:
        """Load the look-ups.

        Args:
            table: addresses to AS numbers; None when there is none.
            own: the operator's own networks in CIDR notation; they count nothing.
            lists: special networks.
            names: what the operator described, first match wins.
            countries: addresses to countries; None when there is none.

        Raises:
            ValueError: a text of `own` is no network.
        """
        self._table, self._lists, self._names = table, lists or Lists(), tuple(names)
        self._own = tuple(ip_network(text, strict=False) for text in own)
        self._systems = _words(self._lists, table)
        self._countries = countries
        self._cache: dict[str, Origin | None] = {}

    @property
    def facts(self) -> frozenset[str]:
        """What can be known of an address: "network" and "country", each when there is a table."""
        known = {"network": self._table, "country": self._countries}
        return frozenset(name for name, table in known.items() if table is not None)

    def origin(self, client: str) -> Origin | None:
        """Where an address comes from; None when it is no address, and a place of its own when it was hidden."""
        try:
            return self._cache[client]
        except KeyError:
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            found = self._cache[client] = self._look_up(client)
            return found

    def _look_up(self, client: str) -> Origin | None:
        if client == HIDDEN:
            return _NOWHERE
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
        found = self._described(address, asn) or self._listed(address, asn) or self._usual(address, asn)
        country = self._countries.of(address) if self._countries is not None else ""
        return replace(found, country=country) if country else found

    def _described(self, address: Address, asn: int) -> Origin | None:
        """What the operator described."""
        for one in self._names:
            if asn in one.systems or any(address in network for network in one.addresses):
                if one.kind == "hosting":
                    return _alone(address, asn)
                name = f"named:{one.name}"
                return Origin(name, one.kind, name if one.kind in WHOLE else _block(address), asn)
        return None

    def _listed(self, address: Address, asn: int) -> Origin | None:
        """Special networks."""
        lists, word = self._lists, self._systems.get(asn, "")
        if address in lists.tor:
            return Origin("tor", "tor", "tor", asn)
        if word == "relay" or address in lists.relay:
            return Origin("relay", "relay", "relay", asn)
        for app, ranges in lists.apps:
            if address in ranges:
                return Origin(f"app:{app}", "app", f"app:{app}", asn)
        if word == "vpn" or address in lists.vpn:
            return Origin(f"vpn:as{asn}" if asn else "vpn", "vpn", _block(address), asn)
        return _alone(address, asn) if word == "hosting" else None

    def _usual(self, address: Address, asn: int) -> Origin:
        """Everybody else."""
        kind: NetworkKind = "mobile" if self._systems.get(asn) == "mobile" else "unknown"
        return Origin(f"as{asn}" if asn else f"net:{_wide(address)}", kind, _block(address), asn)


def _words(lists: Lists, table: Numbers | None) -> Mapping[int, str]:
    """What is known of autonomous systems, hosters from whom commercial VPNs rent taken out."""
    if table is None:
        return lists.systems
    exits = Counter(map(table.four, lists.vpn.four.first))
    landlords = {asn for asn, number in exits.items() if number >= LANDLORD and lists.systems.get(asn) == "hosting"}
    return {asn: word for asn, word in lists.systems.items() if asn not in landlords}


def _alone(address: Address, asn: int) -> Origin:
    """A rented server: its own network."""
    own = str(address) if isinstance(address, IPv4Address) else str(ip_network((address, 64), strict=False))
    return Origin(f"host:{own}", "hosting", own, asn)


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
