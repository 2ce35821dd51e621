"""One POST to an address of the web, and the status of the answer (RFC 9112).

Owns the connection: to an address that was looked at (`reach.py`), within a deadline, without redirects, proxies and
cookies, and with so many octets of answer at most. The protocol itself is h11's.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence

import h11

from gatepost.act.foreign import shown
from gatepost.act.reach import Reach
from gatepost.act.url import Url
from gatepost.core.errors import ActionError

MOST = 16384
"""Octets of an answer's head that are read; its body is not."""

Headers = Sequence[tuple[str, str]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def post(url: Url, headers: Headers, body: bytes, reach: Reach, tls: ssl.SSLContext, timeout: float) -> int:
    """Send a body; returns the status of the answer.

    Args:
        url: where to.
        headers: besides host and length.
        body: the content.
        reach: which addresses may be connected to.
        tls: of the connection, where the address is https.
        timeout: seconds for everything, the name server's answer included.

    Raises:
        ActionError: it could not be sent, or there was no answer; worth another try.
    """
    try:
        async with asyncio.timeout(timeout):
            async with _connected(url, reach, tls) as streams:
                return await _asked(url, headers, body, streams)
    except (OSError, TimeoutError, ValueError, h11.RemoteProtocolError) as error:
        why = shown(str(error) or f"no answer within {timeout:g} s")
        raise ActionError(f"{url.authority} was not told ({why}): start it, or correct url", retry=True) from error


async def reachable(url: Url, reach: Reach, tls: ssl.SSLContext, timeout: float) -> None:
    """Connect, shake hands, and send nothing.

    Raises:
        ActionError: as `post`.
    """
    try:
        async with asyncio.timeout(timeout), _connected(url, reach, tls):
            return
    except (OSError, TimeoutError, ValueError) as error:
        why = shown(str(error) or f"no answer within {timeout:g} s")
        raise ActionError(f"{url.authority} is not reached ({why})", retry=True) from error


@contextlib.asynccontextmanager
async def _connected(url: Url, reach: Reach, tls: ssl.SSLContext) -> AsyncIterator[Streams]:
    """A connection to the first address of the name that takes one."""
    streams = await _open(url, await reach.find(url.host, url.port), tls)
    try:
        yield streams
    finally:
        streams[1].transport.abort()


async def _open(url: Url, addresses: Sequence[str], tls: ssl.SSLContext) -> Streams:
    secure, name = (tls, url.host) if url.tls else (None, None)
    trouble: OSError = ConnectionError("it has no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(address, url.port, ssl=secure, server_hostname=name)
        except OSError as error:
            trouble = error
    raise trouble


async def _asked(url: Url, headers: Headers, body: bytes, streams: Streams) -> int:
    reader, writer = streams
    talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST)
    own = [("Host", url.authority), ("Content-Length", str(len(body))), ("Connection", "close"), *headers]
    request = h11.Request(method="POST", target=url.target, headers=own)
    for event in (request, h11.Data(data=body), h11.EndOfMessage()):
        writer.write(talk.send(event) or b"")
    await writer.drain()
    return await _status(talk, reader)


async def _status(talk: h11.Connection, reader: asyncio.StreamReader) -> int:
    """The final status; what is behind it is not read."""
    left = MOST
    while True:
        event = talk.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            data = await reader.read(4096)
            left -= len(data)
            if left < 0:
                raise ConnectionError(f"its answer has a head of more than {MOST} octets")
            talk.receive_data(data)
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionError("it hung up without an answer")
