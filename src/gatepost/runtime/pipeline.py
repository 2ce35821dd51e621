"""Lines to changes: dialect, thread, observer and engine in a row.

The same code runs in replay and live. No clock, no I/O but the shelf's cold store: time is what the lines say, and
`advance` says how far it has come.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from gatepost.core.events import AnyEvent, Cursor, Delivery, Login, Submission
from gatepost.core.facts import Observation
from gatepost.core.incident import Incident
from gatepost.core.units import Account, Instant, Subject, account_subject
from gatepost.engine import Engine, Pages
from gatepost.enrich.observe import Observer
from gatepost.judge.docket import Change
from gatepost.judge.policy import FOREVER
from gatepost.ledger.page import Page
from gatepost.ledger.receivers import ABOUT
from gatepost.ledger.site import Site
from gatepost.mta.base import TAMPERED, Dialect, Record
from gatepost.mta.locals import BEGUN, Locals
from gatepost.mta.thread import Thread
from gatepost.runtime.totals import Totals
from gatepost.runtime.troubles import Troubles
from gatepost.source.lines import readable, starts
from gatepost.store.memory import Shelf

MAX_ALARMS = 1000
"""Alarms that wait to be told; more are not kept. A client has one for an hour of event time."""


class Alarm(Struct, frozen=True):
    """Somebody writes log syntax into what a client may choose (contracts 13)."""

    at: Instant
    host: str
    client: str
    candidates: tuple[str, ...]
    dialect: str = ""
    who: str = ""
    """Who it was, where the mail server itself could say so."""


class Decided(NamedTuple):
    """Who submitted the message of a tampered line, as an event of its own source."""

    record: Record
    cursor: Cursor


Decide = Callable[[Record], Decided | None]


class Feed(Struct):
    """One source's lines on their way."""

    name: str
    """"mx1:mainlog"."""
    dialect: Dialect
    thread: Thread
    newest: float = 0.0
    """The newest event time it has shown."""
    decide: Decide | None = None
    """Asked who submitted the message of a tampered line."""
    locals: Locals | None = None
    """Local users who are charged with what they send; None charges none."""


class Pipeline:
    """Feeds lines to the engine and keeps the books."""

    def __init__(self, engine: Engine, observer: Observer, shelf: Shelf, site: Site | None = None) -> None:
        self.engine, self.observer, self.shelf = engine, observer, shelf
        self.site = site if site is not None else Site()
        self.totals = Totals()
        self.incidents: dict[str, Incident] = {}
        """Every incident that changed since it was last taken."""
        self.troubles = Troubles()
        self.alarms: list[Alarm] = []
        self._alarmed: set[tuple[str, str, float]] = set()
        self.saw: Callable[[AnyEvent], None] | None = None
        """Told of every event of an account that has been recorded."""
        self.completed: Callable[[Submission], Submission] | None = None
        """Adds to a message what a door told of it and no log tells."""
        self.refused: Callable[[Observation], None] | None = None
        """Told of every refusal of an account's mail."""
        self.handed: Callable[[Submission], None] | None = None
        """Told of messages that an account handed in while something stood against it."""
        self._due: list[tuple[float, Account]] = []
        self._planned: dict[Account, float] = {}

    @property
    def busy(self) -> list[Account]:
        """Accounts against which something stands."""
        return list(self._planned)

    def turn_to(self, engine: Engine, observer: Observer) -> None:
        """Work by another configuration from the next line on."""
        self.engine, self.observer = engine, observer

    def read(self, feed: Feed, generation: int, offset: int, lines: Iterable[str]) -> list[Change]:
        """Read a block of lines.

        Args:
            feed: whose lines.
            generation: the file's place among its predecessors.
            offset: bytes before the first line.
            lines: whole lines without their newlines.
        """
        lines, changes = list(lines), list[Change]()
        skim, read, deliver = feed.dialect.skim, feed.dialect.read, feed.thread.skim
        kinds, whys = list[str](), list[str]()
        for line, at in zip(lines, starts(lines, offset), strict=False):
            pair = skim(line)
            if pair is not None and deliver(*pair):
                continue
            record = read(line if line.isascii() else readable(line))
            kind = record.kind
            kinds.append(kind)
            if kind == "ignored":
                whys.append(record.why)
                continue
            if kind == "unread":
                self.totals.could_not_read(line, record.why)
            self._record(feed, record, Cursor(feed.name, generation, at), changes)
        self.totals.count(len(lines), kinds, whys)
        return changes

    def _record(self, feed: Feed, record: Record, cursor: Cursor, changes: list[Change]) -> None:
        """Feed what a line says, if it says when."""
        time = record.time
        if time is None:
            return
        if time > feed.newest:
            self._advance_feed(feed, time, changes)
        decided = self._tampered(feed, record) if record.why == TAMPERED else None
        if decided is not None:
            record, cursor = decided
        elif record.user or record.part in BEGUN:
            record = self._handed_in(feed, record)
        for event in feed.thread.feed(record, cursor):
            changes += self.take(event)

    def _tampered(self, feed: Feed, record: Record) -> Decided | None:
        """Say that somebody tampered with a line; who submitted its message, where somebody can be asked."""
        ask = feed.decide if record.queue_id and record.kind in ("unread", "submission") else None
        decided = ask(record) if ask is not None else None
        for alarm in _alarms(feed, record, decided):
            self._alarm(alarm)
        return decided

    def _handed_in(self, feed: Feed, record: Record) -> Record:
        """A message without a login: charged to a subject where that is configured; else a local user's is counted."""
        charged = feed.locals.charge(record) if feed.locals is not None else None
        if charged is None and record.user and record.envelope_sender:
            self.totals.charged_to_nobody(record.user)
        return charged or record

    def _advance_feed(self, feed: Feed, time: float, changes: list[Change]) -> None:
        feed.newest = time
        self.totals.span(time)
        if self._due and self._due[0][0] <= time:
            changes += self.advance(time)

    def _alarm(self, alarm: Alarm) -> None:
        of = (alarm.host, alarm.client, alarm.at // 3600)
        if of not in self._alarmed and len(self.alarms) < MAX_ALARMS:
            self._alarmed.add(of)
            self.alarms.append(alarm)

    def take_alarms(self) -> list[Alarm]:
        """The alarms that wait; they are kept no longer."""
        alarms, self.alarms, self._alarmed = self.alarms, [], set()
        return alarms

    def take(self, event: AnyEvent) -> tuple[Change, ...]:
        """Feed one event to the engine."""
        account = event.account
        if not account:
            return ()
        subject = account_subject(account)
        if isinstance(event, Login) and not event.ok and self.shelf.peek(subject) is None:
            self.totals.strangers += 1
            return ()
        page = self.shelf.page(subject)
        if isinstance(event, Delivery) and event.result == "delivered" and self.engine.resolve(event, page):
            if self.saw is not None:
                self.saw(event)
            return ()
        if self.completed is not None and isinstance(event, Submission):
            event = self.completed(event)
        seen = self.observer.observe(event)
        if seen.bounce in ABOUT:
            seen = self.troubles.look(seen, page, self.engine, self.site)
        outcome = self.engine.observe(seen, Pages(self.site, page, self.shelf.page, self.shelf.peek))
        if self.saw is not None:
            self.saw(event)
        if self.refused is not None and seen.bounce is not None:
            self.refused(seen)
        if page.standing or page.level or outcome.changes:
            self._keep(page, account)
            if self.handed is not None and isinstance(event, Submission):
                self.handed(event)
        if not outcome.findings:
            return outcome.changes
        return (*outcome.changes, *(change for found in outcome.findings for change in self.take(found)))

    def advance(self, time: float) -> list[Change]:
        """Time has come this far: everything that ends by itself before ends at its own time (contracts 4)."""
        changes: list[Change] = []
        while self._due and self._due[0][0] <= time:
            at, account = heapq.heappop(self._due)
            if self._planned.get(account) != at:
                continue
            del self._planned[account]
            page = self.shelf.page(account_subject(account))
            changes += self.engine.expire(page, Instant(at))
            self._keep(page, account)
        return changes

    def watch_over(self, subjects: Iterable[Subject]) -> None:
        """Plan the ends of what stands on pages that were loaded."""
        for subject in subjects:
            page = self.shelf.peek(subject)
            if page is not None:
                self._keep(page, Account(subject.partition(":")[2]))

    def _keep(self, page: Page, account: Account) -> None:
        """Remember the incident, and when the next thing on the page ends."""
        if page.incident is not None:
            self.incidents[page.incident.key] = page.incident
        due = self.engine.due(page)
        if due is not None and due < FOREVER and self._planned.get(account) != due:
            self._planned[account] = due
            heapq.heappush(self._due, (due, account))


def _alarms(feed: Feed, record: Record, decided: Decided | None) -> Iterator[Alarm]:
    """An alarm for each client that a tampered line could name; of an outcome, the message's own, and its account."""
    who = _named(decided.record) if decided is not None else ""
    message = feed.thread.message(record.queue_id)
    clients = record.clients or (message.client if message is not None else record.client,)
    owner = (str(message.account),) if message is not None and message.account else ()
    for client in clients:
        named = (*owner, *record.candidates)
        yield Alarm(record.time or Instant(0.0), feed.thread.host, client, named, feed.dialect.name, who)


def _named(record: Record) -> str:
    return f"{record.account or 'nobody who logged in'} from {record.client or 'this host'}"
