"""One followed source: its tail, its feed, and how far both have come."""

import asyncio
from collections import deque

import structlog
from msgspec.structs import replace

from gatepost.config.locals import of_host
from gatepost.core.units import Instant
from gatepost.judge.docket import Change
from gatepost.mta.base import Dialect, Record
from gatepost.runtime.clock import Stopwatch
from gatepost.runtime.house import House
from gatepost.runtime.pipeline import Decide, Feed
from gatepost.source.given import Lines, Source

BEHIND = 120.0
"""Seconds behind the clock at which a source is catching up (contracts 10)."""

IDLE = 60.0
"""Seconds without a line after which a source follows the clock (contracts 4)."""

AGAIN = 5.0
"""Seconds until a log that broke off is tried again."""

AHEAD = 300.0
"""Seconds an event may lie in the future; beyond that its host's clock is wrong and the event is moved to now."""

log = structlog.get_logger("gatepost.source")


class Clamped:
    """A dialect whose times never lie far in the future: a lying clock would empty an account's windows."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.vague = dialect.vague
        self.latest = float("inf")
        self.skewed = 0
        """Lines that were moved."""

    @property
    def name(self) -> str:
        """The dialect's, which may be found out while reading."""
        return self._dialect.name

    def read(self, line: str) -> Record:
        """As the dialect reads it, not later than `latest`."""
        record = self._dialect.read(line)
        if record.time is not None and record.time > self.latest:
            self.skewed += 1
            record.time = Instant(self.latest - AHEAD)
        return record

    def skim(self, line: str) -> tuple[str, str] | None:
        """As the dialect skims it."""
        return self._dialect.skim(line)


class Followed:
    """A source of the configuration at work."""

    def __init__(
        self, house: House, name: str, host: str, tail: Source, dialect: Dialect, decide: Decide | None = None
    ) -> None:
        """Describe it; nothing is read yet.

        Args:
            house: whose source it is.
            name: under which its position is kept and its lines are cited.
            host: the mail server it speaks for.
            tail: where lines come from; it goes on where reading ended the last time.
            dialect: reads them.
            decide: asked who submitted the message of a tampered line.
        """
        self.name, self._house, self.tail = name, house, tail
        position = house.store.position(name)
        self._dialect = Clamped(house.handovers.reading(dialect))
        newest = position.newest if position is not None else 0.0
        charged = of_host(house.settings, host)
        self.feed = Feed(name, self._dialect, house.thread(host), newest, decide, charged)
        self.learning = position is None
        """This is the very first start: what is read now is history."""
        self.fleeting = False
        """What was read and not written down cannot be read again."""
        self.ended = False
        """Nothing will ever come."""
        self.waiting = 0
        self._last = Stopwatch()
        self._said: deque[str] = deque(maxlen=3)
        self._gaps = self._skewed = 0

    async def pump(self, queue: "asyncio.Queue[tuple[Followed, Lines]]") -> None:
        """Read to the end, if there is one, waiting while the queue is full."""
        try:
            while not await self._pump(queue):
                self.tail.close()
                await asyncio.sleep(AGAIN)
            self.ended = True
            log.info("the input ended", source=self.name)
        finally:
            self.tail.close()

    async def _pump(self, queue: "asyncio.Queue[tuple[Followed, Lines]]") -> bool:
        """Read until it breaks off; True when it has ended."""
        try:
            async for lines in self.tail.lines():
                self.waiting += 1
                await queue.put((self, lines))
        except OSError as error:
            self.tail.trouble = f"{self.tail.where}: {error.strerror or error}; trying again"
            return False
        return True

    def taken(self) -> None:
        """A block has left the queue."""
        self.waiting -= 1
        self._last = Stopwatch()

    def read(self, lines: Lines) -> list[Change]:
        """Feed a block to the engine, and note how far the source has come."""
        self._dialect.latest = self._house.clock.now() + AHEAD
        changes = self._house.pipeline.read(self.feed, lines.generation, lines.offset, lines.lines)
        self._house.positions[self.name] = replace(lines.position, newest=self.feed.newest)
        return changes

    @property
    def caught_up(self) -> bool:
        """Everything that is there was read, or what is read is nearly now."""
        if not self.waiting and self.tail.at_end:
            return True
        return self.feed.newest >= self._house.clock.now() - BEHIND

    @property
    def behind(self) -> bool:
        """Blocks are waiting, and what is read is old."""
        return self.waiting > 1 and self.feed.newest < self._house.clock.now() - BEHIND

    @property
    def watermark(self) -> float:
        """The newest event time, or the clock when nothing comes: neither to us nor to the file."""
        if self.waiting or not self.tail.at_end:
            return self.feed.newest
        now = self._house.clock.now()
        idle = self._last.seconds > IDLE or self.tail.touched < now - IDLE
        return now if idle else self.feed.newest

    def report(self) -> None:
        """Say what is wrong with the source, each thing once."""
        trouble = self.tail.trouble
        if trouble and trouble not in self._said:
            log.warning("the log cannot be read", source=self.name, reason=trouble)
            self._said.append(trouble)
        if not trouble:
            self._said.clear()
        if self.tail.gaps > self._gaps:
            self._gaps = self.tail.gaps
            log.warning("lines were lost: they were gone before they were read", source=self.name, gaps=self._gaps)
        if self._dialect.skewed > self._skewed:
            if not self._skewed:
                log.warning("the clock of this host is ahead; events are moved to now", source=self.name)
            self._skewed = self._dialect.skewed
