"""A door that stands open, and what a new configuration changes at it.

Owns what holds for those who are connected already: when others may ask, or other certificates are used, everybody is
hung up on and comes again, so that nobody goes on by a certificate that no longer counts.
"""

from contextlib import AsyncExitStack

from gatepost.config.answering import Manner
from gatepost.config.asking import DoorSettings
from gatepost.source.doorway import Doorway
from gatepost.source.inline import Door, opened


class Entrance:
    """One open door."""

    def __init__(self, door: Door, manner: Manner) -> None:
        """Describe it; nobody is heard yet."""
        self.door, self._manner = door, manner
        self._stack = AsyncExitStack()
        self._way: Doorway | None = None

    async def open(self, at: DoorSettings) -> None:
        """Listen.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        way = opened(self.door, at.listen, int(at.mode, 8), at.group, self._manner.tls)
        self._way = await self._stack.enter_async_context(way)

    async def turn(self, manner: Manner) -> None:
        """Go on by another configuration."""
        before, self._manner = self._manner, manner
        self.door.talk = manner.talk
        if manner.seal == before.seal:
            return
        self.door.admit = manner.askers.admit
        if self._way is not None and (manner.tls is not None or before.tls is not None):
            await self._way.renew(manner.tls)
        self.door.hang_up()

    async def close(self) -> None:
        """Listen no more."""
        await self._stack.aclose()
