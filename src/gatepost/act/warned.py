"""A letter to the customer whose account was stolen, at another address that he reads; and one when it may send again.

Owns who gets it: never the stolen mailbox, never an address whose own account is held or blocked. The texts are those
of wording.py, ours or the operator's; how it travels is in post.py.
"""

from collections.abc import Callable, Mapping
from email.message import EmailMessage

from msgspec import Struct

from gatepost.act.customer import Office, enveloped
from gatepost.act.foreign import shown
from gatepost.act.keys import lower
from gatepost.act.post import MAX_PER_HOUR, Post, is_address
from gatepost.act.tidings import TOLD, News, Teller
from gatepost.act.wording import fill
from gatepost.core.errors import ActionError
from gatepost.core.incident import STOPPING, Incident, Order
from gatepost.core.ports import Clock, Journal, Row, Target
from gatepost.core.units import Account, Instant, iso

LEFT = 10
"""Messages of each hour that are left for notices to the abuse desk."""


class Owner(Struct, frozen=True):
    """Whom an account belongs to."""

    to: str
    """Another address that he reads; "" when none is known."""
    language: str


class Rules(Struct, frozen=True):
    """To whom a letter may go."""

    owner: Callable[[Account], Owner]
    stopped: Callable[[str], bool]
    """Whether the account that reads an address is held or blocked."""
    released: bool = False
    """Whether he is told that he may send again."""
    link: Callable[[Incident], str] = lambda _: ""
    """The address of a page where he can end it himself; "" when there is none."""


class Warned(Teller):
    """An Action that writes to customers: one letter an incident."""

    def __init__(
        self,
        name: str,
        offices: Mapping[str, Office],
        post: Post,
        journal: Journal,
        levels: frozenset[str],
        rules: Rules,
        clock: Clock,
    ) -> None:
        """Say in whose words.

        Args:
            name: of the action.
            offices: by language.
            post: takes the letters.
            journal: what was written before.
            levels: of an incident that are worth a letter.
            rules: to whom.
            clock: for the Date line.
        """
        super().__init__(name, self, journal, levels)
        self._offices, self._post, self._rules, self._clock = offices, post, rules, clock

    def plan(self, order: Order, target: Target) -> str:
        """The undo record: "" when nothing will be written, so that nothing is written at the end."""
        return "" if self._none(order, target) else TOLD

    async def ensure(self, order: Order, target: Target) -> str:
        """Write, once an incident, if there is an address.

        Raises:
            ActionError: it could not be sent, or too much went out within the hour; both are worth another try.
        """
        if why := self._none(order, target):
            return f"no letter: {why}"
        if not any(row.state == "done" for row in self._stops(order)):
            msg = f"the sending of {order.account} is not stopped yet: the letter that says so waits"
            raise ActionError(msg, retry=True)
        if self.waits():
            msg = f"half of {MAX_PER_HOUR} messages went out within an hour: the letter to {order.account} waits"
            raise ActionError(msg, retry=True)
        return await self._write("stolen", target.incident)

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Write that the account may send again, where that is wanted; a letter itself stays sent.

        Raises:
            ActionError: it could not be sent.
        """
        wrote = any(row.order.key == order.key and row.state != "failed" for row in self._rows(order))
        if not record or not wrote or not self._rules.released:
            return "a letter stays sent" if record and wrote else "no letter was sent"
        if why := self.hindrance(target) or ("too much went out within the hour" if self.waits() else ""):
            return f"no letter about the end: {why}"
        return await self._write("released", target.incident)

    async def say(self, news: News) -> str:
        """Write about a step."""
        return await self._write("stolen", news.incident)

    def waits(self) -> float:
        """Seconds until a letter leaves enough room for notices to the abuse desk."""
        return self._post.budget.until_room(LEFT)

    def hindrance(self, target: Target) -> str:
        """Why an account gets no letter; "" when it may."""
        incident = target.incident
        to = self._rules.owner(incident.account).to
        if not is_address(to):
            return f'no other address is known: set mail in [account."{shown(incident.account)}"]'
        if lower(to) in {lower(name) for name in (incident.account, *target.spellings)}:
            return "the only address is the stolen mailbox"
        return "the account that would read it is held or blocked" if self._rules.stopped(to) else ""

    def compose(self, kind: str, incident: Incident, now: Instant) -> EmailMessage:
        """A letter, "stolen" or "released"."""
        owner = self._rules.owner(incident.account)
        office = self._offices[owner.language]
        words = {
            "account": shown(incident.account),
            "since": iso(incident.hostile_since or incident.opened)[:10],
            "out": str(out) if (out := incident.out_before + incident.out_after) else "",
            "contact": office.contact,
            "link": self._rules.link(incident) if kind == "stolen" else "",
        }
        filled = fill(office.texts[kind], words, (), office.language)
        return enveloped(filled, office.sender, owner.to, f"{incident.key}/{incident.opened!r}/{kind}", now)

    def _none(self, order: Order, target: Target) -> str:
        """Why nothing is written about a step."""
        if not self.wants(target):
            return f"level {target.incident.peak.word} is not worth one"
        before = [row.order.step for row in self._rows(order) if row.undo and row.state == "done"]
        if earlier := [step for step in before if step < order.step]:
            return f"one was sent at step {earlier[0]}"
        if not self._stops(order):
            return "nothing here stops its sending"
        return self.hindrance(target)

    def _rows(self, order: Order) -> list[Row]:
        return [row for row in self._journal.rows(order.incident) if row.action == self.name]

    def _stops(self, order: Order) -> list[Row]:
        """What stops the account's sending, or shall."""
        return [
            row for row in self._journal.rows(order.incident) if row.order.ensure in STOPPING and row.state != "would"
        ]

    async def _write(self, kind: str, incident: Incident) -> str:
        mail = self.compose(kind, incident, self._clock.now())
        return await self._post.send(mail, (self._rules.owner(incident.account).to,))
