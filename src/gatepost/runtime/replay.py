"""Logs at full speed: the same pipeline as live, ticks from event time.

Owns the order of what comes out: changes of level in event-time order over all accounts.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from gatepost.config import assemble, dialects, hosts
from gatepost.config.hosts import handovers
from gatepost.config.locals import of_log
from gatepost.config.naming import accounts
from gatepost.config.settings import Settings
from gatepost.config.zones import load_zone
from gatepost.core.errors import SourceError
from gatepost.core.incident import Incident
from gatepost.judge.docket import Change
from gatepost.mta.base import Dialect
from gatepost.mta.thread import Thread
from gatepost.runtime.pipeline import Feed, Pipeline
from gatepost.source.merge import Stamp, merge, stamp_of
from gatepost.source.sample import written
from gatepost.store.memory import Cold, Shelf

LATENESS = 120.0
"""Seconds by which lines of one log may be out of order (contracts 4)."""

MEMORY = 1 << 30
"""Octets of encoded pages kept in memory."""


class Replay:
    """One run over some logs."""

    def __init__(
        self,
        paths: Sequence[str],
        settings: Settings | None = None,
        told: assemble.Told | None = None,
        *,
        zone: str = "local",
        dialect: str = "auto",
        memory: int = MEMORY,
        progress: Callable[[int], None] | None = None,
        adjust: assemble.Adjust | None = None,
        pipeline: type[Pipeline] = Pipeline,
    ) -> None:
        """Prepare a run.

        Args:
            paths: logs, plain or packed, "-" for standard input; in any order.
            settings: the configuration; the defaults when None.
            told: what `--domains` says.
            zone: zone of stamps without one.
            dialect: "auto" or a dialect's name.
            memory: octets of cold pages before they go to a temporary file.
            progress: called with the number of lines read after every block.
            adjust: changes the detectors, for "what if".
            pipeline: a pipeline that also watches.
        """
        self.settings = settings or Settings()
        self.paths, self.broken = tuple(paths), list[SourceError]()
        self._zone, self._dialect, self._progress = load_zone(zone), dialect, progress
        self._readers: list[Dialect] = []
        self._accounts, self._handovers = accounts(self.settings.accounts), handovers(self.settings)
        self._threads: dict[str, Thread] = {}
        self.pipeline = pipeline(
            assemble.engine(self.settings, adjust=adjust), assemble.observer(self.settings, told), Shelf(Cold(memory))
        )

    def changes(self) -> Iterator[Change]:
        """Every change of an account's level, in event-time order over all accounts."""
        feeds, stamps = self._feeds()
        waiting: list[tuple[float, int, Change]] = []
        order = count()
        for block in merge(self.paths, stamps, self.broken.append):
            feed = feeds[block.file]
            for change in self.pipeline.read(feed, 0, block.offset, block.lines):
                heapq.heappush(waiting, (change.at, next(order), change))
            while waiting and waiting[0][0] < self.pipeline.totals.last - LATENESS:
                yield heapq.heappop(waiting)[2]
            if self._progress is not None:
                self._progress(len(block.lines))
        for change in self.pipeline.advance(self.pipeline.totals.last):
            heapq.heappush(waiting, (change.at, next(order), change))
        while waiting:
            yield heapq.heappop(waiting)[2]

    @property
    def incidents(self) -> list[Incident]:
        """Every incident of the run, oldest first."""
        return sorted(self.pipeline.incidents.values(), key=lambda incident: (incident.opened, incident.key))

    @property
    def dialects(self) -> list[str]:
        """What each log was read as; of standard input this is known when it was read."""
        return [reader.name for reader in self._readers]

    @property
    def unjoined(self) -> int:
        """Outcomes of messages whose arrival was not read."""
        return sum(thread.early.unjoined for thread in self._threads.values())

    def _thread(self, host: str) -> Thread:
        """The messages of a host; logs of nobody knows whom are one host's, unless hosts have addresses."""
        if host not in self._threads:
            self._threads[host] = Thread(host, accounts=self._accounts)
            self._handovers.join(self._threads[host])
        return self._threads[host]

    def _feeds(self) -> tuple[list[Feed], list[Stamp]]:
        feeds, stamps = list[Feed](), list[Stamp]()
        for path in self.paths:
            make = dialects.reader(path, self._dialect, self._zone, self.settings.tag, written(path))
            self._readers.append(self._handovers.reading(make()))
            thread = self._thread(hosts.of_log(self.settings, path) if self.settings.host else "")
            feeds.append(Feed(path, self._readers[-1], thread, locals=of_log(self.settings, path)))
            stamps.append(stamp_of(make()))
        return feeds, stamps
