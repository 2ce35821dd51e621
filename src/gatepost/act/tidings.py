"""What is told of an incident: each step, and its end once.

Owns which row of the journal tells the end. Every step that was told leaves an undo record; when the incident has
ended, its rows are taken back newest first, and the newest one tells.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from gatepost.core.incident import Incident, Order
from gatepost.core.ports import ANYBODY, Journal, Row, Target
from gatepost.core.units import Instant

TOLD = "told"
"""The undo record of a step that somebody was told of."""


class News(Struct, frozen=True):
    """A step of an incident, or its end."""

    key: str
    """The same for every try: "ann@example.org#3/notified/2", "ann@example.org#3/ended"."""
    what: Literal["step", "end"]
    at: Instant
    incident: Incident
    step: int
    notes: tuple[tuple[str, str], ...] = ()
    """Order.detail: what is special about it."""
    measures: tuple[Row, ...] = ()
    """What was done about it, oldest first."""


class Speaker(Protocol):
    """Says it in its own way."""

    async def say(self, news: News) -> str:
        """Tell; returns a note.

        Raises:
            ActionError: it could not be told.
        """
        ...


class Teller:
    """An Action that tells what happens and changes nothing."""

    subjects = ANYBODY
    ensures = frozenset({"notified"})

    def __init__(self, name: str, speaker: Speaker, journal: Journal, levels: frozenset[str]) -> None:
        """Say who tells what.

        Args:
            name: of the action.
            speaker: tells it.
            journal: what was done, and told before.
            levels: of an incident that are told: "throttle", "hold", "block".
        """
        self.name, self.levels = name, levels
        self.speaker, self._journal = speaker, journal

    def plan(self, order: Order, target: Target) -> str:
        """The undo record; "" when this level is not wanted, so that its end is not told either."""
        return TOLD if self.wants(target) else ""

    def wants(self, target: Target) -> bool:
        """Whether an incident is to be told at its level."""
        return target.incident.peak.word in self.levels

    async def ensure(self, order: Order, target: Target) -> str:
        """Tell a step.

        Raises:
            ActionError: it could not be told.
        """
        if not self.wants(target):
            return f"nobody wants to know at level {target.incident.peak.word}"
        return await self.speaker.say(step(order, target, self._journal))

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Tell the end, once: with the last step that was told.

        Raises:
            ActionError: it could not be told.
        """
        told = [row.order.step for row in self._journal.rows(order.incident) if row.action == self.name and row.undo]
        if not record or order.step != max(told, default=order.step):
            return "the end is told with a later step" if record else "nothing was told"
        return await self.speaker.say(end(order, target, self._journal))


def step(order: Order, target: Target, journal: Journal) -> News:
    """The news of a step."""
    return News(
        order.key, "step", order.at, target.incident, order.step, order.detail, measures(journal, order.incident)
    )


def end(order: Order, target: Target, journal: Journal) -> News:
    """The news of an incident that has ended."""
    incident = target.incident
    done = measures(journal, order.incident)
    return News(f"{incident.key}/ended", "end", incident.changed, incident, incident.step, (), done)


def measures(journal: Journal, incident: str) -> tuple[Row, ...]:
    """What was done about an incident, the telling left out; of a measure asked for twice the last row."""
    rows: Sequence[Row] = [row for row in journal.rows(incident) if row.order.ensure not in ("notified", "released")]
    return tuple({row.action: row for row in rows}.values())
