"""Letters to the people who look after abuse, by mail.

Owns who gets a letter, and when there are too many. What it says is in letter.py, how it travels in post.py.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from gatepost.act import letter
from gatepost.act.desktexts import Texts
from gatepost.act.foreign import shown
from gatepost.act.keys import lower
from gatepost.act.post import MAX_PER_HOUR, Budget, Post, check
from gatepost.act.tidings import measures
from gatepost.core.envelope import Envelope
from gatepost.core.errors import ActionError
from gatepost.core.incident import Incident, Order
from gatepost.core.ports import ANYBODY, Clock, Journal, Target
from gatepost.core.units import Account

Last = Callable[[Account, float], Sequence[Envelope]]
"""The last messages of an account since an instant, newest first."""


class Known(Struct, frozen=True):
    """Where a letter's facts are that no incident holds."""

    journal: Journal | None = None
    """What was done."""
    last: Last | None = None

    def of(self, incident: Incident) -> letter.More:
        """What is known about one incident."""
        since = incident.hostile_since or incident.opened
        return letter.More(
            measures(self.journal, incident.key) if self.journal is not None else (),
            tuple(self.last(incident.account, since)) if self.last is not None else (),
        )


class Notify:
    """An Action that tells people."""

    subjects = ANYBODY

    def __init__(
        self,
        *,
        to: tuple[str, ...],
        sender: str,
        smtp: str,
        on: frozenset[str] = frozenset({"hold", "block"}),
        clock: Clock,
        budget: Budget | None = None,
        timeout: float = 30.0,
        known: Known | None = None,
        said: Texts | None = None,
    ) -> None:
        """Say where letters go.

        Args:
            to: addresses of the people.
            sender: address of the From line.
            smtp: "host:port" of a server that takes mail from this host without authentication.
            on: levels of an incident worth a letter: "throttle", "hold", "block".
            clock: for the Date line.
            budget: of all that sends messages; None is one of its own.
            timeout: seconds the server may take for a letter.
            known: what else a letter says; None says nothing of it.
            said: in whose words; None is ours.

        Raises:
            ValueError: `smtp` is no "host:port", or an address is none.
        """
        for address in (sender, *to):
            check(address)
        self.name = f"notify:{','.join(to)}"
        self.ensures = frozenset({"notified"})
        self.levels = on
        """Levels that are told."""
        self._to, self._sender = to, sender
        self._clock, self._known, self._said = clock, known or Known(), said
        self._post = Post(smtp, budget or Budget(clock), timeout)

    def plan(self, order: Order, target: Target) -> str:
        """Nothing to take back: a letter stays sent."""
        return ""

    async def ensure(self, order: Order, target: Target) -> str:
        """Send the letter about this incident's step.

        Raises:
            ActionError: it could not be sent, or 20 went out within an hour; both are worth another try.
        """
        level = target.incident.peak.word
        if level not in self.levels:
            return f"no letter is wanted at level {level}"
        to = self._people([target])
        if not self.room():
            msg = f"{MAX_PER_HOUR} letters went out within an hour: the one about {order.incident} waits"
            raise ActionError(msg, retry=True)
        more = self._known.of(target.incident)
        now, said = self._clock.now(), self._said
        mail = letter.notice(order, target, sender=self._sender, to=to, now=now, more=more, said=said)
        return await self._post.send(mail, to)

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """A letter stays sent."""
        return "a notice stays sent"

    async def digest(self, pairs: Sequence[tuple[Order, Target]]) -> str:
        """One letter about many incidents: after a catch-up, or when there is no room for single ones.

        Raises:
            ActionError: it could not be sent.
        """
        wanted = [(order, target) for order, target in pairs if target.incident.peak.word in self.levels]
        if not wanted:
            return "no letter is wanted"
        to = self._people([target for _, target in wanted])
        mail = letter.digest(wanted, sender=self._sender, to=to, now=self._clock.now(), said=self._said)
        note = await self._post.send(mail, to)
        self._post.budget.digested(self.name)
        return note

    async def alarm(self, subject: str, lines: Sequence[str]) -> str:
        """One letter about what is no incident: a table that was kept, lines that were tampered with, a full disk.

        Args:
            subject: one short sentence.
            lines: what the letter says; foreign values in them are quoted already.

        Raises:
            ActionError: as `ensure`.
        """
        if not self.room():
            msg = f"{MAX_PER_HOUR} letters went out within an hour: the one that says {shown(subject, 80)!r} waits"
            raise ActionError(msg, retry=True)
        now, said = self._clock.now(), self._said
        mail = letter.alarm(subject, lines, sender=self._sender, to=self._to, now=now, said=said)
        return await self._post.send(mail, self._to)

    def room(self) -> int:
        """How many letters may still go out now."""
        return self._post.budget.room()

    def waits(self) -> float:
        """Seconds until something may go out: while there is no room, a digest now and then."""
        return self._post.budget.until_digest(self.name)

    def _people(self, targets: Sequence[Target]) -> tuple[str, ...]:
        """The addresses, without those of the accounts concerned: whoever stole one would read the letter."""
        thieves = {lower(name) for target in targets for name in (target.incident.account, *target.spellings)}
        to = tuple(address for address in self._to if lower(address) not in thieves)
        if not to:
            msg = f"the letter would go to the stopped account only ({', '.join(self._to)}): configure another address"
            raise ActionError(msg)
        return to
