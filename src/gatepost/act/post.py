"""How a message of ours travels: by SMTP, with a null envelope sender, so many an hour in all.

Nothing ever comes back because of such a message (RFC 5321 section 4.5.5).
"""

import asyncio
from collections import deque
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage

import aiosmtplib

from gatepost.act.foreign import shown
from gatepost.core.errors import ActionError
from gatepost.core.ports import Clock

MAX_PER_HOUR = 20
"""Messages in any 60 minutes, notices, letters and chats together."""

HOUR = 3600.0

DIGESTS = 600.0
"""Seconds between two digests of one action while there is no room for single messages."""


class Budget:
    """How many messages may still go out; one for all actions that send any to people."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: deque[float] = deque(maxlen=MAX_PER_HOUR)
        self._digests: dict[str, float] = {}

    def room(self) -> int:
        """How many messages may go out now."""
        return MAX_PER_HOUR - len(self._lately())

    def until_room(self, spare: int = 0) -> float:
        """Seconds until one more message leaves room for so many others; 0.0 is now."""
        lately = self._lately()
        ends = len(lately) + spare - MAX_PER_HOUR
        return 0.0 if ends < 0 else lately[ends] + HOUR - self._clock.now()

    def until_digest(self, name: str) -> float:
        """Seconds until an action may send something about what had no room by itself; 0.0 is now."""
        now = self._clock.now()
        last = self._digests.get(name, float("-inf"))
        return max(0.0, last + DIGESTS - now) if not self.room() and last <= now else 0.0

    def digested(self, name: str) -> None:
        """An action sent a digest."""
        self._digests[name] = self._clock.now()

    def _lately(self) -> list[float]:
        """When the messages of the last hour went out, oldest first."""
        now = self._clock.now()
        return sorted(sent for sent in self._sent if now - HOUR < sent <= now)

    def spend(self) -> None:
        """One went out."""
        self._sent.append(self._clock.now())


class Post:
    """A mail server that takes our messages."""

    def __init__(self, smtp: str, budget: Budget, timeout: float = 30.0) -> None:
        """Say where messages go.

        Args:
            smtp: "host:port" of a server that takes mail from this host without authentication.
            budget: of all actions together.
            timeout: seconds the server may take for a message.

        Raises:
            ValueError: `smtp` is no "host:port".
        """
        host, _, port = smtp.rpartition(":")
        if not host or not port.isdecimal():
            msg = f'{smtp!r} is no mail server: write host and port, such as "127.0.0.1:25"'
            raise ValueError(msg)
        self._host, self._port = host.strip("[]"), int(port)
        self.budget, self._timeout = budget, timeout

    async def send(self, mail: EmailMessage, to: tuple[str, ...]) -> str:
        """Send one message; returns a note.

        Raises:
            ActionError: it could not be sent; worth another try.
        """
        try:
            async with asyncio.timeout(self._timeout):
                refused = await self._deliver(mail, to)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            why, where = shown(str(error) or "it did not answer in time"), f"{self._host}:{self._port}"
            msg = (
                f"the mail server {where} did not take the letter ({why}): see its log, or correct smtp of this action"
            )
            raise ActionError(msg, retry=True) from error
        self.budget.spend()
        return f"told {', '.join(address for address in to if address not in refused)}: {mail['Message-ID']}"

    async def _deliver(self, mail: EmailMessage, to: tuple[str, ...]) -> set[str]:
        """Hand the message in; returns the recipients that were refused while others were not."""
        server = aiosmtplib.SMTP(hostname=self._host, port=self._port, timeout=self._timeout, validate_certs=False)
        async with server:
            refused, _ = await server.sendmail("", list(to), mail.as_bytes())
        return set(refused)


def is_address(address: str) -> bool:
    """Whether a message can be sent there."""
    try:
        return bool(Address(addr_spec=address).domain) and address.isascii() and address.isprintable()
    except (ValueError, IndexError, HeaderParseError):
        return False


def check(address: str) -> None:
    """Refuse what is no address.

    Raises:
        ValueError: it is none.
    """
    if not is_address(address):
        msg = f'{address!r} is no mail address: write one such as "abuse@example.org"'
        raise ValueError(msg)
