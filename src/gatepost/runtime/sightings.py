"""From where a stolen account was used, address by address, seen on the way through the pipeline."""

from msgspec import Struct, field

from gatepost.core.events import AnyEvent, Login, Submission
from gatepost.core.units import Account, Instant, day_of
from gatepost.judge.docket import Change
from gatepost.runtime.pipeline import Pipeline

MOST = 1000
"""Addresses that are told apart."""

HABIT = 2
"""Days on which a network was used before, that make it the owner's own (contracts 7)."""


class Sighting(Struct):
    """One address that used the account."""

    first: Instant
    last: Instant
    network: str
    times: list[tuple[Instant, int | None]] = field(default_factory=list)
    """When a message was handed in, and with how many recipients; at most MOST."""
    messages: int = 0
    recipients: int = 0
    logins: int = 0


class Sightings(Pipeline):
    """A pipeline that also writes down who used one account within a span of time."""

    account = Account("")
    since, until = Instant(0.0), Instant(0.0)
    found: dict[str, Sighting]
    before: dict[str, set[int]]
    """The days before it on which each network was used."""

    def take(self, event: AnyEvent) -> tuple[Change, ...]:
        """Feed one event to the engine, and note who used the account."""
        if event.account == self.account and isinstance(event, (Login, Submission)) and event.client:
            origin = self.observer.networks.origin(event.client)
            if origin is not None and (isinstance(event, Submission) or event.ok):
                self._note(event, origin.network)
        return super().take(event)

    def strangers(self) -> dict[str, Sighting]:
        """Those that came from a network that was no habit of the owner, by address."""
        usual = {network for network, days in self.before.items() if len(days) >= HABIT}
        return {client: one for client, one in self.found.items() if one.network not in usual}

    def _note(self, event: Login | Submission, network: str) -> None:
        if event.at < self.since:
            self.before.setdefault(network, set()).add(day_of(event.at))
        elif event.at <= self.until and (event.client in self.found or len(self.found) < MOST):
            seen = self.found.setdefault(event.client, Sighting(event.at, event.at, network))
            _count(event, seen)


def _count(event: Login | Submission, seen: Sighting) -> None:
    seen.first, seen.last = min(seen.first, event.at), max(seen.last, event.at)
    if isinstance(event, Login):
        seen.logins += 1
        return
    seen.recipients += event.recipients or 0
    if not event.more:
        seen.messages += 1
        if len(seen.times) < MOST:
            seen.times.append((event.at, event.recipients))
