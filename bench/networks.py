"""The made Internet: who has which addresses.

Owns the address plan of generated logs. Providers are whole /16 networks inside 10.0.0.0/8 and 100.64.0.0/10, which
nobody on the real Internet can be blamed for; remote mail servers live in 198.18.0.0/15.
"""

from random import Random
from zlib import crc32

from msgspec import Struct

FIXED = tuple(f"10.{n}" for n in range(40))
"""Providers of homes and offices."""

HOSTING = tuple(f"10.{n}" for n in range(40, 64))
"""Rented servers."""

HOTELS = tuple(f"10.{n}" for n in range(64, 100))
"""Networks that travellers meet."""

ELSEWHERE = (*(f"10.{n}" for n in range(100, 256)), *(f"100.{n}" for n in range(112, 128)))
"""Providers far away, where no account of ours lives."""

CARRIERS = tuple(
    tuple(f"100.{64 + 6 * carrier + n}" for n in range(width)) for carrier, width in enumerate((1, 2, 3, 6))
)
"""Mobile carriers: the /16 networks of each roaming pool."""


class Place(Struct, frozen=True):
    """Where somebody's clients are."""

    prefixes: tuple[str, ...]
    """The /16 networks of the provider."""
    lasts: int = 0
    """Days an address is kept; 0: every connection has another one (a phone in a carrier's pool)."""
    name: str = ""
    """What the kept address is derived from."""

    def client(self, rng: Random, day: int) -> str:
        """The address of one connection."""
        if not self.lasts:
            return f"{rng.choice(self.prefixes)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        mark = crc32(f"{self.name}/{day // self.lasts}".encode())
        prefix = self.prefixes[mark % len(self.prefixes)]
        if ":" in prefix:
            return f"{prefix}:{mark >> 16:x}::{1 + mark % 0xFFFE:x}"
        return f"{prefix}.{mark >> 8 & 255}.{1 + (mark >> 16) % 254}"


def home(rng: Random, name: str) -> Place:
    """A line at home: the address changes every few days."""
    if rng.random() < 0.12:
        return Place(("2001:db8",), rng.choice((1, 7)), name)
    return Place((rng.choice(FIXED),), rng.choice((1, 7, 400)), name)


def office(rng: Random, name: str) -> Place:
    """An office: one address for good."""
    return Place((rng.choice(FIXED),), 10_000, name)


def phone(rng: Random) -> Place:
    """A phone: any address of its carrier's pool."""
    return Place(rng.choice(CARRIERS))


def hotel(rng: Random, name: str) -> Place:
    """A network far from home, for as long as somebody stays."""
    return Place((rng.choice(HOTELS),), 10_000, name)


def server(rng: Random, name: str) -> Place:
    """A rented server."""
    return Place((rng.choice(HOSTING),), 10_000, name)


def bots(rng: Random, number: int) -> list[str]:
    """Addresses of infected machines, each in a network of its own as long as there are networks."""
    prefixes = [*ELSEWHERE, *HOTELS, *FIXED]
    rng.shuffle(prefixes)
    chosen = (prefixes * (1 + number // len(prefixes)))[:number]
    return [f"{prefix}.{rng.randrange(256)}.{rng.randrange(1, 255)}" for prefix in chosen]


def remote(domain: str) -> tuple[str, str]:
    """Name and address of the mail server of a domain."""
    mark = crc32(domain.encode())
    return f"mx{mark % 3 + 1}.{domain}", f"198.{18 + (mark & 1)}.{mark >> 8 & 255}.{1 + (mark >> 16) % 254}"
