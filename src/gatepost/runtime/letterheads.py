"""What a door told of messages that no log tells: the From line inside, until the log has the message.

The log stays the record (contracts 9): a word about a message counts only when the log says that the same account
handed in the message of that queue id. It is kept in memory; one that is lost accuses nobody.
"""

from typing import NamedTuple

from msgspec.structs import replace

from gatepost.core.asked import Question
from gatepost.core.events import Submission
from gatepost.core.units import Account, Instant

KEPT = 600.0
"""Seconds until the log must have said it."""

MOST = 10_000
"""Messages that wait for the log; then the oldest is forgotten."""


class _Told(NamedTuple):
    at: Instant
    account: Account
    author: str


class Letterheads:
    """From lines that wait for the log, by queue id."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}

    def __len__(self) -> int:
        return len(self._told)

    def note(self, account: Account, question: Question, at: Instant) -> None:
        """A message is at its end.

        Args:
            account: who authenticated.
            question: what is asked about it; one without a From line or a queue id says nothing.
            at: now.
        """
        if not question.author or not question.queue_id:
            return
        self._told.pop(question.queue_id, None)
        if len(self._told) >= MOST:
            del self._told[next(iter(self._told))]
        self._told[question.queue_id] = _Told(at, account, question.author)

    def complete(self, event: Submission) -> Submission:
        """A message of the log, with its From line where a door told of it."""
        told = self._told.get(event.queue_id)
        if told is None or told.account != event.account or event.more:
            return event
        del self._told[event.queue_id]
        return replace(event, author=told.author)

    def forget(self, now: float) -> None:
        """Drop what the log never mentioned."""
        for queue_id, told in list(self._told.items()):
            if told.at >= now - KEPT:
                break
            del self._told[queue_id]
