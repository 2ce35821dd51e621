"""Reports that the mail server delivers by LMTP: read beside the loop, counted, then answered.

Owns when the mail server may forget a mail: when what it reports is written down, or when it reports nothing. A mail is
never refused for good: a mail server would bounce it to whoever its sender is said to be.
"""

import asyncio
from collections.abc import Callable
from itertools import islice

from msgspec.structs import replace

from gatepost.core.reports import Heard, Report
from gatepost.runtime.control import Reply
from gatepost.runtime.inbox import COUNTED, UNKNOWN, portions
from gatepost.wire import reports

Hear = Callable[[Report], Reply]


class Postman:
    """Takes mails for one running gatepost."""

    def __init__(self, hear: Hear) -> None:
        """Describe it.

        Args:
            hear: counts a report, now; its reply says why it cannot.
        """
        self._hear = hear

    async def take(self, recipient: str, mail: bytes) -> str:
        """Count what a mail reports.

        Args:
            recipient: of the envelope: the sender of the reported message, where it was a VERP address.
            mail: as it came.

        Returns:
            A reply of LMTP without its end: 250 when all is written down, 451 when it must come again.

        Raises:
            StoreError: it could not be written down.
        """
        found = await asyncio.to_thread(reports.read, mail)
        if isinstance(found, str):
            return f"250 2.0.0 {found}"
        said = await self._count(replace(found, to=recipient))
        if all(one.became == UNKNOWN for one in said.heard) and not said.error:  # an alias may have hidden it
            said = await self._count(found)
        return f"451 4.3.0 {said.error}" if said.error else f"250 2.0.0 {_told(said.heard)}"

    async def _count(self, report: Report) -> Reply:
        heard: tuple[Heard, ...] = ()
        for part in portions(report):
            reply = self._hear(part)
            if reply.error:
                return reply
            heard += reply.heard
            await asyncio.sleep(0)  # doors answer in between
        return Reply(heard=heard)


def _told(heard: tuple[Heard, ...]) -> str:
    counted = sum(one.became == COUNTED for one in heard)
    others = {one.became for one in heard} - {COUNTED}
    return "; ".join([f"{counted} counted", *islice(sorted(others), 3)])
