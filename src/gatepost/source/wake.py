"""Waiting for a file to grow: inotify where it works, a look twice a second everywhere."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY = 0.5
"""Seconds between looks where the kernel says nothing (NFS, a folder that cannot be watched)."""


class Wake:
    """Returns from `wait` when something happened in a folder, or after EVERY seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def wait(self) -> None:
        """Wait for a change, at most EVERY seconds."""
        try:
            async with asyncio.timeout(EVERY):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()

    async def _listen(self) -> None:
        try:
            from asyncinotify import Inotify, Mask

            with Inotify() as inotify:
                inotify.add_watch(self._folder, Mask.MODIFY | Mask.CREATE | Mask.MOVED_TO)
                async for _ in inotify:
                    self._changed.set()
        except (OSError, ImportError):
            return
