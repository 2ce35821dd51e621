"""Sources to engine to orders: start, catch up, follow, stop.

Owns the order of things while gatepost runs. One task reads each source into a bounded queue, one loop feeds the engine
and writes down, one worker carries out each action. The only place that catches everything: a block of lines that
breaks the engine is logged and skipped, and mail flows.
"""

import asyncio
import signal
from collections.abc import Callable

import structlog

from gatepost.config.settings import Settings
from gatepost.core.errors import GatepostError, StoreError
from gatepost.core.ports import Clock
from gatepost.judge.docket import Change
from gatepost.runtime import control, retention
from gatepost.runtime.carry import Carrier
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.follow import Followed
from gatepost.runtime.house import House
from gatepost.runtime.suspicion import Suspicion
from gatepost.store.sqlite import Sqlite

QUEUE = 8
"""Blocks of lines that wait; a source waits when there are more."""

FLUSH = 10.0
"""Seconds between two writes when nothing urgent happens (contracts 24)."""

FULL = 5000
"""Pages that wait before they are written sooner."""

TURN = 0.5
"""Seconds the loop waits for lines before it looks at the time."""

log = structlog.get_logger("gatepost")


class Daemon:
    """One running gatepost."""

    def __init__(self, settings: Settings, store: Sqlite, clock: Clock, follow: Callable[[Change], None]) -> None:
        """Load everything; nothing runs yet.

        Args:
            settings: the configuration.
            store: the state, locked by the caller.
            clock: the time of day.
            follow: told of every change of a level, after it happened.
        """
        self.house = House(settings, store, clock)
        self.carrier = Carrier(self.house)
        self._clock, self._follow = clock, follow
        self._queue: asyncio.Queue[tuple[Followed, object]] = asyncio.Queue(QUEUE)
        self._followed = [Followed(self.house, tail) for tail in settings.source]
        self._suspicion = Suspicion(self.house)
        self._written, self._urgent = Stopwatch(), False
        self._kept_house = retention.Keeper(self.house)

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT.

        Raises:
            GatepostError: it cannot start.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self._begin()
        state = self.house.store.path
        async with control.listening(state, self.house.settings.state.group, self._obey), asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(followed.pump(self._queue)) for followed in self._followed]
            started += [tasks.create_task(self.carrier.work(name)) for name in self.house.actions]
            started.append(tasks.create_task(self._loop()))
            await stop.wait()
            for task in started:
                task.cancel()
        self._settle([])
        log.info("stopped")

    def _begin(self) -> None:
        self.house.catch_up_with_operator()
        if self.house.enforcing and (again := self.house.reconsider()):
            log.info("enforcing now", incidents=",".join(again))
        for name, action in self.house.actions.items():
            self._tell_kept(name, getattr(action, "kept", list)())
        mode = "enforce" if self.house.enforcing else "observe"
        log.info("started", mode=mode, sources=len(self._followed), actions=len(self.house.actions))

    def _tell_kept(self, name: str, kept: list[str]) -> None:
        if kept:
            names = ",".join(kept[:20])
            log.warning("the table denies accounts of which the state knows nothing; kept", action=name, accounts=names)

    # The loop

    async def _loop(self) -> None:
        while True:
            changes: list[Change] = []
            try:
                async with asyncio.timeout(TURN):
                    followed, lines = await self._queue.get()
                changes = self._read(followed, lines)
            except TimeoutError:
                pass
            changes += self.house.pipeline.advance(self._watermark())
            self._settle(changes)
            self._look_around()

    def _read(self, followed: Followed, lines: object) -> list[Change]:
        try:
            return followed.read(lines)
        except Exception:
            log.exception("lines could not be worked on; they are skipped", source=followed.name)
            return []

    def _settle(self, changes: list[Change]) -> None:
        """Write down when something is urgent, much, or old; tell the followers."""
        for change in changes:
            self._follow(change)
        self._urgent = self._urgent or any(change.orders for change in changes)
        waiting = len(self.house.pipeline.shelf.dirty)
        due = self._urgent or waiting > FULL or self._written.seconds > FLUSH
        if not due:
            self.house.remember(changes)
            return
        try:
            self.house.settle(changes)
        except StoreError as error:
            log.error("the state cannot be written; nothing is lost, trying again", reason=str(error))
            self._urgent = True
            return
        self._written = Stopwatch()
        if self._urgent:
            self.carrier.ring()
        self._urgent = False

    def _watermark(self) -> float:
        """How far time has come for all sources (contracts 4)."""
        return min((followed.watermark for followed in self._followed), default=self._clock.now())

    def _look_around(self) -> None:
        """Whether the catch-up is over, what is suspicious, what is old."""
        if not self.carrier.open and all(followed.caught_up for followed in self._followed):
            self.carrier.open = self.carrier.digest = True
            log.info("caught up", lines=self.house.pipeline.totals.lines)
            self.house.settle()
            self.carrier.ring()
        self._suspicion.look()
        self._kept_house.look()
        for followed in self._followed:
            followed.report()

    # The operator

    async def _obey(self, request: Request, by: str) -> Reply:
        try:
            return await obey(self.house, self.carrier, request, by, self._follow)
        except GatepostError as error:
            return Reply(error=str(error))


async def obey(
    house: House, carrier: Carrier, request: Request, by: str, follow: Callable[[Change], None] | None = None
) -> Reply:
    """Do what the operator says, carry out what follows, and say what became of it.

    Raises:
        StoreError: it could not be written down.
    """
    told, changes = house.obey(control.instruction(request, by, house.clock.now()))
    for change in changes:
        if follow is not None:
            follow(change)
    found = house.store.find(told.account)
    if not found or request.verb in ("exempt", "confirm"):
        return Reply(incident=found[0] if found else None, enforcing=house.enforcing)
    rows = await carrier.run_incident(found[0].key)
    return Reply(incident=house.store.get(found[0].key), rows=tuple(rows), enforcing=house.enforcing)
