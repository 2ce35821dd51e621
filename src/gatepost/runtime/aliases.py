"""The operator's aliases kept fresh: looked up beside the pipeline, which never waits for them.

Owns what happens when a look-up fails: the last known aliases stay, and the abuse desk hears of it.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from gatepost.config.naming import AnyAliases, Naming, know, pairs_of
from gatepost.core.accounts import settled
from gatepost.core.errors import SourceError, StoreError
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House
from gatepost.runtime.remembered import keep

SHOWN = 20
"""Dropped names that are told."""

log = structlog.get_logger("gatepost.aliases")


class Aliases:
    """Looks the aliases of a house up again and again."""

    def __init__(
        self, house: House, desk: Desk, look: Callable[[AnyAliases], list[tuple[str, str]]] = pairs_of
    ) -> None:
        """Say whose, who is told, and how a look-up is made."""
        self._house, self._desk, self._look = house, desk, look
        self._bell = asyncio.Event()
        self._kept: Mapping[str, str] | None = None
        """What the state has of a server's answer, when this process wrote it."""

    def ring(self) -> None:
        """The configuration may have changed: look at once."""
        self._bell.set()

    async def work(self) -> None:
        """Look up for ever; ends when it is cancelled."""
        while True:
            self._bell.clear()
            await self.refresh()
            found = self._house.settings.accounts.aliases
            try:
                async with asyncio.timeout(found.refresh if found is not None else None):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def refresh(self) -> None:
        """One look-up, in a thread; what it brings holds from the next block of lines on."""
        naming = self._house.settings.accounts
        if naming.aliases is None:
            return
        try:
            pairs = await asyncio.to_thread(self._look, naming.aliases)
            found = await asyncio.to_thread(settled, pairs, naming.default_domain)
        except SourceError as error:
            known = f"the {len(self._house.accounts.aliases):,} known ones stay in force"
            self._desk.tell("aliases", "the aliases of accounts cannot be looked up", [str(error), known])
            return
        if naming != self._house.settings.accounts:  # a reload came between
            return
        if found.dropped:
            lines = [f"{len(found.dropped):,} names are nobody's alias", *found.dropped[:SHOWN]]
            self._desk.tell_once("dropped aliases", "some aliases name no single account", lines)
        know(naming, found.aliases)
        self._take(found.aliases)
        self._keep(naming, found.aliases)

    def _keep(self, naming: Naming, aliases: Mapping[str, str]) -> None:
        """Write a server's answer down, for a start on a day when it gives none."""
        if naming.asked is None or self._kept == aliases:
            return
        try:
            keep(naming, aliases, self._house.store)
        except StoreError as error:
            log.error("the aliases of accounts cannot be kept", reason=str(error))
            return
        self._kept = aliases

    def _take(self, aliases: Mapping[str, str]) -> None:
        if aliases == self._house.accounts.aliases:
            return
        self._house.accounts.aliases = aliases
        self._house.pipeline.observer.senders.facts.cache_clear()
        log.info("the aliases of accounts changed", number=len(aliases))
