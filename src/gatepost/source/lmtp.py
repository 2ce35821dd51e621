"""An LMTP server for one host: mails that a mail server delivers, answered recipient by recipient.

Owns connections and their limits in number and time. What a mail is answered is somebody else's; when he fails the mail
server keeps the mail and comes again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from gatepost.core.errors import WireError
from gatepost.source.sockets import serving
from gatepost.wire.lmtp import Session, Taken

MOST = 20
"""Connections at a time; the next is told to come again. Postfix opens at most 20 to one place."""

IDLE = 300.0
"""Seconds without a byte after which a connection ends (RFC 5321 section 4.5.3.2.7)."""

LONGEST = 1800.0
"""Seconds of a connection, whatever comes on it."""

CHUNK = 1 << 16

MAX_REPLY = 500
"""Characters of a reply (RFC 5321 section 4.5.3.1.5: 512 octets with its end)."""

LATER = b"451 4.3.0 it cannot be counted now; come again\r\n"

_ODD = re.compile(r"[^ -~]")

Take = Callable[[str, bytes], Awaitable[str]]
"""Recipient and mail to the reply, without its end: "250 2.0.0 counted". It is sent when this returns."""


class Post:
    """Everybody who delivers."""

    def __init__(self, take: Take) -> None:
        self._take, self._open = take, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from greeting to end."""
        self._open += 1
        try:
            async with asyncio.timeout(LONGEST):
                await self._talk(reader, writer)
        except TimeoutError:
            writer.write(b"421 4.4.2 too slow\r\n")
        except WireError as error:
            writer.write(f"421 4.7.0 {error}\r\n".encode())
        except OSError:
            pass
        finally:
            self._open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open > MOST:
            writer.write(b"421 4.3.2 too many connections; come again\r\n")
            return
        writer.write(b"220 gatepost LMTP\r\n")
        session = Session()
        while not session.ended:
            async with asyncio.timeout(IDLE):
                await writer.drain()
                data = await reader.read(CHUNK)
            if not data:
                return
            for step in session.feed(data):
                await self._answer(step, writer)

    async def _answer(self, step: bytes | Taken, writer: asyncio.StreamWriter) -> None:
        if isinstance(step, bytes):
            writer.write(step)
            return
        for recipient in step.recipients:
            writer.write(await self._reply(recipient, step.data))

    async def _reply(self, recipient: str, data: bytes) -> bytes:
        try:
            said = _ODD.sub("?", await self._take(recipient, data))
            return f"{said[:MAX_REPLY]}\r\n".encode()
        except Exception:  # whatever it is, the mail is not lost
            return LATER


def opened(listen: str, take: Take, group: str = "") -> AbstractAsyncContextManager[None]:
    """Take mail at an address while the context lasts; "" is no address, and nothing is opened.

    Args:
        listen: "unix:/run/gatepost/lmtp" or "inet:127.0.0.1:2424".
        take: answers a mail.
        group: that may use the unix socket; "" leaves it.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    return serving(listen, Post(take).serve, group, check="[reports] lmtp and lmtp_group", limit=CHUNK)
