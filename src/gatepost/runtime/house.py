"""State, pipeline and orders of one gatepost, without its sources.

Owns what becomes durable together: pages, open messages, positions, incidents and the rows of orders that follow from
them are one transaction, so that a crash at any moment forgets nothing and doubles nothing (contracts 10, 11).
"""

import os
from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct, msgpack
from msgspec.structs import replace

from gatepost.act.customer import Customers
from gatepost.act.post import Budget
from gatepost.config import assemble, queues
from gatepost.config.hosts import handovers
from gatepost.config.plans import Plans
from gatepost.config.settings import Settings
from gatepost.core.accounts import Accounts
from gatepost.core.events import Cursor, Instruction
from gatepost.core.incident import Order
from gatepost.core.ports import Action, Clock, Position, Target
from gatepost.core.units import account_subject
from gatepost.engine import Engine
from gatepost.enrich.observe import Observer
from gatepost.judge import docket
from gatepost.judge.docket import Change
from gatepost.judge.policy import OPERATOR
from gatepost.ledger.receivers import Receivers
from gatepost.ledger.site import Site
from gatepost.mta.thread import Thread
from gatepost.runtime import due, target
from gatepost.runtime.breaker import Breaker
from gatepost.runtime.decided import decided
from gatepost.runtime.giving import Giving
from gatepost.runtime.links import Links
from gatepost.runtime.pipeline import Pipeline
from gatepost.runtime.recent import Recent
from gatepost.runtime.refused import Refused
from gatepost.runtime.remembered import named
from gatepost.store import audit, envelopes, reported
from gatepost.store.memory import Shelf
from gatepost.store.pending import Pending
from gatepost.store.sqlite import Sqlite


class Parts(Struct, frozen=True):
    """What a configuration makes of a house."""

    settings: Settings
    engine: Engine
    observer: Observer
    actions: dict[str, Action]
    accounts: Accounts
    letters: Customers | None
    plans: Plans


class House:
    """Everything but the doors."""

    def __init__(self, settings: Settings, store: Sqlite, clock: Clock) -> None:
        """Load the state.

        Raises:
            StoreError: it cannot be read.
            ConfigError: an action or a table cannot be used.
        """
        self.settings, self.store, self.clock = settings, store, clock
        self.actions: dict[str, Action] = {}
        self.key, self.handovers = self._constant("key", os.urandom(32)), handovers(settings)
        self.started = float(self._constant("started", str(clock.now()).encode()))
        self.budget = Budget(clock)
        """Of all messages that are sent, whatever configuration is loaded."""
        self._pending = Pending(store)
        site = store.meta("site")
        page = settings.selfservice
        self.links = Links(store, clock, self.key, page.url if page.listen else "")
        parts = self.prepare(settings)
        self.actions, self.accounts, self.letters = parts.actions, parts.accounts, parts.letters
        self.plans = parts.plans
        self.pipeline = Pipeline(
            parts.engine,
            parts.observer,
            Shelf(self._pending),
            msgpack.decode(site, type=Site) if site is not None else None,
        )
        if (receivers := store.meta("receivers")) is not None:
            self.pipeline.troubles.receivers = msgpack.decode(receivers, type=Receivers)
        self.pipeline.watch_over(account_subject(found.account) for found in store.find(standing=True))
        self.refused = Refused()
        self.pipeline.refused = self.refused.saw
        self.recent = Recent()
        self.pipeline.handed = self.recent.saw
        self.giving = self._giving()
        self.threads: dict[str, Thread] = {}
        self.positions: dict[str, Position] = {}
        self.obeyed = int(store.meta("obeyed") or b"0")
        """The last instruction that was done."""
        self.reported = int(store.meta("reported") or b"0")
        """The last report that was counted."""
        self._changes: list[Change] = []
        """Changes whose orders are not written down yet."""

    def prepare(self, settings: Settings) -> Parts:
        """Everything that depends on a configuration; nothing changes yet.

        Raises:
            ConfigError: it cannot be used.
            StoreError: the journal cannot be read.
        """
        letters, known = assemble.customers(settings.letter, self.budget), named(settings.accounts, self.store)
        engine, observer = assemble.engine(settings, self.key), assemble.observer(settings, known=known)
        seen, stopped = self._seen(known, observer), partial(due.stopped, self.store, settings)
        last = partial(envelopes.of, self.store)
        found = assemble.actions(settings, self.store, self.clock, self.budget, seen, stopped, self.links.make, last)
        actions = {action.name: action for action in found}
        return Parts(settings, engine, observer, actions, known, letters, assemble.plans(settings))

    def _seen(self, known: Accounts, observer: Observer) -> queues.Known:
        return queues.Known(known, observer.networks, lambda queue_id: target.logged(self.threads.values(), queue_id))

    def turn_to(self, parts: Parts) -> None:
        """Work by another configuration from the next line on: pages, open messages and positions stay as they are.

        Raises:
            StoreError: what was read before could not be written down; nothing has changed.
        """
        self.settle()
        standing = [account_subject(found.account) for found in self.store.find(standing=True)]
        self.settings, self.actions, self.accounts = parts.settings, parts.actions, parts.accounts
        self.letters, self.plans = parts.letters, parts.plans
        self.giving = self._giving()
        for thread in self.threads.values():
            thread.accounts = parts.accounts
            thread.sent = (thread.sent or {}) if parts.settings.reports.keep else None
        self.pipeline.turn_to(parts.engine, parts.observer)
        self.pipeline.watch_over(standing)

    def _giving(self) -> Giving:
        breaker = Breaker(self.settings.breaker, self.store, self.clock)
        return Giving(self.store, self.clock, lambda: self.actions.values(), breaker, self.plans)

    def _constant(self, name: str, value: bytes) -> bytes:
        """A value that is made once and never changes."""
        found = self.store.meta(name)
        if found is None:
            self.store.put_meta(name, value)
        return found if found is not None else value

    @property
    def enforcing(self) -> bool:
        """Whether orders are carried out: by the mode, and after the first days of observing."""
        settled = self.clock.now() >= self.started + self.settings.start.observe_for
        return self.settings.mode == "enforce" and settled

    def thread(self, host: str) -> Thread:
        """The open messages of a host, as they were saved."""
        if host not in self.threads:
            thread = Thread(host, accounts=self.accounts, key=self.key)
            thread.load(self.store.messages(host))
            self.handovers.join(thread)
            thread.sent = {} if self.settings.reports.keep else None
            self.threads[host] = thread
        return self.threads[host]

    # What becomes durable

    def settle(self, changes: Iterable[Change] = ()) -> None:
        """Write everything down, and the orders that follow.

        Raises:
            StoreError: nothing was written; nothing is lost, call again.
        """
        self._changes += changes
        saved = {host: thread.touched for host, thread in self.threads.items()}
        self.pipeline.shelf.flush()
        try:
            with self.store.transaction():
                self.store.clock = self.clock.now()
                self._write()
        except BaseException:
            for host, touched in saved.items():
                self.threads[host].touched |= touched
            raise
        self._pending.drained()
        self.refused.drained()
        self.recent.drained()
        reported.remembered(self.threads.values())
        self.pipeline.incidents.clear()
        self.pipeline.site.dirty = self.pipeline.troubles.receivers.dirty = False
        self._changes.clear()

    def write_sent(self) -> None:
        """Write down the messages that reports may be about, without waiting for the rest.

        Raises:
            StoreError: nothing was written; nothing is lost.
        """
        if any(thread.sent for thread in self.threads.values()):
            with self.store.transaction():
                reported.remember(self.store, self.threads.values(), self.key)
            reported.remembered(self.threads.values())

    def remember(self, changes: Iterable[Change]) -> None:
        """Keep changes for the next `settle`."""
        self._changes += changes

    def _write(self) -> None:
        self._pending.drain()
        self.refused.drain(self.store)
        self.recent.drain(self.store)
        for host, thread in self.threads.items():
            self.store.put_messages(host, *thread.save())
        reported.remember(self.store, self.threads.values(), self.key)
        for name, position in self.positions.items():
            self.store.put_position(name, position)
        self.store.put_meta("obeyed", str(self.obeyed).encode())
        if self.reported:
            self.store.put_meta("reported", str(self.reported).encode())
        if self.pipeline.site.dirty:
            self.store.put_meta("site", msgpack.encode(self.pipeline.site))
        if self.pipeline.troubles.receivers.dirty:
            self.store.put_meta("receivers", msgpack.encode(self.pipeline.troubles.receivers))
        for incident in self.pipeline.incidents.values():
            self.store.put(incident)
        for change in self._changes:
            told = any(proof.detector == OPERATOR for proof in change.verdict.because)
            if change.orders:
                audit.append(self.store, decided(change, self.clock.now(), enforcing=self.enforcing))
            self.giving.give(change.orders, told=told, enforcing=self.enforcing)

    # What the operator says

    def obey(self, verb: Instruction) -> tuple[Instruction, list[Change]]:
        """Write down what the operator says, then do it.

        Args:
            verb: its cursor is replaced by its place in the table of instructions.

        Raises:
            StoreError: it could not be written down; nothing was done.
        """
        self.store.tell(verb)
        return self.catch_up_with_operator()[-1]

    def catch_up_with_operator(self) -> list[tuple[Instruction, list[Change]]]:
        """Do every instruction that is written down and not done, as after a crash between the two."""
        done: list[tuple[Instruction, list[Change]]] = []
        for told in self.store.told(self.obeyed):
            instruction = replace(told.instruction, cursor=Cursor("operator", 0, told.number))
            self.obeyed = told.number
            changes = list(self.pipeline.take(instruction))
            self._disown(instruction, changes)
            self.settle(changes)
            done.append((instruction, changes))
        return done

    def _disown(self, told: Instruction, changes: Sequence[Change]) -> None:
        """The dead addresses that a thief wrote to are not on the owner's list."""
        for change in changes if told.how == "password-changed" else ():
            if change.incident is not None:
                self.refused.disown(told.account, change.incident.hostile_since or change.incident.opened)

    def contained(self, key: str) -> None:
        """When all orders of an incident are done, say so on its account's page.

        Raises:
            StoreError: as `settle`.
        """
        incident = self.store.get(key)
        states = {row.state for row in self.store.rows(key)}
        if incident is None or "done" not in states or states & {"planned", "running", "failed"}:
            return
        page = self.pipeline.shelf.page(account_subject(incident.account))
        found = docket.contain(page, key)
        if found is not None:
            self.pipeline.incidents[key] = found
            self.settle()

    def target(self, order: Order) -> Target | None:
        """What an action needs to know; None when the incident is not in the state."""
        incident = self.store.get(order.incident)
        if incident is None:
            return None
        return target.of(order.account, incident, self.pipeline.shelf.peek(account_subject(order.account)))
