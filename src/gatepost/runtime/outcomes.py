"""What became of recipients, told while it happens and not yet in the log (contracts 9).

The log owns outcomes. What a door tells stands until the log says anything of the outcomes of the same message, and for
ten minutes at most; what the log told first is not taken at all. So nothing counts twice, whichever comes first, and
what is lost is only how early it was known.
"""

from collections.abc import Iterator

from msgspec import Struct

from gatepost.core.asked import Outcome
from gatepost.core.events import Cursor, Delivery
from gatepost.core.units import Account, Instant

MAX_ACCOUNTS = 10_000
"""Accounts with outcomes; then the one that was first is forgotten."""

MAX_EACH = 64
"""Outcomes of one account; then the oldest is forgotten."""

MAX_LOGGED = 50_000
"""Messages of which it is remembered that the log has told outcomes."""

Key = tuple[str, str]
"""Queue id ("" before there is one) and recipient, lower-cased."""


class Told(Struct, frozen=True):
    """One outcome."""

    at: Instant
    said: Outcome

    def event(self, account: Account, cursor: Cursor) -> Delivery:
        """As the log would say it."""
        said = self.said
        return Delivery(
            at=self.at,
            account=account,
            host="",
            cursor=cursor,
            queue_id=said.queue_id,
            address=said.recipient,
            result=said.result,
            status=said.status,
            reply=said.reply,
            receiver=said.receiver,
            client=said.client,
            helo=said.helo,
            mechanism=said.mechanism,
            tls=said.tls,
        )


class Outcomes:
    """Told and not yet logged, by account."""

    def __init__(self) -> None:
        self._of: dict[Account, dict[Key, Told]] = {}
        self._logged: dict[str, None] = {}

    def of(self, account: Account) -> Iterator[Told]:
        """An account's, oldest first."""
        return iter(self._of.get(account, {}).values())

    def add(self, account: Account, outcome: Outcome, at: Instant) -> Told | None:
        """Take one up.

        Args:
            account: who handed the message in.
            outcome: what became of a recipient.
            at: now.

        Returns:
            None when the log has told of it already, or it was told before.
        """
        key = outcome.queue_id, outcome.recipient.lower()
        if outcome.queue_id in self._logged or key in self._of.get(account, ()):
            return None
        if account not in self._of and len(self._of) >= MAX_ACCOUNTS:
            del self._of[next(iter(self._of))]
        found = self._of.setdefault(account, {})
        if len(found) >= MAX_EACH:
            del found[next(iter(found))]
        found[key] = Told(at, outcome)
        return found[key]

    def logged(self, event: Delivery) -> None:
        """The log tells of a message's outcomes: it owns them all from now on; of a refusal at RCPT, that one."""
        found = self._of.get(event.account, {})
        if event.queue_id:
            self._remember(event.queue_id)
            gone = [key for key in found if key[0] == event.queue_id]
        else:
            gone = [("", event.address.lower())]
        for key in gone:
            found.pop(key, None)
        if not found:
            self._of.pop(event.account, None)

    def forget(self, before: float) -> list[Account]:
        """Drop what was told before an instant; whose it was."""
        lost: list[Account] = []
        for account, found in list(self._of.items()):
            old = [key for key, told in found.items() if told.at < before]
            for key in old:
                del found[key]
            if old:
                lost.append(account)
            if not found:
                del self._of[account]
        return lost

    def _remember(self, queue_id: str) -> None:
        if queue_id not in self._logged and len(self._logged) >= MAX_LOGGED:
            del self._logged[next(iter(self._logged))]
        self._logged[queue_id] = None
