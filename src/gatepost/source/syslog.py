"""A syslog listener: what peers send goes into the spools of their hosts.

Owns connections, datagrams and their limits. A stream whose spool is full is not read until there is room, so that its
sender waits; a datagram cannot wait, so it is dropped and counted. What the kernel had to drop is counted too.
Source: RFC 6587 (TCP), RFC 5425 (TLS), RFC 5426 (UDP), syslog(3) (unix datagrams).
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import cast

from msgspec import Struct

from gatepost.source.peers import Peers
from gatepost.source.sockets import forget, overrun, refusing, tcp, udp_socket, unix_socket
from gatepost.source.spool import Spool
from gatepost.wire.frames import LONGEST, Frames, as_lines

MOST = 256
"""Connections at a time."""

BATCH = 512
"""Datagrams read before others have their turn."""

SWEEP = 0.5
"""Seconds between two looks whether spools have room again."""

HANDSHAKE = 10.0
"""Seconds a TLS handshake may take."""


class Counts(Struct):
    """What happened at one listener since it was opened."""

    received: int = 0
    dropped: int = 0
    """Datagrams for which there was no room."""
    overrun: int = 0
    """Datagrams that the kernel dropped because they came faster than they were read."""
    cut: int = 0
    """Messages of which only the beginning was kept."""
    strangers: int = 0
    """Connections and datagrams of nobody who is named in `peers`."""
    refused: int = 0
    """Connections over the limit."""
    garbled: int = 0
    """Connections whose framing broke."""


class Listener:
    """One address at which peers may send."""

    def __init__(self, name: str, peers: Peers, spools: Mapping[str, Spool]) -> None:
        """Describe it; nobody is heard yet.

        Args:
            name: of the source, for messages.
            peers: who may send. At a unix socket everybody who can reach it speaks for the only host.
            spools: by host.
        """
        self.name, self.peers, self.spools = name, peers, spools
        self.counts = Counts()
        self.open = False
        """Whether it hears."""
        self.trouble = ""
        """The last thing that went wrong, in words."""
        self._streams: set[Stream] = set()

    def stream(self) -> "Stream":
        """A new connection; the event loop calls this."""
        return Stream(self)

    def enter(self, stream: "Stream") -> bool:
        """Somebody comes; False when there are too many."""
        if len(self._streams) >= MOST:
            self.counts.refused += 1
            return False
        self._streams.add(stream)
        return True

    def leave(self, stream: "Stream") -> None:
        """Somebody went, and everything of it is kept."""
        self._streams.discard(stream)

    def stranger(self, who: str) -> None:
        """Somebody sends who may not."""
        self.counts.strangers += 1
        self.trouble = f"{who} sends, but is not in peers"

    def datagrams(self, heard: socket.socket) -> None:
        """Take what has come at a datagram socket, without waiting."""
        found: dict[str, list[bytes]] = {}
        only = next(iter(self.spools)) if heard.family == socket.AF_UNIX else None
        receive, whose = heard.recvfrom, self.peers.at
        with contextlib.suppress(BlockingIOError, InterruptedError):
            for _ in range(BATCH):
                data, address = receive(LONGEST)
                host = only if only is not None else whose(address[0])
                if host is None:
                    self.stranger(str(address[0]))
                elif data:
                    found.setdefault(host, []).append(data)
        for host, messages in found.items():
            self.counts.received += len(messages)
            if not self.spools[host].add(as_lines(messages, host.encode())):
                self.counts.dropped += len(messages)

    async def sweep(self, heard: socket.socket | None) -> None:
        """Make room, for ever, let those go on who wait for it, and see what was lost at a datagram socket."""
        while True:
            await asyncio.sleep(SWEEP)
            self.counts.overrun = overrun(heard) if heard is not None else 0
            for spool in self.spools.values():
                spool.clean()
            for stream in list(self._streams):
                stream.go_on()

    def close(self) -> None:
        """Hang up on everybody."""
        self.open = False
        for stream in list(self._streams):
            stream.close()


class Stream(asyncio.Protocol):
    """One connection of a peer."""

    def __init__(self, listener: Listener) -> None:
        self._listener, self._frames = listener, Frames()
        self._transport: asyncio.Transport | None = None
        self._host, self._gone = "", False
        self._waiting: list[bytes] = []
        """Lines for which there was no room; nothing is read until there is."""
        self._cut = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected, and is it a peer?"""
        self._transport = cast(asyncio.Transport, transport)
        who, host = self._who()
        if host is None:
            self._listener.stranger(who)
            self._transport.abort()
        elif not self._listener.enter(self):
            self._transport.abort()
        else:
            self._host = host

    def _who(self) -> tuple[str, str | None]:
        """The peer for messages, and the host it speaks for."""
        assert self._transport is not None
        address = str((self._transport.get_extra_info("peername") or ("somebody",))[0])
        certificate = self._transport.get_extra_info("peercert")
        if self._transport.get_extra_info("ssl_object") is None:
            return address, self._listener.peers.at(address)
        return address, self._listener.peers.shown(certificate or {})

    def data_received(self, data: bytes) -> None:
        """Bytes came: every whole message is kept."""
        if not self._host:
            return
        self._keep(self._frames.receive(data))
        if self._frames.trouble:
            self._listener.counts.garbled += 1
            self._listener.trouble = f"{self._host}: {self._frames.trouble}"
            self.close()

    def _keep(self, messages: list[bytes]) -> None:
        counts, host = self._listener.counts, self._host.encode()
        counts.received += len(messages)
        counts.cut += self._frames.cut - self._cut
        self._cut = self._frames.cut
        self._waiting += as_lines(messages, host)
        self.go_on()

    def go_on(self) -> None:
        """Keep what waits, and read on when there was room for it."""
        if self._waiting and not self._listener.spools[self._host].add(self._waiting):
            if self._transport is not None and not self._gone:
                self._transport.pause_reading()
            return
        self._waiting = []
        if self._gone:
            self._listener.leave(self)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer went; its last message may lack its newline."""
        self._gone = True
        if self._host:
            self._keep(self._frames.end() if exc is None else [])

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


@contextlib.asynccontextmanager
async def listening(
    listener: Listener, listen: str, tls: ssl.SSLContext | None = None, mode: int = 0o660, group: str = ""
) -> AsyncIterator[None]:
    """Take what peers send while the context lasts.

    Args:
        listener: where it goes.
        listen: "udp:192.0.2.1:514", "tcp:…", "tls:…" or "unix:/run/gatepost/log".
        tls: needed for "tls:".
        mode: of the unix socket.
        group: that may write to it; "" leaves it.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    kind, _, place = listen.partition(":")
    async with contextlib.AsyncExitStack() as stack:
        heard: socket.socket | None = None
        with refusing(listen, f"source {listener.name}"):
            if kind in ("tcp", "tls"):
                stack.callback((await _server(listener, place, tls)).close)
            else:
                heard = _unix(place, mode, group) if kind == "unix" else udp_socket(place)
                stack.callback(_hang_up, heard, listen)
                asyncio.get_running_loop().add_reader(heard, listener.datagrams, heard)
        stack.callback(listener.close)
        listener.open = True
        stack.callback(asyncio.create_task(listener.sweep(heard)).cancel)
        yield


async def _server(listener: Listener, place: str, tls: ssl.SSLContext | None) -> asyncio.Server:
    wait = HANDSHAKE if tls is not None else None
    return await asyncio.get_running_loop().create_server(
        listener.stream, **tcp(place), ssl=tls, ssl_handshake_timeout=wait
    )


def _unix(place: str, mode: int, group: str) -> socket.socket:
    heard = unix_socket(Path(place), mode, group, socket.SOCK_DGRAM)
    heard.setblocking(False)
    return heard


def _hang_up(heard: socket.socket, listen: str) -> None:
    asyncio.get_running_loop().remove_reader(heard)
    heard.close()
    forget(listen)
