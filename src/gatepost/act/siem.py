"""A line for a SIEM, by syslog over UDP, TCP, TLS or a unix socket.

Owns the way; what the line says is in cef.py. A stream carries one line and is closed: no line is taken for sent that
still waits in a connection which broke meanwhile.
Source: RFC 5426 (UDP), RFC 6587 section 3.4.1 (TCP, counted), RFC 5425 (TLS).
"""

import asyncio
import contextlib
import socket
import ssl

from gatepost.act.cef import line
from gatepost.act.foreign import shown
from gatepost.act.tidings import News
from gatepost.core.errors import ActionError
from gatepost.core.units import host_and_port

SETTLE = 0.5
"""Seconds in which a receiver can still refuse what was written; one that wants the line keeps silent."""


class Siem:
    """A Speaker by syslog."""

    def __init__(self, *, to: str, host: str, facility: str, tls: ssl.SSLContext | None, timeout: float) -> None:
        """Say where to.

        Args:
            to: "udp:192.0.2.5:514", "tcp:…", "tls:siem.example.org:6514", "unix:/dev/log".
            host: who says it; "" is this host.
            facility: one of cef.FACILITIES.
            tls: of the connection; None unless it is "tls:".
            timeout: seconds for one try.
        """
        self._kind, _, self._place = to.partition(":")
        self._host, self._facility = host or _this_host(), facility
        self._tls, self._timeout = tls, timeout

    async def say(self, news: News) -> str:
        """Send the line; the journal tries again.

        Raises:
            ActionError: it could not be sent. UDP loses without a word.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._send(line(news, self._host, self._facility))
        except (OSError, TimeoutError, ValueError) as error:
            why = shown(str(error) or f"no answer within {self._timeout:g} s")
            msg = f"{self._kind}:{self._place} took no line ({why}): start it, or correct server of this action"
            raise ActionError(msg, retry=True) from error
        return f"sent to {self._kind}:{self._place}"

    async def reach(self) -> None:
        """Connect and send nothing.

        Raises:
            OSError: nobody is there.
        """
        async with asyncio.timeout(self._timeout):
            if self._kind in ("tcp", "tls"):
                _, writer = await self._stream()
                writer.transport.abort()
            else:
                (await self._datagram()).close()

    async def _send(self, said: bytes) -> None:
        if self._kind in ("tcp", "tls"):
            await self._in_stream(b"%d %b" % (len(said), said))
            return
        with await self._datagram() as link:
            await asyncio.get_running_loop().sock_sendall(link, said)

    async def _datagram(self) -> socket.socket:
        """A connected socket."""
        family, place = socket.AF_UNIX, self._place  # type: tuple[int, object]
        if self._kind != "unix":
            loop, (host, port) = asyncio.get_running_loop(), host_and_port(self._place)
            family, *_, place = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
        link = socket.socket(family, socket.SOCK_DGRAM)
        try:
            link.setblocking(False)
            link.connect(place)  # type: ignore[arg-type]
        except OSError:
            link.close()
            raise
        return link

    async def _stream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = host_and_port(self._place)
        return await asyncio.open_connection(host, port, ssl=self._tls, server_hostname=host if self._tls else None)

    async def _in_stream(self, framed: bytes) -> None:
        reader, writer = await self._stream()
        try:
            writer.write(framed)
            await writer.drain()
            if plain := writer.can_write_eof():
                writer.write_eof()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE):
                    if not await reader.read(1) and not plain:
                        raise ConnectionError("it hung up: does it want another certificate of ours?")
            writer.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE):
                    await writer.wait_closed()
        finally:
            writer.transport.abort()


def _this_host() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name.isprintable() and " " not in name else "-"
