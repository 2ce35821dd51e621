"""What is true of a made log: who was robbed, by whom, and what got out when."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.lab.people import LOCAL
from gatepost.lab.world import WEBMAIL


class Recipe(Struct, frozen=True, kw_only=True):
    """From what a story is made: the same recipe gives the same bytes."""

    seed: int = 1
    accounts: int = 5000
    days: int = 14
    clean: int = 7
    """Days before the first theft."""
    attacks: tuple[str, ...] = ()
    """Shapes of theft."""
    each: int = 3
    """Thefts of each shape."""
    start: float = 1_772_409_600.0
    """First instant: 2026-03-02T00:00:00Z, a Monday."""


class Stolen(Struct, frozen=True, kw_only=True):
    """One theft: what should be found."""

    account: str
    profile: str
    shape: str
    start: float
    """The thief's first act."""
    end: float
    """His last message."""
    sent: tuple[tuple[float, int], ...]
    """Instant and recipients of each message."""
    clients: int
    """Different addresses he came from."""

    @property
    def recipients(self) -> int:
        """Recipients of the whole theft."""
        return sum(number for _, number in self.sent)


class Truth(Struct, frozen=True, kw_only=True):
    """What is true of a made log."""

    recipe: Recipe
    accounts: Mapping[str, str]
    """Every account with its profile."""
    thefts: tuple[Stolen, ...]
    lines: int

    @property
    def stolen(self) -> frozenset[str]:
        """The accounts that were robbed."""
        return frozenset(theft.account for theft in self.thefts)

    @property
    def end(self) -> float:
        """The instant after the last day."""
        return self.recipe.start + self.recipe.days * 86400


def save(truth: Truth) -> bytes:
    """The truth as JSON."""
    return msgspec.json.encode(truth) + b"\n"


def load(data: bytes, name: str) -> Truth:
    """JSON as truth.

    Raises:
        SourceError: it is none.
    """
    try:
        return msgspec.json.decode(data, type=Truth)
    except msgspec.MsgspecError as error:
        msg = f"{name} is no truth file of `gatepost lab generate`: {error}"
        raise SourceError(msg) from error


def domains() -> bytes:
    """The file for `gatepost replay --domains`: what an operator knows of the made server."""
    return msgspec.json.encode({"local": list(LOCAL), "own_ips": [WEBMAIL]}) + b"\n"
