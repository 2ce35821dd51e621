"""Sources to engine to orders: start, catch up, follow, stop.

Owns the order of things while gatepost runs. One task reads each source into a bounded queue, one loop feeds the engine
and writes down, one worker carries out each action. The only place that catches everything: a block of lines that
breaks the engine is logged and skipped, and mail flows.
"""

import asyncio
import signal
from collections.abc import Callable, Iterable

import structlog

from gatepost.act.foreign import quoted
from gatepost.config.settings import Settings
from gatepost.core.errors import ActionError, GatepostError, StoreError
from gatepost.core.ports import Clock
from gatepost.judge.docket import Change
from gatepost.runtime import control, mode, retention
from gatepost.runtime.carry import Carrier
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.runtime.follow import Followed
from gatepost.runtime.house import House
from gatepost.runtime.sources import sources
from gatepost.runtime.steady import Steady
from gatepost.runtime.suspicion import Suspicion
from gatepost.source.given import Lines
from gatepost.store.sqlite import Sqlite

QUEUE = 8
"""Blocks of lines that wait; a source waits when there are more."""

AGAIN = 2.0
"""Seconds until a state that could not be written is tried again."""

KEPT = 20
"""Logins named of those that a table holds and the state does not know."""

FLUSH = 10.0
"""Seconds between two writes when nothing urgent happens (contracts 24)."""

FULL = 5000
"""Pages that wait before they are written sooner."""

PATIENCE = 4.0
"""Seconds the operator waits for what an order became; the command itself waits five."""

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
        self.carrier, self.desk = Carrier(self.house), Desk(self.house)
        self._clock, self._follow = clock, follow
        self._queue: asyncio.Queue[tuple[Followed, Lines]] = asyncio.Queue(QUEUE)
        self._followed, self._ears = sources(self.house)
        self._suspicion = Suspicion(self.house, self.desk)
        self._doors = Doors(self.house, lambda: self.carrier.open)
        self._written, self._urgent, self._failing = Stopwatch(), False, False
        self._keeper, self._steady = retention.Keeper(self.house), Steady(clock)
        self._enforcing = self.house.enforcing

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT.

        Raises:
            GatepostError: it cannot start, or could not write down the last of it.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self.begin()
        state = self.house.store.path
        group = self.house.settings.state.group
        hearing = control.listening(state, group, self._obey)
        async with hearing, self._doors.open(), self._ears.open(), asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(followed.pump(self._queue)) for followed in self._followed]
            started += [tasks.create_task(self.carrier.work(name)) for name in self.house.actions]
            started += [tasks.create_task(self._loop()), tasks.create_task(self.desk.work())]
            await stop.wait()
            for task in started:
                task.cancel()
        self.house.settle()
        log.info("stopped")

    def begin(self) -> None:
        """Before anything is read: what the operator said meanwhile, the mode, and what the tables hold.

        Raises:
            StoreError: the state cannot be written.
        """
        self._tell(change for _, changes in self.house.catch_up_with_operator() for change in changes)
        self.house.store.try_again()
        for incident in self.house.store.find(standing=True):
            self.house.contained(incident.key)
        if self._enforcing:
            self._enforce()
        elif noted := mode.observe(self.house):
            log.info("observing now: what was to be done is only noted", orders=noted)
        for name, action in self.house.actions.items():
            self._tell_kept(name, getattr(action, "kept", list))
        log.info(
            "started",
            mode="enforce" if self._enforcing else "observe",
            sources=len(self._followed),
            actions=len(self.house.actions),
        )

    def _enforce(self) -> None:
        """Observe has become enforce, or enforce goes on after a stop."""
        self._tell(mode.let_go(self.house))
        if again := mode.enforce(self.house):
            log.info("enforcing now", incidents=",".join(again))
            self.carrier.ring()

    def _tell_kept(self, name: str, kept: Callable[[], list[str]]) -> None:
        try:
            names = kept()
        except ActionError as error:
            log.error("the table cannot be read", action=name, reason=str(error))
            return
        if names:
            more = f" and {len(names) - KEPT} more" if len(names) > KEPT else ""
            lines = [
                f"{name}: {', '.join(quoted(login, 80) for login in names[:KEPT])}{more}",
                "they stay denied; take each out of the table by hand when you are sure of it",
            ]
            self.desk.tell_once(
                f"kept {name}", "the table denies accounts of which the state knows nothing; kept", lines
            )

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
            try:
                self._look_around()
            except StoreError as error:
                self._unwritten(error)

    def _read(self, followed: Followed, lines: Lines) -> list[Change]:
        followed.taken()
        try:
            return followed.read(lines)
        except Exception:
            log.exception("lines could not be worked on; each is tried by itself", source=followed.name)
            return self._read_singly(followed, lines)

    def _read_singly(self, followed: Followed, lines: Lines) -> list[Change]:
        """The same block line by line: what was recorded already is not recorded twice."""
        changes: list[Change] = []
        failed = 0
        for line in lines.singly():
            try:
                changes += followed.read(line)
            except Exception:
                failed += 1
        log.error("lines were skipped", source=followed.name, lines=failed, offset=lines.offset)
        return changes

    def _settle(self, changes: list[Change]) -> None:
        """Write down when something is urgent, much, or old; tell the followers."""
        self._tell(changes)
        self._urgent = self._urgent or any(change.orders for change in changes)
        waiting = len(self.house.pipeline.shelf.dirty)
        due = self._urgent or waiting > FULL or self._written.seconds > FLUSH
        if not due or (self._failing and self._written.seconds < AGAIN):
            self.house.remember(changes)
            return
        try:
            self.house.settle(changes)
        except StoreError as error:
            self._unwritten(error)
            return
        if self._failing:
            log.info("the state can be written again")
        self._written, self._failing = Stopwatch(), False
        if self._urgent:
            self.carrier.ring()
        self._urgent = False

    def _tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._follow(change)

    def _unwritten(self, error: StoreError) -> None:
        self._written, self._failing, self._urgent = Stopwatch(), True, True
        log.error("the state cannot be written; nothing is lost, trying again", reason=str(error))
        self.desk.tell("state", "the state cannot be written: measures wait", [str(error)])

    def _watermark(self) -> float:
        """How far time has come for all sources (contracts 4)."""
        return min((followed.watermark for followed in self._followed), default=self._clock.now())

    def _look_around(self) -> None:
        """Whether the catch-up is over, what is suspicious, what is old."""
        if not self.carrier.open and all(followed.caught_up for followed in self._followed):
            self._caught_up()
        elif self.carrier.open and any(followed.behind for followed in self._followed):
            self.carrier.pause()
            log.warning("a source is more than two minutes behind; orders wait until it has caught up")
        if self.house.enforcing and not self._enforcing:
            self._enforcing = True
            self._enforce()
        if moved := self._steady.jump():
            log.warning("the clock was moved, or this host slept", seconds=round(moved))
        self._suspicion.look(live=self.carrier.open)
        self._doors.look()
        self._keeper.look()
        for followed in self._followed:
            followed.report()
        self._ears.report(self.desk)

    def _caught_up(self) -> None:
        self.house.settle()
        if any(followed.learning for followed in self._followed):
            self._tell(mode.let_go(self.house))
        for followed in self._followed:
            followed.learning = False
        log.info("caught up", lines=self.house.pipeline.totals.lines)
        self.carrier.start()

    # The operator

    async def _obey(self, request: Request, by: str) -> Reply:
        try:
            return await obey(self.house, self.carrier, request, by, self._follow, PATIENCE)
        except GatepostError as error:
            return Reply(error=str(error))


async def obey(
    house: House,
    carrier: Carrier,
    request: Request,
    by: str,
    follow: Callable[[Change], None] = lambda change: None,
    patience: float | None = None,
) -> Reply:
    """Do what the operator says, carry out what follows, and say what became of it.

    Args:
        house: whose state.
        carrier: of that house.
        request: what the operator says.
        by: who says it.
        follow: told of every change of a level.
        patience: seconds to wait for the actions; None is as long as they take.

    Raises:
        StoreError: it could not be written down.
    """
    if wrong := control.wrong(request, house.store):
        return Reply(error=wrong)
    told, changes = house.obey(control.instruction(request, by, house.clock.now()))
    for change in changes:
        follow(change)
    found = max(house.store.find(told.account), key=lambda incident: incident.number, default=None)
    if found is None or request.verb in ("exempt", "confirm"):
        return Reply(incident=found, enforcing=house.enforcing)
    doing = asyncio.ensure_future(carrier.run_incident(found.key))
    done, _ = await asyncio.wait([doing], timeout=patience)
    for task in done:
        task.result()
    rows = tuple(house.store.rows(found.key))
    return Reply(incident=house.store.get(found.key), rows=rows, enforcing=house.enforcing)
