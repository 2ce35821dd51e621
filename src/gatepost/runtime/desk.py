"""The abuse desk: told what is no incident but needs a human, by log line and by letter.

Owns how often: the same matter at most once an hour, and across restarts only when something about it is new. In
observe mode the log line is all, but for the daily mail about what was not done (would.py).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from hashlib import blake2b

import structlog

from gatepost.core.errors import ActionError, StoreError
from gatepost.runtime.house import House

HOUR = 3600.0
"""Seconds between two letters about one matter."""

WAITING = 20
"""Letters that wait; what is older is dropped, its log line stands."""

AGAIN = 60.0
"""Seconds until a letter that could not be sent is tried again."""

log = structlog.get_logger("gatepost.alarm")


class Desk:
    """Tells people."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._told: dict[str, float] = {}
        self._letters: deque[tuple[str, tuple[str, ...]]] = deque(maxlen=WAITING)
        self._bell = asyncio.Event()

    def tell(
        self, matter: str, subject: str, lines: Sequence[str], *, letter: bool = True, observing: bool = False
    ) -> bool:
        """Say something once.

        Args:
            matter: what it is about: the same within an hour is not said again.
            subject: one short sentence.
            lines: the rest of the letter; foreign values in them are quoted already.
            letter: False when the log line is enough.
            observing: write it in observe mode, too: it says what was not done.

        Returns:
            Whether it was said.
        """
        now = self._house.clock.now()
        if now < self._told.get(matter, float("-inf")) + HOUR:
            return False
        self._told = {name: at for name, at in self._told.items() if now < at + HOUR} | {matter: now}
        log.warning(subject, about=" | ".join(lines))
        if letter and (self._house.enforcing or observing):
            self._letters.append((subject, tuple(lines)))
            self._bell.set()
        return True

    def tell_once(self, matter: str, subject: str, lines: Sequence[str]) -> None:
        """The same, and never again while the lines are the same: also not after a restart."""
        digest = blake2b("\n".join((subject, *lines)).encode("utf-8", "surrogateescape"), digest_size=16).digest()
        known = self._house.store.meta(f"told {matter}") == digest
        if self.tell(matter, subject, lines, letter=not known) and self._house.enforcing and not known:
            self._house.store.put_meta(f"told {matter}", digest)

    async def work(self) -> None:
        """Send letters; ends when it is cancelled."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._letters:
                letter = self._letters.popleft()
                if not await self._send(*letter):
                    self._letters.appendleft(letter)
                    await asyncio.sleep(AGAIN)

    async def _send(self, subject: str, lines: Sequence[str]) -> bool:
        for name, action in self._house.actions.items():
            alarm = getattr(action, "alarm", None)
            try:
                if alarm is not None:
                    log.info("told", action=name, note=await alarm(subject, lines))
            except (ActionError, StoreError) as error:
                log.error("the abuse desk could not be told", action=name, reason=str(error), again=error.retry)
                return not error.retry
        return True
