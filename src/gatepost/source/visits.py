"""The web server of self-service: one page, for a web server of the operator's in front of it.

Owns connections, their limits, and whose word about the visitor's address is believed. The protocol itself is h11's.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_address, ip_network
from typing import Protocol

import h11

from gatepost.source.sockets import serving

MOST = 50
"""Connections at a time; one more is closed at once."""

PATIENCE = 15.0
"""Seconds of a connection, which has one request."""

CHUNK = 8192
LONGEST = 8192
"""Octets of a request."""

ADDRESS = 45
"""Characters of an address."""


class Shown(Protocol):
    """An answer."""

    @property
    def status(self) -> int:
        """Of HTTP."""

    @property
    def body(self) -> bytes:
        """HTML."""


class Answer(Protocol):
    """Whoever shows the page."""

    def __call__(self, secret: str, client: str, *, pressed: bool) -> Awaitable[Shown]:
        """What is shown to a visitor who knows a secret."""


class Visits:
    """Everybody who looks at the page."""

    def __init__(self, answer: Answer, headers: Iterable[tuple[str, str]], proxies: Iterable[str]) -> None:
        """Say who answers.

        Args:
            answer: shows the page.
            headers: of every answer.
            proxies: networks whose X-Forwarded-For is believed; whoever comes through a unix socket is.
        """
        self._answer, self._headers = answer, tuple(headers)
        self._proxies = [ip_network(one) for one in proxies]
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._open += 1
        try:
            if self._open <= MOST:
                async with asyncio.timeout(PATIENCE):
                    await self._visit(reader, writer)
        except (TimeoutError, OSError, h11.ProtocolError):
            pass
        finally:
            self._open -= 1
            writer.close()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST)
        request = await _request(talk, reader)
        if request is None:
            return
        secret = request.target.decode("ascii", "replace").partition("?")[0].rpartition("/")[2]
        client = self._client(request, writer.get_extra_info("peername"))
        if request.method not in (b"GET", b"HEAD", b"POST"):
            return
        found = await self._answer(secret, client, pressed=request.method == b"POST")
        sizes = [("Content-Length", str(len(found.body))), ("Connection", "close")]
        body = b"" if request.method == b"HEAD" else found.body
        head = h11.Response(status_code=found.status, headers=[*self._headers, *sizes])
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(talk.send(event) or b"")
        await writer.drain()

    def _client(self, request: h11.Request, peer: object) -> str:
        """The visitor's address: the last that a believed web server says, else the connection's."""
        direct = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        told = [value for name, value in request.headers if name == b"x-forwarded-for"]
        if told and (not direct or any(ip_address(direct) in network for network in self._proxies)):
            return told[-1].decode("ascii", "replace").rpartition(",")[2].strip()[:ADDRESS]
        return direct


async def _request(talk: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """The whole request; what it carries is not looked at. None: it ended before."""
    request: h11.Request | None = None
    read = 0
    while True:
        event = talk.next_event()
        if isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.EndOfMessage):
            return request
        elif isinstance(event, h11.ConnectionClosed):
            return None
        elif event is h11.NEED_DATA:
            data = await reader.read(CHUNK)
            read += len(data)
            if read > 2 * LONGEST:
                return None
            talk.receive_data(data)


def opened(listen: str, visits: Visits, group: str = "") -> AbstractAsyncContextManager[None]:
    """Show the page at an address while the context lasts; "" is no address, and nothing is opened.

    Args:
        listen: "unix:/run/gatepost/page" or "inet:127.0.0.1:8026".
        visits: who comes.
        group: that may use the unix socket; "" leaves it.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    return serving(listen, visits.serve, group, check="[selfservice] listen and group", limit=CHUNK)
