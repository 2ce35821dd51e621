"""A daemon in this process, with the scene's actions; it is ended as if killed."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from tests.runtime.scene import Counter, Fixed, Post, World, configured

from gatepost.core.incident import State
from gatepost.judge.docket import Change
from gatepost.runtime.daemon import Daemon
from gatepost.store.sqlite import Sqlite


class Running:
    """A daemon in this process, with the scene's actions."""

    def __init__(self, folder: Path, clock: Fixed, **more: str) -> None:
        self.settings = configured(folder, more.pop("mode", "enforce"), **more)
        self.clock, self.world, self.post = clock, World(), Post()
        self.changes: list[Change] = []
        self.log = folder / "mainlog"
        self.daemon: Daemon

    def write(self, lines: list[str], at: float | None = None) -> None:
        """The mail server writes."""
        with self.log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
        if at is not None:
            os.utime(self.log, (at, at))

    def until(self, holds: Callable[[], bool]) -> None:
        """Run until something holds, then die as if killed."""
        asyncio.run(self._until(holds))

    async def _until(self, holds: Callable[[], bool]) -> None:
        with Sqlite.open(Path(self.settings.state.path)) as self.store:
            self.daemon = Daemon(self.settings, self.store, self.clock, self.changes.append)
            house = self.daemon.house
            house.actions = {"counter": Counter(self.world), "post": self.post}
            self.daemon.carrier.renew()
            task = asyncio.create_task(self.daemon.run())
            try:
                async with asyncio.timeout(20):
                    while not holds() and not task.done():
                        await asyncio.sleep(0.01)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise task.exception() or AssertionError

    @property
    def idle(self) -> bool:
        """Everything is read, written and done."""
        carrier = self.daemon.carrier
        read = self.log.exists() and self.store.position("mx1") is not None
        done = read and self.store.position("mx1").offset == self.log.stat().st_size  # type: ignore[union-attr]
        return carrier.open and done and not self.store.unfinished() and not self.store.undoable()

    def incidents(self) -> dict[str, State]:
        """Key to state, from the file."""
        with Sqlite.open(Path(self.settings.state.path)) as store:
            return {incident.key: incident.state for incident in store.find()}
