"""Locked passwords that somebody has set anew: told to the abuse desk, or taken for the end of the theft.

Owns the question and how often it is put. It is put to the places where passwords are locked, beside everything else:
one that does not answer delays nothing.
"""

import asyncio
from collections.abc import Callable

import structlog

from gatepost.act.credentials import Credentials
from gatepost.act.foreign import quoted, word
from gatepost.core.errors import ActionError, StoreError
from gatepost.core.incident import STANDING, Incident
from gatepost.judge.docket import Change
from gatepost.runtime.carry import Carrier
from gatepost.runtime.control import Request
from gatepost.runtime.desk import Desk
from gatepost.runtime.house import House
from gatepost.runtime.obey import obey

EVERY = 60.0
"""Seconds between two looks."""

log = structlog.get_logger("gatepost.passwords")


class Passwords:
    """Looks after the locked passwords of a house."""

    def __init__(self, house: House, carrier: Carrier, desk: Desk, follow: Callable[[Change], None]) -> None:
        """Say whose, who carries a release out, who is told, and who hears of changes of a level."""
        self._house, self._carrier, self._desk, self._follow = house, carrier, desk, follow

    async def work(self) -> None:
        """Look for ever; ends when it is cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> None:
        """One look at every place at once."""
        found = [action for action in self._house.actions.values() if isinstance(action, Credentials)]
        await asyncio.gather(*map(self._look, found))

    async def _look(self, action: Credentials) -> None:
        try:
            for key in await action.changed():
                incident = self._house.store.get(key)
                if incident is not None and incident.state in STANDING:
                    await self._changed(incident, action)
        except (ActionError, StoreError) as error:
            log.warning("it is not known whether passwords were changed", action=action.name, reason=str(error))

    async def _changed(self, incident: Incident, action: Credentials) -> None:
        if action.releases:
            reason = f"the password was changed in {action.name}"
            said = Request("release", incident.account, reason, "password-changed", incident=incident.key)
            await obey(self._house, self._carrier, said, "gatepost", self._follow)
            return
        name = quoted(incident.account)
        lines = [
            f"the password of {name} is another one now, and opens the account: see {action.name}",
            f"if its owner changed it: gatepost release {word(incident.account)} --password-changed",
        ]
        self._desk.tell_once(f"password {incident.key}", f"the locked password of {name} was changed", lines)
