"""The Internet of the story: providers, and the addresses their customers have.

Providers are real: autonomous systems by number, with the address ranges they announce (the packaged table of AS
numbers, see `gatepost data show`), because mobile pools, hosters and far-away providers differ in how their addresses
are spread. Which address a customer has is drawn from a name and the hour, so that the same seed gives the same log.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from gzip import decompress
from hashlib import blake2b
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import NamedTuple

from msgspec import Struct

from gatepost.enrich.tables import AsTable, read

HOMES = (3320, 7922, 3209, 6830, 3215, 2856, 5089, 3352, 12322, 1136, 5617, 3269, 20115, 7018, 8447, 3303, 8881, 5432)
"""Providers of homes and offices."""

CARRIERS = (21928, 20057, 22394, 12576, 12430, 16232, 24608, 12912, 39603, 44034, 50266, 3320, 3209, 6805)
"""Mobile carriers; the last three have phones and lines at home in one autonomous system."""

HOSTERS = (24940, 16276, 14061, 63949, 20473, 51167, 8560, 12876, 60781, 36352, 46606)
"""Rented servers."""

TUNNELS = (9009, 212238, 60068, 39351, 62240, 137409)
"""What commercial VPNs rent."""

RELAYS = (36183, 13335, 54113)
"""Where a privacy relay comes out."""

BACKENDS = {"outlook": 8075, "gmail": 15169}
"""Mail apps that fetch and send on their users' behalf."""

HOTELS = (6799, 1267, 3243, 5391, 5466, 6866, 8400, 3352, 3269, 9121, 5384, 6713, 9299, 4788, 8151)
"""Providers that travellers meet."""

FAR = (
    4134, 9829, 45899, 7552, 8151, 28573, 18881, 27699, 9121, 8452, 12389, 24560, 9299, 23969, 3816, 6147, 7303, 5384,
    25019, 17557, 37457, 6713, 8048, 58224, 9198, 6849, 15895, 6697, 8708, 5483, 8866, 36903, 36947, 45609, 4766, 4788,
    18403, 131090, 9498, 22047, 10620, 27747, 11830, 14754, 6057, 7738, 13999, 55836, 16345, 29465,
)  # fmt: skip
"""Providers where infected machines are, dozens of countries."""

WEBMAIL = "192.0.2.80"
"""Our own web mail: everybody who uses it comes from this address."""

MINUTE, HOUR, DAY = 60, 3600, 86400
FOR_GOOD = 10_000 * DAY


class Provider(NamedTuple):
    """One autonomous system."""

    asn: int
    four: tuple[tuple[int, int], ...]
    """IPv4 ranges, first and one past the last, at least a /24 each, longest first."""
    six: tuple[tuple[int, int], ...]
    """IPv6 ranges in upper halves of addresses."""


class Place(Struct, frozen=True):
    """Where somebody's connections come from."""

    name: str
    """What its addresses are derived from."""
    ranges: tuple[tuple[int, int], ...]
    lasts: int
    """Seconds an address is kept."""
    six: bool = False
    asn: int = 0

    def client(self, at: float) -> str:
        """The address of a connection at an instant."""
        mark = drawn(f"{self.name}/{int(at) // self.lasts}")
        first, end = self.ranges[mark % len(self.ranges)]
        if not self.six:
            number = first + (mark >> 16) % (end - first)
            return str(IPv4Address(number + (number & 255 == 0) - (number & 255 == 255)))
        device = drawn(f"{self.name}/{int(at) // DAY}/{mark % 3}")
        return str(IPv6Address((first + (mark >> 16) % (end - first) << 64) | device))


def drawn(name: str) -> int:
    """64 bits that belong to a name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


class World:
    """Gives people their places."""

    def __init__(self, table: AsTable) -> None:
        """Find the ranges of all providers of the story.

        Raises:
            ValueError: the table does not know one of them.
        """
        wanted = {*HOMES, *CARRIERS, *HOSTERS, *TUNNELS, *RELAYS, *BACKENDS.values(), *HOTELS, *FAR}
        four = _ranges(table.start4, table.value4, wanted, 256)
        six = _ranges(table.start6, table.value6, wanted, 1 << 16)
        if missing := sorted(wanted - four.keys()):
            msg = f"the table of AS numbers knows no addresses of {', '.join(f'AS{asn}' for asn in missing)}"
            raise ValueError(msg)
        self._providers = {asn: Provider(asn, four[asn], six.get(asn, ())) for asn in sorted(wanted)}

    def place(self, name: str, asn: int, lasts: int, parts: int = 1, bits: int = 8) -> Place:
        """A place whose addresses come from so many parts of a provider, each 2**bits addresses wide."""
        ranges = self._providers[asn].four
        return Place(name, tuple(_part(ranges, f"{name}/{asn}/{n}", bits) for n in range(parts)), lasts, asn=asn)

    def place_six(self, name: str, asn: int, lasts: int, bits: int = 0) -> Place:
        """The same with IPv6: one /64 for 0 bits, a /56 for 8, a /32 for 32. IPv4 where a provider has none."""
        ranges = self._providers[asn].six
        if not ranges:
            return self.place(name, asn, lasts)
        return Place(name, (_part(ranges, f"{name}/{asn}/six", bits),), lasts, six=True, asn=asn)

    def home(self, rng: Random, name: str) -> Place:
        """A line at home: renewed daily, weekly or never; an eighth speaks IPv6, an eighth shares an address."""
        asn, kind = rng.choice(HOMES), rng.random()
        lasts = rng.choice((DAY, 7 * DAY, FOR_GOOD, FOR_GOOD))
        if kind < 0.125:
            return self.place_six(name, asn, lasts, 8)
        if kind < 0.25:
            return self.place(f"gateway{rng.randrange(3)}", asn, 7 * DAY)
        return self.place(name, asn, lasts, 1, 14)

    def office(self, rng: Random, name: str) -> Place:
        """An office: one address for good."""
        return self.place(name, rng.choice(HOMES), FOR_GOOD)

    def phone(self, rng: Random, name: str) -> Place:
        """A phone: another address of a few parts of its carrier's pool every five minutes to three hours."""
        lasts = rng.choice((5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR))
        asn = rng.choice(CARRIERS)
        if rng.random() < 0.2:
            return self.place_six(name, asn, lasts, 24)
        return self.place(name, asn, lasts, rng.randrange(2, 12), rng.randrange(8, 13))

    def hotel(self, rng: Random, name: str) -> Place:
        """A network far from home, the same address for as long as somebody stays."""
        return self.place(name, rng.choice(HOTELS), FOR_GOOD)

    def server(self, rng: Random, name: str) -> Place:
        """A rented server."""
        return self.place(name, rng.choice(HOSTERS), FOR_GOOD)

    def tunnel(self, rng: Random, name: str) -> Place:
        """A commercial VPN: an exit somewhere for a few hours, then another provider's."""
        return self._mixed(name, rng.sample(TUNNELS, 3), rng.choice((2 * HOUR, 8 * HOUR)), 4)

    def relay(self, name: str) -> Place:
        """A privacy relay: another exit every few minutes."""
        return self._mixed(name, RELAYS, 20 * MINUTE, 3)

    def backend(self, name: str, app: str) -> Place:
        """A mail app's own servers: any of them."""
        return self.place(f"backend/{app}", BACKENDS[app], 10 * MINUTE, 6, 10)

    def bots(self, rng: Random, number: int, providers: Sequence[int] = FAR) -> list[str]:
        """Addresses of infected machines, spread over providers as evenly as their number allows."""
        pool = list(providers)
        rng.shuffle(pool)
        name = f"bots/{rng.getrandbits(48)}"
        return [self.place(f"{name}/{n}", pool[n % len(pool)], FOR_GOOD).client(0) for n in range(number)]

    def _mixed(self, name: str, providers: Iterable[int], lasts: int, parts: int) -> Place:
        places = [self.place(f"exits/{asn}", asn, lasts, parts) for asn in providers]
        return Place(name, tuple(one for place in places for one in place.ranges), lasts)


@cache
def real_world() -> World:
    """The world of the packaged table; about 0.3 s."""
    return World(read(decompress((files("gatepost") / "data" / "ip2asn.bin.gz").read_bytes())))


def remote(domain: str) -> tuple[str, str]:
    """Name and address of the mail server of a domain: 198.18.0.0/15 is nobody's (RFC 2544)."""
    mark = drawn(domain)
    return f"mx{mark % 3 + 1}.{domain}", f"198.{18 + (mark & 1)}.{mark >> 8 & 255}.{1 + (mark >> 16) % 254}"


def _ranges(
    starts: Sequence[int], values: Sequence[int], wanted: set[int], least: int
) -> dict[int, tuple[tuple[int, int], ...]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, asn in enumerate(values[:-1]):
        if asn in wanted and starts[index + 1] - starts[index] >= least:
            found[asn].append((starts[index], starts[index + 1]))
    return {asn: tuple(sorted(ranges, key=lambda one: one[0] - one[1])) for asn, ranges in found.items()}


def _part(ranges: Sequence[tuple[int, int]], name: str, bits: int) -> tuple[int, int]:
    """An aligned part of one of the longer ranges."""
    mark = drawn(name)
    first, end = ranges[mark % (1 + len(ranges) // 2)]
    slots = max(1, end - first >> bits)
    start = first + ((mark >> 16) % slots << bits)
    return start, min(end, start + (1 << bits))
