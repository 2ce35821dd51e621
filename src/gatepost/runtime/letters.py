"""Letters to customers, while gatepost runs.

Owns when they go out: in enforce mode, when no catch-up goes on, and only while ten of the hour's messages are left for
notices about thefts. A letter is written down after the mail server took it; after a crash between the two it may come
twice with the same Message-ID.
"""

import asyncio
from collections.abc import Callable, Iterator

import structlog

from gatepost.act.customer import Case, Customers
from gatepost.act.post import HOUR
from gatepost.core.errors import ActionError, StoreError
from gatepost.core.units import Account, account_subject
from gatepost.runtime import due
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House
from gatepost.store import letters
from gatepost.store.letters import Sent

EVERY = 600.0
"""Seconds between two looks."""

LEFT = 10
"""Messages of each hour that are left for notices."""

log = structlog.get_logger("gatepost.letters")


class Letters:
    """Writes to customers."""

    def __init__(self, house: House, desk: Desk, may: Callable[[], bool]) -> None:
        """Nothing is sent yet.

        Args:
            house: whose customers.
            desk: told when letters wait.
            may: False while a catch-up goes on.
        """
        self._house, self._desk, self._may = house, desk, may
        self._resting: dict[Account, float] = {}
        """Accounts whose letter was not taken, and until when the others go first."""

    async def work(self) -> None:
        """Look again and again; ends when it is cancelled."""
        while True:
            try:
                await self.turn()
            except StoreError as error:
                log.error("the state cannot be used; letters to customers wait", reason=str(error))
            await asyncio.sleep(EVERY)

    async def turn(self) -> None:
        """Send what is due.

        Raises:
            StoreError: the state cannot be read or written.
        """
        if self._house.letters is None or not self._house.enforcing or not self._may():
            return
        for number, case in enumerate(cases := list(self.due())):
            if self._house.budget.room() <= LEFT:
                waiting = f"{len(cases) - number} letters to customers wait: enough was sent within the hour"
                self._desk.tell("letters wait", waiting, [], letter=False)
                return
            if not await self._send(self._house.letters, case):
                return

    def due(self) -> Iterator[Case]:
        """Every letter that is due now."""
        house, rules = self._house, self._house.settings.letter
        now = house.clock.now()
        listed = letters.candidates(house.store, now - rules.within, rules.at)
        for account in dict.fromkeys((*listed, *house.pipeline.busy)):
            if now < self._resting.get(account, 0.0):
                continue
            about = due.Known(account, house.pipeline.shelf.peek(account_subject(account)), now)
            if not due.hindrance(house.store, house.settings, about):
                for find in (due.about_list, due.about_bulk):
                    found = find(house.store, house.settings, about)
                    if isinstance(found, Case):
                        yield found

    async def _send(self, customers: Customers, case: Case) -> bool:
        """Send one letter and write it down; False when it was not taken, and rests for an hour."""
        now = self._house.clock.now()
        try:
            note = await customers.send(case, now)
        except ActionError as error:
            log.error("a letter to a customer could not be sent", account=case.account, reason=str(error), again=True)
            self._resting = {who: until for who, until in self._resting.items() if until > now}
            self._resting[case.account] = now + HOUR
            return False
        matter = "bulk" if case.kind == "bulk" else "list"
        letters.put(self._house.store, Sent(case.account, matter, case.kind, now, len(case.dead)))
        log.info("a customer was written to", account=case.account, letter=case.kind, note=note)
        return True
