"""An incident, its states as a table, and the orders it gives."""

import enum
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from gatepost.core.evidence import Level, Verdict
from gatepost.core.units import Account, Instant

Ensure = Literal["throttled", "held", "blocked", "notified", "released"]

ENSURES: Mapping[str, Ensure] = {"throttle": "throttled", "hold": "held", "block": "blocked"}
"""What a level's order ensures."""

STOPPING: frozenset[Ensure] = frozenset({"held", "blocked"})
"""What an order ensures when it stops an account's sending."""


class State(enum.Enum):
    """Where an incident stands."""

    OPEN = "open"
    CONTAINED = "contained"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


STANDING = frozenset({State.OPEN, State.CONTAINED, State.CONFIRMED})
"""States in which an incident's measures are in force."""

TRANSITIONS: dict[tuple[State, str], State] = {
    (State.OPEN, "done"): State.CONTAINED,
    (State.OPEN, "rise"): State.OPEN,
    (State.CONTAINED, "rise"): State.OPEN,
    (State.CONFIRMED, "rise"): State.CONFIRMED,
    (State.OPEN, "confirm"): State.CONFIRMED,
    (State.CONTAINED, "confirm"): State.CONFIRMED,
    (State.OPEN, "release"): State.RELEASED,
    (State.CONTAINED, "release"): State.RELEASED,
    (State.CONFIRMED, "release"): State.RELEASED,
    (State.OPEN, "fade"): State.EXPIRED,
    (State.CONTAINED, "fade"): State.EXPIRED,
}
"""What each happening makes of each state (contracts 1); a pair that is not here changes nothing."""


class Incident(Struct, frozen=True):
    """One theft, or what looks like one."""

    account: Account
    number: int
    """The third incident of this account = 3."""
    state: State
    opened: Instant
    changed: Instant
    verdict: Verdict
    """The one that opened or last raised it."""
    peak: Level
    step: int = 1
    """Grows when the level rises."""
    hostile_since: Instant = Instant(0.0)
    """The oldest evidence that carried it."""
    out_before: int = 0
    """recipient.accepted from the first hostile evidence to the first hold or block."""
    out_after: int = 0
    """recipient.accepted after the first hold or block."""
    refused: int = 0
    """Attempts that gatepost itself refused since."""
    stopped: Instant = Instant(0.0)
    """When it first reached hold or block; 0 while it did not."""

    @property
    def key(self) -> str:
        """Same input, same key, on every node and in every replay: "ann@example.org#3"."""
        return f"{self.account}#{self.number}"


class Order(Struct, frozen=True):
    """Make the world so. `key` makes it once."""

    incident: str
    """Incident.key."""
    ensure: Ensure
    account: Account
    at: Instant
    step: int
    until: Instant | None = None
    detail: tuple[tuple[str, str], ...] = ()
    instead: Ensure | None = None
    """What was asked for, when the breaker held that back and gave this order in its place (contracts 27)."""

    @property
    def key(self) -> str:
        """Deterministic: "ann@example.org#3/blocked/1"."""
        return f"{self.incident}/{self.ensure}/{self.step}"
