"""Where somebody listens for connections: a unix socket or a port, and TLS there, whose certificates may change."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from gatepost.source.sockets import forget, tcp, unix_socket

BACKLOG = 1024

HANDSHAKE = 10.0
"""Seconds a TLS handshake may take."""


class Doorway:
    """One address that is listened on."""

    def __init__(self, make: Callable[[], asyncio.Protocol], listen: str) -> None:
        """Describe it; nobody is heard yet.

        Args:
            make: makes the protocol of a new connection.
            listen: "unix:/run/gatepost/postfix" or "inet:127.0.0.1:4002".
        """
        self._make, self._listen = make, listen
        self._servers: list[asyncio.Server] = []

    async def open(self, mode: int, group: str, tls: ssl.SSLContext | None) -> None:
        """Listen.

        Args:
            mode: of a unix socket.
            group: that may use it; "" leaves it.
            tls: at a port, everybody who connects must speak TLS; None is plain.

        Raises:
            OSError, LookupError: the address cannot be listened on.
        """
        kind, _, place = self._listen.partition(":")
        if kind == "unix":
            heard, loop = unix_socket(Path(place), mode, group), asyncio.get_running_loop()
            self._servers = [await loop.create_unix_server(self._make, sock=heard, backlog=BACKLOG)]
        else:
            self._servers = [await self._serve(tls, **tcp(place))]

    async def renew(self, tls: ssl.SSLContext | None) -> None:
        """Go on at a port with other certificates. Whoever connects meanwhile waits; who is connected stays so."""
        heard = [socket.socket(fileno=os.dup(one.fileno())) for server in self._servers for one in server.sockets]
        before, self._servers = self._servers, [await self._serve(tls, sock=one) for one in heard]
        for server in before:
            server.close()

    async def _serve(self, tls: ssl.SSLContext | None, **place: object) -> asyncio.Server:
        wait = HANDSHAKE if tls is not None else None
        return await asyncio.get_running_loop().create_server(  # type: ignore[call-overload,no-any-return]
            self._make, **place, backlog=BACKLOG, ssl=tls, ssl_handshake_timeout=wait
        )

    def close(self) -> None:
        """Listen no more."""
        for server in self._servers:
            server.close()
        forget(self._listen)
