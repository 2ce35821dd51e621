"""What an account is remembered by: count, distinct, known, daily, familiar.

A measure is a declaration; its state lives in a page's slot. Equal measures share one slot.
"""

from sys import intern
from typing import Literal

from msgspec import Struct

from gatepost.core.units import DAY, Seconds

Of = Literal["account", "network"]
When = Literal["always", "strange", "half", "habitual"]
"""Access by which the event happened (contracts 7): `strange` neither network nor print is habit,
`half` one of them is not, `habitual` both are."""

Only = tuple[tuple[str, tuple[str, ...]], ...]
"""Equality lists, all of which must hold: (("country", ("DE", "FR")),)."""


SHORTEST = Seconds(60)
"""The shortest window: logs say seconds, and a ring holds numbers of four octets until the year 2310."""


class Count(Struct, frozen=True, cache_hash=True, tag="count"):
    """How much of a signal in a window."""

    signal: str
    window: Seconds
    of: Of = "account"
    when: When = "always"
    only: Only = ()


class Distinct(Struct, frozen=True, cache_hash=True, tag="distinct"):
    """Which values of a signal in a window: exact up to `cap`, then "64 or more"; values stay nameable."""

    signal: str
    window: Seconds
    cap: int = 64
    of: Of = "account"
    when: When = "always"
    only: Only = ()


class Known(Struct, frozen=True, cache_hash=True, tag="known"):
    """First and last sight of each value, and on how many clean days: novelty and habit."""

    signal: str
    horizon: Seconds = Seconds(120 * DAY)
    cap: int = 128
    of: Of = "account"


class Daily(Struct, frozen=True, cache_hash=True, tag="daily"):
    """One number an event-time day, days touched by an incident left out: what is usual."""

    signal: str
    days: int = 35
    of: Of = "account"


class Familiar(Struct, frozen=True, cache_hash=True, tag="familiar"):
    """Ever seen this value: keyed hashes in two rotating sets, bounded at 1.5 kB."""

    signal: str
    of: Of = "account"


Measure = Count | Distinct | Known | Daily | Familiar


class Lately(Struct, frozen=True, cache_hash=True):
    """The values of a measure that were seen within a shorter window, read from their last sights."""

    measure: Distinct | Known
    window: Seconds

    @property
    def of(self) -> Of:
        """Whose page it is read from."""
        return self.measure.of


STOLEN = "theft"
"""Stands for a theft among a page's hostile values; no network and no print is called so."""

NETWORKS = Known("network", cap=30)
"""Habit of place; every account page has it."""

PRINTS = Known("print", cap=16)
"""Habit of program; every account page has it."""

CONTACTS = Familiar("recipient.address")
"""Everybody an account ever wrote to; a page has it where strangers are counted."""

BLOCKS = Distinct("block", Seconds(DAY), cap=48)
"""Places of a day: networks and the blocks inside them."""

HABIT_DAYS = 2
"""Different clean days that make a habit (contracts 7)."""

YOUNG_DAYS = 3
"""Clean days below which an account has no habits of its own yet (contracts 7)."""

MATURE_DAYS = 5
"""Closed clean days below which a daily baseline is immature (contracts 7)."""


def key_of(measure: Measure) -> str:
    """The name a slot is saved under: equal for equal measures, whatever the configuration's order."""
    parts: list[str] = [type(measure).__name__.lower(), measure.signal]
    if isinstance(measure, (Count, Distinct)):
        parts += [f"{measure.window:g}"] + ([measure.when] if measure.when != "always" else [])
        parts += [f"{name}={','.join(values)}" for name, values in measure.only]
    return intern(" ".join(parts))
