"""What is being attempted in the dialogue, beside what is known from the log (contracts 9).

The log is the record, the door is the present: a message in progress is kept here and never written on a page. What
the account would be at if the log already held it is worked out on a copy of its page, which is thrown away when the
log says something new. The log's submission takes the place of the attempt, so nothing can count twice; what the log
never mentions is dropped after ten minutes.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from gatepost.core.asked import Outcome, Question
from gatepost.core.events import MAX_ADDRESSES, AnyEvent, Cursor, Delivery, Login, Submission
from gatepost.core.evidence import Level
from gatepost.core.units import Account, Instant, Subject, account_subject
from gatepost.engine import Engine, Pages
from gatepost.enrich.observe import Observer
from gatepost.ledger.habit import Sights
from gatepost.ledger.page import Page, decode, encode
from gatepost.ledger.site import Site
from gatepost.runtime.outcomes import Outcomes, Told
from gatepost.runtime.retries import Retries
from gatepost.store.memory import Shelf

KEPT = 600.0
"""Seconds an attempt is believed without a word in the log."""

MAX_ACCOUNTS = 10_000
"""Accounts with attempts; then the one that asked longest ago is forgotten."""

MAX_MESSAGES = 32
"""Messages in progress of one account; then the oldest is forgotten."""

NEAR = 2.0
"""Seconds between an attempt and the log's submission, where no queue id tells them apart."""


class Message(Struct):
    """One message in progress."""

    at: Instant
    said: Question
    """The question that began it, or the last that told more of it."""
    recipients: int = 0
    addresses: dict[str, None] = field(default_factory=dict)


class Supposed(Struct):
    """An account's attempts, and its page as if the log held them."""

    messages: dict[str, Message] = field(default_factory=dict)
    page: Page | None = None
    """None: the log has said something since; it is worked out again."""


class ReadOnly(Site):
    """The site, of which attempts learn and which they do not teach."""

    def teach(self, signal: str, value: int) -> None:
        """Nothing was done yet."""

    def meet(self, known: Mapping[str, Sights], network: str, print_: str, at: float) -> None:
        """Nobody was let in yet."""

    def stop(self, account: str, at: float) -> None:
        """Nobody was stopped yet."""


class Attempts:
    """Messages in progress, by account."""

    def __init__(self, engine: Engine, observer: Observer, shelf: Shelf, site: Site) -> None:
        self._engine, self._observer, self._shelf = engine, observer, shelf
        self._site = ReadOnly(site.days, site.networks, site.prints, site.stopped)
        self._accounts: dict[Account, Supposed] = {}
        self._outcomes, self.retries = Outcomes(), Retries()
        self._asked = 0

    def turn_to(self, engine: Engine, observer: Observer) -> None:
        """Work by another configuration: what is attempted is worked out again at the next question."""
        self._engine, self._observer = engine, observer
        for found in self._accounts.values():
            found.page = None

    def __len__(self) -> int:
        return len(self._accounts)

    def add(self, account: Account, question: Question, at: Instant) -> Level:
        """One more question about a message in progress.

        Args:
            account: who authenticated.
            question: at `rcpt`, `data` or `end`.
            at: now.

        Returns:
            The level the account would be at if the log held all it attempts.
        """
        found = self._of(account)
        if question.unknown:
            self.tell(account, _refused(question), at)
            return self._page(account, found).level
        name = question.progress
        message = found.messages.get(name)
        if message is None:
            message = self._begin(found, name, Message(at, question))
        before = message.recipients
        message.recipients = before + 1 if question.stage == "rcpt" else max(before, question.recipients)
        message.said = question
        address = question.recipient.lower()
        fresh = bool(address) and address not in message.addresses and len(message.addresses) < MAX_ADDRESSES
        if fresh:
            message.addresses[address] = None
        return self._suppose(account, found, message, before, (address,) if fresh else ())

    def tell(self, account: Account, outcome: Outcome, at: Instant) -> None:
        """What became of a recipient, before the log says it; it opens no incident.

        Args:
            account: who handed the message in.
            outcome: what became of it.
            at: now.
        """
        told, found = self._outcomes.add(account, outcome, at), self._accounts.get(account)
        if told is not None and found is not None and found.page is not None:
            self._record_outcome(account, found.page, told)

    def saw(self, event: AnyEvent) -> None:
        """The log says something of an account: it takes the place of what was attempted and told."""
        if isinstance(event, Delivery):
            self._outcomes.logged(event)
        if isinstance(event, Login) and not event.ok:
            self.retries.saw(event)
        found = self._accounts.get(event.account)
        if found is None:
            return
        found.page = None
        if isinstance(event, Submission) and not event.more:
            name = next(_same(found, event), None)
            if name is not None:
                del found.messages[name]
        if not found.messages:
            del self._accounts[event.account]

    def forget(self, now: float) -> None:
        """Drop what is older than ten minutes, and passwords that failed a day ago."""
        self.retries.forget(now)
        for account in self._outcomes.forget(now - KEPT):
            if account in self._accounts:
                self._accounts[account].page = None
        for account, found in list(self._accounts.items()):
            old = [name for name, message in found.messages.items() if message.at < now - KEPT]
            for name in old:
                del found.messages[name]
                found.page = None
            if not found.messages:
                del self._accounts[account]

    def abandon(self, account: Account, question: Question) -> None:
        """A message was refused: it is no attempt any more."""
        found = self._accounts.get(account)
        if found is not None and found.messages.pop(question.progress, None) is not None:
            found.page = None

    def _of(self, account: Account) -> Supposed:
        found = self._accounts.pop(account, None) or Supposed()
        if len(self._accounts) >= MAX_ACCOUNTS:
            del self._accounts[next(iter(self._accounts))]
        self._accounts[account] = found
        return found

    def _begin(self, found: Supposed, name: str, message: Message) -> Message:
        if len(found.messages) >= MAX_MESSAGES:
            del found.messages[next(iter(found.messages))]
            found.page = None
        found.messages[name] = message
        return message

    def _suppose(
        self, account: Account, found: Supposed, message: Message, before: int, addresses: tuple[str, ...]
    ) -> Level:
        """The level on a page that has all attempts; the newest is added to one that has the others."""
        added = message.recipients - before
        if found.page is not None and (added or not before):
            self._record(account, found.page, message, added, addresses, more=bool(before))
        return self._page(account, found).level

    def _page(self, account: Account, found: Supposed) -> Page:
        """The account's page as if the log held all it attempts and all that was told."""
        if found.page is not None:
            return found.page
        subject = account_subject(account)
        known = self._shelf.peek(subject)
        page = found.page = decode(encode(known)) if known is not None else Page(subject=subject)
        for each in found.messages.values():
            self._record(account, page, each, each.recipients, tuple(each.addresses), more=False)
        for told in self._outcomes.of(account):
            self._record_outcome(account, page, told)
        return page

    def _record_outcome(self, account: Account, page: Page, told: Told) -> None:
        self._asked += 1
        event = told.event(account, Cursor("door", 0, self._asked))
        self._engine.observe(self._observer.observe(event), Pages(self._site, page, self._place))

    def _place(self, subject: Subject) -> Page:
        """A copy of what is known of a place: attempts are written on nobody's page."""
        known = self._shelf.peek(subject)
        return decode(encode(known)) if known is not None else Page(subject=subject)

    def _record(
        self, account: Account, page: Page, message: Message, count: int, addresses: tuple[str, ...], *, more: bool
    ) -> None:
        said, self._asked = message.said, self._asked + 1
        event = Submission(
            at=message.at,
            account=account,
            host="",
            cursor=Cursor("door", 0, self._asked),
            client=said.client,
            queue_id=said.queue_id,
            envelope_sender=said.sender,
            recipients=count,
            helo=said.helo,
            mechanism=said.mechanism,
            tls=said.tls,
            addresses=addresses,
            more=more,
        )
        self._engine.observe(self._observer.observe(event), Pages(self._site, page, self._place))


def _refused(question: Question) -> Outcome:
    """A recipient that does not exist, as the log will tell of its refusal."""
    return Outcome(
        login=question.login,
        queue_id="",
        recipient=question.recipient,
        result="refused",
        client=question.client,
        helo=question.helo,
        mechanism=question.mechanism,
        tls=question.tls,
        status="5.1.1",
    )


def _same(found: Supposed, event: Submission) -> Iterator[str]:
    """The attempt that has become this submission: by queue id, else the first of that client that is old enough."""
    for name, message in found.messages.items():
        if message.said.queue_id and message.said.queue_id == event.queue_id:
            yield name
    for name, message in found.messages.items():
        if not message.said.queue_id and message.said.client == event.client and message.at <= event.at + NEAR:
            yield name
