"""The last messages of accounts under suspicion, on their way from the log into the state.

Owns what is gathered between two transactions: it is written with the pages and positions, so a crash doubles nothing
and the letter about an incident has the message that raised it.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.envelope import DOMAINS, KEPT, Envelope
from gatepost.core.events import Submission
from gatepost.core.units import Account
from gatepost.store import envelopes
from gatepost.store.sqlite import Sqlite

WAITING = 10_000
"""Accounts, and messages with further recipients, that wait while the state cannot be written."""


class More(Struct, frozen=True):
    """Further recipients of a message that is written down already."""

    account: Account
    host: str
    queue_id: str
    recipients: int
    domains: tuple[str, ...]


class Recent:
    """Collects envelopes."""

    def __init__(self) -> None:
        self._waiting: dict[Account, dict[tuple[str, str], Envelope]] = {}
        self._more: list[More] = []

    def saw(self, event: Submission) -> None:
        """A message, or further recipients of one, of an account against which something stands."""
        key, told = (event.host, event.queue_id), event.recipients or 0
        mine = self._waiting.get(event.account, {})
        if not event.more:
            self._begin(event, told)
        elif (known := mine.get(key)) is not None:
            domains = _domains((*known.domains, *_of(event.addresses)))
            mine[key] = replace(known, recipients=known.recipients + told, domains=domains)
        elif len(self._more) < WAITING:
            self._more.append(More(event.account, *key, told, _domains(_of(event.addresses))))

    def _begin(self, event: Submission, told: int) -> None:
        if event.account not in self._waiting and len(self._waiting) >= WAITING:
            return
        mine = self._waiting.setdefault(event.account, {})
        domains = _domains(_of(event.addresses))
        mine[event.host, event.queue_id] = Envelope(
            event.account, event.host, event.queue_id, event.at, event.client, event.envelope_sender, told, domains
        )
        if len(mine) > KEPT:
            del mine[next(iter(mine))]

    def drain(self, store: Sqlite) -> None:
        """Write everything, inside the caller's transaction; what fails stays here."""
        if self._waiting:
            envelopes.add(store, [one for mine in self._waiting.values() for one in mine.values()])
        for one in self._more:
            envelopes.grow(store, one.account, one.host, one.queue_id, one.recipients, one.domains)

    def drained(self) -> None:
        """The transaction ended well."""
        self._waiting, self._more = {}, []


def _of(addresses: Iterable[str]) -> Iterable[str]:
    return (address.rpartition("@")[2][:255] for address in addresses)


def _domains(found: Iterable[str]) -> tuple[str, ...]:
    """The first different ones; none has a blank, which parts them where they are kept."""
    return tuple([name for name in dict.fromkeys(found) if name and not any(map(str.isspace, name))][:DOMAINS])
