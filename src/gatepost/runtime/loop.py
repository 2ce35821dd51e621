"""Blocks of lines to the engine, one after the other, and what follows written down.

Owns when something is written, when time has come so far that something ends by itself, and when a catch-up is over.
Catches everything: a block of lines that breaks the engine is logged and skipped, and mail flows.
"""

import asyncio
import os
from collections.abc import Callable, Iterable

import structlog

from gatepost.config.settings import Settings
from gatepost.core.errors import StoreError
from gatepost.judge.docket import Change
from gatepost.runtime import mode, retention
from gatepost.runtime.carry import Carrier
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.runtime.follow import Followed
from gatepost.runtime.garbage import Garbage
from gatepost.runtime.house import House
from gatepost.runtime.sources import followed_log, sources
from gatepost.runtime.steady import Steady
from gatepost.runtime.supervisor import Supervisor
from gatepost.runtime.suspicion import Suspicion
from gatepost.runtime.unwelcome import Unwelcome
from gatepost.runtime.would import Would
from gatepost.source.given import Lines

QUEUE = 8
"""Blocks of lines that wait; a source waits when there are more."""

AGAIN = 2.0
"""Seconds until a state that could not be written is tried again."""

FLUSH = 10.0
"""Seconds between two writes when nothing urgent happens (contracts 24)."""

FLEETING = 1.0
"""The same when a source cannot be read again."""

FULL = 5000
"""Pages that wait before they are written sooner."""

TURN = 0.5
"""Seconds the loop waits for lines before it looks at the time."""

PIECE = 16
"""Lines worked on at a time."""

SLICE = 0.002
"""Seconds of such work after which others have their turn: whoever asks at a door waits behind it."""

log = structlog.get_logger("gatepost")


class Loop:
    """Everything between the sources and the actions."""

    def __init__(
        self, house: House, carrier: Carrier, desk: Desk, doors: Doors, follow: Callable[[Change], None]
    ) -> None:
        """Describe the sources; nothing is read yet.

        Args:
            house: whose lines.
            carrier: of that house.
            desk: told of what needs a human.
            doors: looked after between two blocks.
            follow: told of every change of a level, after it happened.
        """
        self._house, self._carrier, self._desk, self._doors, self._follow = house, carrier, desk, doors, follow
        self.queue: asyncio.Queue[tuple[Followed, Lines]] = asyncio.Queue(QUEUE)
        self.followed, self.ears = sources(house)
        self.followed += doors.followed
        self._every = FLEETING if any(followed.fleeting for followed in self.followed) else FLUSH
        """Seconds between two writes; what cannot be read again changes with a restart only."""
        self._suspicion, self._unwelcome = Suspicion(house, desk), Unwelcome(house, desk)
        self._would = Would(house, desk)
        self._written, self._urgent, self._failing = Stopwatch(), False, False
        self.supervisor = Supervisor(os.environ)
        """Told how it goes."""
        self._keeper, self._steady = retention.Keeper(house), Steady(house.clock)
        self._garbage = Garbage()
        self._enforcing = False
        self.over = asyncio.Event()
        """Nothing is left to do: an input has ended, and what followed from it was carried out."""

    def mind_mode(self) -> None:
        """Act on what was only noted, or only note from now on, as the mode says.

        Raises:
            StoreError: the state cannot be written.
        """
        self._enforcing = self._house.enforcing
        if self._enforcing:
            self.tell(mode.let_go(self._house))
            if again := mode.enforce(self._house):
                log.info("enforcing now", incidents=",".join(again))
                self._carrier.ring()
        elif noted := mode.observe(self._house):
            log.info("observing now: what was to be done is only noted", orders=noted)

    def turn_from(self, before: Settings) -> None:
        """Follow the sources that the house has now; what was not changed is read on where it is.

        Args:
            before: the configuration until now.
        """
        by_name, logs = {followed.name: followed for followed in self.followed}, self._house.settings.logs
        heard = [followed for name, followed in by_name.items() if name not in {log.name for log in before.logs}]
        kept = {log: by_name[log.name] for log in before.logs if log in logs}
        self.followed = [*(kept.get(log) or followed_log(self._house, log) for log in logs), *heard]
        if len(kept) < len(logs):
            self._carrier.pause()

    async def run(self) -> None:
        """Until it is cancelled."""
        self.supervisor.ready()
        while True:
            self.supervisor.alive(self._how_it_goes())
            try:
                async with asyncio.timeout(TURN):
                    followed, lines = await self.queue.get()
            except TimeoutError:
                pass
            else:
                await self._work_on(followed, lines)
            self._settle(self._house.pipeline.advance(self._watermark()))
            try:
                self._look_around()
            except StoreError as error:
                self._unwritten(error)

    def _how_it_goes(self) -> str:
        mode = "enforcing" if self._house.enforcing else "observing"
        return f"{mode}, {'caught up' if self._carrier.open else 'catching up'}, {len(self.followed)} sources"

    async def _work_on(self, followed: Followed, lines: Lines) -> None:
        """A block, with pauses in which doors answer, the operator is obeyed, or the configuration changes."""
        worked, written = Stopwatch(), self._written
        for piece in lines.pieces(PIECE):
            if followed not in self.followed:  # a reload took the source away: the lines are read again, if at all
                break
            self._settle(self._read(followed, piece))
            if worked.seconds > SLICE:
                await asyncio.sleep(0)
                worked = Stopwatch()
        followed.taken()
        self._urgent = self._urgent or self._written is not written  # written in the middle: then to its end too

    def _read(self, followed: Followed, lines: Lines) -> list[Change]:
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
        self.tell(changes)
        self._urgent = self._urgent or any(change.orders for change in changes)
        waiting = len(self._house.pipeline.shelf.dirty)
        due = self._urgent or waiting > FULL or self._written.seconds > self._every
        if not due or (self._failing and self._written.seconds < AGAIN):
            self._house.remember(changes)
            return
        try:
            self._house.settle(changes)
        except StoreError as error:
            self._unwritten(error)
            return
        if self._failing:
            log.info("the state can be written again")
        self._written, self._failing = Stopwatch(), False
        if self._urgent:
            self._carrier.ring()
        self._urgent = False

    def tell(self, changes: Iterable[Change]) -> None:
        """Tell the followers."""
        for change in changes:
            self._follow(change)

    def _unwritten(self, error: StoreError) -> None:
        self._written, self._failing, self._urgent = Stopwatch(), True, True
        log.error("the state cannot be written; nothing is lost, trying again", reason=str(error))
        self._desk.tell("state", "the state cannot be written: measures wait", [str(error)])

    def _watermark(self) -> float:
        """How far time has come for all sources (contracts 4)."""
        return min((followed.watermark for followed in self.followed), default=self._house.clock.now())

    def _look_around(self) -> None:
        """Whether the catch-up is over, what is suspicious, what is old."""
        if not self._carrier.open and all(followed.caught_up for followed in self.followed):
            self._caught_up()
        elif self._carrier.open and any(followed.behind for followed in self.followed):
            self._carrier.pause()
            log.warning("a source is more than two minutes behind; orders wait until it has caught up")
        if self._house.enforcing and not self._enforcing:
            self.mind_mode()
        if moved := self._steady.jump():
            log.warning("the clock was moved, or this host slept", seconds=round(moved))
        self._suspicion.look(live=self._carrier.open)
        self._unwelcome.look(live=self._carrier.open)
        self._doors.look()
        self._would.look()
        self._keeper.look()
        self._garbage.look()
        for followed in self.followed:
            followed.report()
        self.ears.report(self._desk)
        if self._carrier.open and any(followed.ended and not followed.waiting for followed in self.followed):
            self._end()

    def _end(self) -> None:
        """Write everything down, and be over when no order is due."""
        self._house.settle()
        if self._carrier.idle:
            self.over.set()
        else:
            self._carrier.ring()

    def _caught_up(self) -> None:
        self._house.settle()
        if any(followed.learning for followed in self.followed):
            self.tell(mode.let_go(self._house))
        for followed in self.followed:
            followed.learning = False
        log.info("caught up", lines=self._house.pipeline.totals.lines)
        self._carrier.start()
