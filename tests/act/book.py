"""A journal in memory, incidents and orders, for tests of actions."""

from collections.abc import Sequence

from msgspec.structs import replace

from gatepost.core.events import Cursor
from gatepost.core.evidence import Evidence, Family, Level, Verdict
from gatepost.core.incident import Ensure, Incident, Order, State
from gatepost.core.ports import Row, RowState, Target
from gatepost.core.units import Account, Instant

NOON = Instant(1_772_366_400.0)
"""2026-03-01T12:00:00Z."""


class Fixed:
    """A clock that stands still until it is told."""

    def __init__(self, at: Instant = NOON) -> None:
        self.at = at

    def now(self) -> Instant:
        """The time it was told."""
        return self.at


class Book:
    """Rows by (order key, action)."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Row] = {}

    def claim(self, order: Order, action: str, undo: str, at: Instant) -> bool:
        """Write the row as running."""
        found = self.entries.get((order.key, action))
        if found is not None and found.state in ("done", "undone", "would"):
            return False
        self.entries[order.key, action] = Row(order, action, "running", undo, changed=at)
        return True

    def close_row(self, key: str, action: str, state: RowState, note: str, at: Instant, next_try: float = 0.0) -> None:
        """Write how it ended."""
        row = self.entries[key, action]
        self.entries[key, action] = replace(row, state=state, note=note, changed=at, next_try=Instant(next_try))

    def rows(self, incident: str) -> Sequence[Row]:
        """All rows of one incident."""
        return [row for row in self.entries.values() if row.order.incident == incident]

    def standing(self, action: str) -> Sequence[Row]:
        """Rows that are running or done."""
        rows = self.entries.values()
        return [row for row in rows if row.action == action and row.state in ("running", "done")]

    def knows(self, incident: str) -> bool:
        """Whether any row belongs to this incident."""
        return bool(self.rows(incident))

    def unfinished(self) -> Sequence[Row]:
        """Rows that a crash left running."""
        return [row for row in self.entries.values() if row.state in ("running", "failed")]


SAYS = "7 networks in 1h, 4 allowed"


def proof(detector: str = "spread", says: str = SAYS, values: tuple[str, ...] = ()) -> Evidence:
    """A piece of evidence."""
    return Evidence(
        detector=detector,
        family=Family.ORIGIN,
        points=45.0,
        since=NOON,
        until=Instant(NOON + 3600),
        says=says,
        measured=7.0,
        limit=4.0,
        values=values,
        cites=(Cursor("mx1:mainlog", 0, 4711),),
    )


def incident(
    account: str = "ann@example.org", number: int = 1, peak: Level = Level.BLOCK, because: tuple[Evidence, ...] = ()
) -> Incident:
    """One theft."""
    who = Account(account)
    verdict = Verdict(account=who, at=NOON, score=88.0, level=peak, because=because or (proof(),))
    return Incident(
        account=who, number=number, state=State.OPEN, opened=NOON, changed=NOON, verdict=verdict, peak=peak,
        hostile_since=Instant(NOON - 90), out_before=37, out_after=2,
    )  # fmt: skip


def order(about: Incident, ensure: Ensure = "blocked", step: int = 1) -> Order:
    """One order of an incident."""
    return Order(incident=about.key, ensure=ensure, account=about.account, at=about.changed, step=step)


def target(about: Incident, *spellings: str) -> Target:
    """What an action gets to know."""
    return Target(spellings, about)
