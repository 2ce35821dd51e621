"""Letters to the people who look after abuse, by mail.

Owns who gets a letter, how it travels, and how many there may be. What it says is in letter.py. A letter has a null
envelope sender: nothing ever comes back because of it.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage

import aiosmtplib

from gatepost.act import letter
from gatepost.act.foreign import shown
from gatepost.act.keys import lower
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import ANYBODY, Clock, Target

MAX_PER_HOUR = 20
"""Letters in any 60 minutes; what is beyond waits, or goes into a digest."""

HOUR = 3600.0


class Notify:
    """An Action that tells people."""

    subjects = ANYBODY

    def __init__(
        self,
        *,
        to: tuple[str, ...],
        sender: str,
        smtp: str,
        on: frozenset[str] = frozenset({"hold", "block"}),
        clock: Clock,
        timeout: float = 30.0,
    ) -> None:
        """Say where letters go.

        Args:
            to: addresses of the people.
            sender: address of the From line.
            smtp: "host:port" of a server that takes mail from this host without authentication.
            on: levels of an incident worth a letter: "throttle", "hold", "block".
            clock: for the Date line and the limit per hour.
            timeout: seconds the server may take for a letter.

        Raises:
            ValueError: `smtp` is no "host:port", or an address is none.
        """
        for address in (sender, *to):
            _check(address)
        host, _, port = smtp.rpartition(":")
        if not host or not port.isdecimal():
            msg = f'{smtp!r} is no mail server: write host and port, such as "127.0.0.1:25"'
            raise ValueError(msg)
        self.name = f"notify:{','.join(to)}"
        self.ensures = frozenset({"notified"})
        self._to, self._sender, self._on = to, sender, on
        self._host, self._port = host.strip("[]"), int(port)
        self._clock, self._timeout = clock, timeout
        self._sent: deque[float] = deque(maxlen=MAX_PER_HOUR)

    def plan(self, order: Order, target: Target) -> str:
        """Nothing to take back: a letter stays sent."""
        return ""

    async def ensure(self, order: Order, target: Target) -> str:
        """Send the letter about this incident's step.

        Raises:
            ActionError: it could not be sent, or 20 went out within an hour; both are worth another try.
        """
        level = target.incident.peak.word
        if level not in self._on:
            return f"no letter is wanted at level {level}"
        to = self._people([target])
        if not self.room():
            msg = f"{MAX_PER_HOUR} letters went out within an hour: the one about {order.incident} waits"
            raise ActionError(msg, retry=True)
        mail = letter.notice(order, target, sender=self._sender, to=to, now=self._clock.now())
        return await self._send(mail, to)

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """A letter stays sent."""
        return "a notice stays sent"

    async def digest(self, pairs: Sequence[tuple[Order, Target]]) -> str:
        """One letter about many incidents: after a catch-up, or when there is no room for single ones.

        Raises:
            ActionError: it could not be sent.
        """
        wanted = [(order, target) for order, target in pairs if target.incident.peak.word in self._on]
        if not wanted:
            return "no letter is wanted"
        to = self._people([target for _, target in wanted])
        mail = letter.digest(wanted, sender=self._sender, to=to, now=self._clock.now())
        return await self._send(mail, to)

    async def alarm(self, subject: str, lines: Sequence[str]) -> str:
        """One letter about what is no incident: a table that was kept, lines that were tampered with, a full disk.

        Args:
            subject: one short sentence.
            lines: what the letter says; foreign values in them are quoted already.

        Raises:
            ActionError: as `ensure`.
        """
        if not self.room():
            msg = f"{MAX_PER_HOUR} letters went out within an hour: the one that says {shown(subject, 80)!r} waits"
            raise ActionError(msg, retry=True)
        mail = letter.alarm(subject, lines, sender=self._sender, to=self._to, now=self._clock.now())
        return await self._send(mail, self._to)

    def succeed(self, before: object) -> None:
        """After a reload: the letters of its predecessor count for the limit too."""
        if isinstance(before, Notify):
            self._sent = before._sent

    def room(self) -> int:
        """How many letters may still go out now."""
        now = self._clock.now()
        return MAX_PER_HOUR - sum(1 for sent in self._sent if now - HOUR < sent <= now)

    def _people(self, targets: Sequence[Target]) -> tuple[str, ...]:
        """The addresses, without those of the accounts concerned: whoever stole one would read the letter."""
        thieves = {lower(name) for target in targets for name in (target.incident.account, *target.spellings)}
        to = tuple(address for address in self._to if lower(address) not in thieves)
        if not to:
            msg = f"the letter would go to the stopped account only ({', '.join(self._to)}): configure another address"
            raise ActionError(msg)
        return to

    async def _send(self, mail: EmailMessage, to: tuple[str, ...]) -> str:
        where = f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout(self._timeout):
                refused = await self._deliver(mail, to)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            why = shown(str(error) or "it did not answer in time")
            msg = (
                f"the mail server {where} did not take the letter ({why}): see its log, or correct smtp of this action"
            )
            raise ActionError(msg, retry=True) from error
        self._sent.append(self._clock.now())
        return f"told {', '.join(address for address in to if address not in refused)}: {mail['Message-ID']}"

    async def _deliver(self, mail: EmailMessage, to: tuple[str, ...]) -> set[str]:
        """Hand the letter in; returns the recipients that were refused while others were not."""
        server = aiosmtplib.SMTP(hostname=self._host, port=self._port, timeout=self._timeout, validate_certs=False)
        async with server:
            refused, _ = await server.sendmail("", list(to), mail.as_bytes())
        return set(refused)


def _check(address: str) -> None:
    try:
        ok = bool(Address(addr_spec=address).domain) and address.isascii()
    except (ValueError, HeaderParseError):
        ok = False
    if not ok:
        msg = f'{address!r} is no mail address: write one such as "abuse@example.org"'
        raise ValueError(msg)
