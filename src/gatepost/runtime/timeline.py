"""What one account did, day by day, seen on the way through the pipeline."""

from collections import Counter

from msgspec import Struct, field

from gatepost.core.events import AnyEvent, Delivery, Login, Submission
from gatepost.core.units import Account, iso
from gatepost.judge.docket import Change
from gatepost.runtime.pipeline import Pipeline

MAX_PLACES = 200
"""Networks named a day."""


class Day(Struct):
    """One event-time day of an account."""

    messages: int = 0
    recipients: int = 0
    logins: int = 0
    failed_logins: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Recipients that failed, by cause."""
    networks: Counter[str] = field(default_factory=Counter)
    """Messages and logins by network."""


class Witness(Pipeline):
    """A pipeline that also writes down what one account does."""

    account = Account("")
    days: dict[str, Day]

    def take(self, event: AnyEvent) -> tuple[Change, ...]:
        """Feed one event to the engine, and note it when it is the account's."""
        if event.account == self.account:
            self._note(event, self.days.setdefault(iso(event.at)[:10], Day()))
        return super().take(event)

    def _note(self, event: AnyEvent, day: Day) -> None:
        if isinstance(event, Submission):
            day.messages += not event.more
            day.recipients += event.recipients or 0
            self._place(event.client, day)
        elif isinstance(event, Login):
            day.logins += event.ok
            day.failed_logins += not event.ok
            self._place(event.client, day)
        elif isinstance(event, Delivery) and event.result in ("bounced", "refused"):
            cause = self.observer.observe(event).bounce
            day.refused[cause.value if cause is not None else "unknown"] += 1

    def _place(self, client: str, day: Day) -> None:
        origin = self.observer.networks.origin(client)
        if origin is not None and (origin.network in day.networks or len(day.networks) < MAX_PLACES):
            day.networks[origin.network] += 1
