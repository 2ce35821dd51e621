"""Roaming pools: networks whose honest members change address all the time.

Owns the statistics and their guards. A network is a pool when at least five ordinary accounts witness it, when by the
lower 95 % Wilson bound (Wilson 1927, JASA 22) at least half of such accounts roam, and when they show five addresses
(median). An ordinary account logged in again within six hours at least four times on at least three days, was never
in more than six networks on one day, and had no incident. It roams when a quarter of these logins came from another
address than the one before. One account, one vote: neither a busy account nor a stolen one makes a pool.
"""

from collections.abc import Collection, Iterator
from math import ceil, sqrt
from statistics import median
from typing import Literal

from msgspec import Struct, field

from gatepost.core.facts import Origin
from gatepost.core.units import DAY

AGAIN = 6 * 3600.0
LEAST_LOGINS, LEAST_DAYS, LEAST_WITNESSES, LEAST_ADDRESSES, LEAST_BLOCKS = 4, 3, 5, 5, 4
MOST_NETWORKS = 6
ROAMS, SHARE, Z = 0.25, 0.5, 1.96
MOST_BLOCKS = 11
"""Spread remembers 48 blocks a day: with more than 11 for one access it could not see five accesses in a pool."""

MOST_VALUES = 64
"""Addresses and blocks that are told apart for one witness."""

MOST_PAIRS = 500_000
"""Accounts in networks that are watched; later ones are not."""

POOLED = ("as", "net:", "named:")
"""Beginnings of networks that can be pools: rented servers, relays and mail apps are counted otherwise."""


class Pool(Struct, frozen=True, forbid_unknown_fields=True):
    """A network, and how many of its blocks count as one access."""

    network: str
    blocks: int
    """What three of four members do not exceed on their busiest day, 4 to 11."""
    witnesses: int = 0
    roaming: int = 0
    """Witnesses that roam."""
    state: Literal["learned", "pinned", "dropped"] = "learned"


class Witness(Struct):
    """One account in one network."""

    at: float
    client: str
    again: int = 0
    changed: int = 0
    days: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    day: int = 0
    blocks: set[str] = field(default_factory=set)
    """Of the open day."""
    busiest: int = 0

    def see(self, at: float, client: str, block: str) -> None:
        """One access."""
        day = int(at // DAY)
        if 0 <= at - self.at <= AGAIN:
            self.again += 1
            self.changed += client != self.client
            self.days.add(day)
        self.at, self.client = max(at, self.at), client
        if day != self.day:
            self.day, self.blocks = day, set()
        if len(self.addresses) < MOST_VALUES:
            self.addresses.add(client)
        if len(self.blocks) < MOST_VALUES:
            self.blocks.add(block)
        self.busiest = max(self.busiest, len(self.blocks))

    @property
    def speaks(self) -> bool:
        """Whether it was there often enough."""
        return self.again >= LEAST_LOGINS and len(self.days) >= LEAST_DAYS

    @property
    def roams(self) -> bool:
        """Whether its address changed in a quarter of its logins."""
        return self.changed >= ROAMS * self.again


class Witnesses:
    """What a log tells of the networks in it."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, Witness]] = {}
        self._pairs = 0
        self._today: dict[str, tuple[int, set[str]]] = {}
        self._restless: set[str] = set()

    def see(self, account: str, origin: Origin, client: str, at: float) -> None:
        """One successful access of an account."""
        if account in self._restless:
            return
        self._count(account, origin.network, int(at // DAY))
        if not origin.network.startswith(POOLED):
            return
        here = self._seen.setdefault(origin.network, {})
        one = here.get(account)
        if one is None:
            if self._pairs >= MOST_PAIRS:
                return
            self._pairs += 1
            one = here[account] = Witness(at - AGAIN - 1, client)
        one.see(at, client, origin.block)

    def pools(self, spoilt: Collection[str] = ()) -> Iterator[Pool]:
        """Every network that is a pool.

        Args:
            spoilt: accounts that had an incident; they witness nothing.
        """
        for network, here in sorted(self._seen.items()):
            heard = [
                one
                for account, one in here.items()
                if one.speaks and account not in spoilt and account not in self._restless
            ]
            pool = _pool(network, heard)
            if pool is not None:
                yield pool

    def _count(self, account: str, network: str, day: int) -> None:
        """More than six networks on one day are no ordinary account."""
        today, networks = self._today.get(account, (day, set[str]()))
        if today != day:
            networks = set()
        networks.add(network)
        self._today[account] = (day, networks)
        if len(networks) > MOST_NETWORKS:
            self._restless.add(account)


def _pool(network: str, heard: list[Witness]) -> Pool | None:
    roaming = [one for one in heard if one.roams]
    if len(heard) < LEAST_WITNESSES or lower(len(roaming), len(heard)) < SHARE:
        return None
    if median(len(one.addresses) for one in heard) < LEAST_ADDRESSES:
        return None
    busiest = sorted(one.busiest for one in roaming)
    blocks = busiest[ceil(0.75 * len(busiest)) - 1]
    return Pool(network, min(MOST_BLOCKS, max(LEAST_BLOCKS, blocks)), len(heard), len(roaming))


def lower(hits: int, of: int) -> float:
    """The lower 95 % Wilson bound of a share."""
    share, z2 = hits / of, Z * Z
    middle = share + z2 / (2 * of)
    return (middle - Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))) / (1 + z2 / of)
