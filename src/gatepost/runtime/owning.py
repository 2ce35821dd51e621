"""A door whose word is the record of its host: what is asked there becomes a source, written down before the answer.

A spool beside the state keeps it until it is durable, so it is read like a log that came over the network: with places,
so that a crash counts nothing twice, and forgets nothing that was answered.
"""

from gatepost.config.asking import EximDoor, MailDoor
from gatepost.core.asked import Answer, Outcome, Question
from gatepost.core.units import Instant
from gatepost.mta.base import Record
from gatepost.mta.noted import Noted, line
from gatepost.mta.witness import Witness
from gatepost.runtime.follow import Followed
from gatepost.runtime.house import House
from gatepost.runtime.sources import spooled

BACKLOG = 256 << 20
"""Bytes that wait; beyond that nothing is noted, and counted as lost."""


class Owning:
    """One such door."""

    def __init__(self, house: House, door: MailDoor) -> None:
        """Go on where the state ended.

        Raises:
            ConfigError: the spool cannot be made.
        """
        name, exim = f"door:{door.name}", isinstance(door, EximDoor)
        self._spool = spooled(house, name, (name,), BACKLOG)
        self._witness = Witness(
            holds_at_once=not exim, tells=exim, local_users=isinstance(door, EximDoor) and door.local_users
        )
        self.followed = Followed(house, name, door.owns, self._spool, Noted())
        """Reads what was noted."""
        self.lost = 0
        """Facts that could not be noted."""

    @property
    def trouble(self) -> str:
        """Why the last of them could not; "" when all is well."""
        return self._spool.trouble

    def note(self, asked: Question | Outcome, answer: Answer, at: Instant) -> None:
        """Write down what was asked or told and what is answered.

        Args:
            asked: of or about somebody who authenticated.
            answer: what will be answered.
            at: now.
        """
        if isinstance(asked, Outcome):
            record: Record | None = self._witness.told(asked, at)
        else:
            record = self._witness.asked(asked, answer, at)
        if record is not None and not self._spool.add((line(record),)):
            self.lost += 1

    def look(self) -> None:
        """Delete what the state holds."""
        self._spool.clean()
