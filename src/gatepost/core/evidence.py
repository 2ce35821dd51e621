"""Evidence, levels and verdicts."""

import enum

from msgspec import Struct

from gatepost.core.events import Cursor
from gatepost.core.units import Account, Instant


class Family(enum.Enum):
    """Facts inside one family are the same fact seen twice: only the strongest counts."""

    ORIGIN = "origin"
    NOVELTY = "novelty"
    VOLUME = "volume"
    RECIPIENTS = "recipients"
    REPUTATION = "reputation"
    IDENTITY = "identity"
    CREDENTIALS = "credentials"
    HISTORY = "history"


class Level(enum.IntEnum):
    """How far gatepost goes."""

    CLEAR = 0
    WATCH = 1
    THROTTLE = 2
    HOLD = 3
    BLOCK = 4

    @property
    def word(self) -> str:
        """The level as it is written in configuration and JSON."""
        return self.name.lower()


class Evidence(Struct, frozen=True):
    """One detector's standing answer about one account."""

    detector: str
    family: Family
    points: float
    """0..100, on the detector's own curve."""
    since: Instant
    until: Instant
    """Evidence expires by event time."""
    says: str
    """"7 networks in 1h, 4 allowed"."""
    measured: float
    limit: float
    demands: Level = Level.CLEAR
    """A hard limit asks for at least this level, whatever the score."""
    acted: bool = True
    """Only an authenticated act of the account can cause this fact (the guard of contracts 6)."""
    values: tuple[str, ...] = ()
    """The networks, the domains: at most 10."""
    cites: tuple[Cursor, ...] = ()
    """Lines that prove it: at most 5."""


class Withdrawn(enum.Enum):
    """What a detector answers when what it said is no longer true."""

    WITHDRAWN = "withdrawn"


WITHDRAWN = Withdrawn.WITHDRAWN

Answer = Evidence | Withdrawn | None
"""Evidence replaces what this detector said before, None leaves it standing, WITHDRAWN takes it back."""


class Verdict(Struct, frozen=True):
    """All that stands against an account at one moment, and what follows."""

    account: Account
    at: Instant
    score: float
    """Sum over families of the strongest evidence in each, at most 100."""
    level: Level
    because: tuple[Evidence, ...] = ()
    """Strongest first; what did not count is here too."""
    spared: str = ""
    """Why the level is not what the score says: exemption, guard, an earlier theft."""
