"""Sockets that are heard: unix ones private from their first moment on, UDP ones that count what is lost."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from gatepost.core.errors import ConfigError
from gatepost.core.units import host_and_port
from gatepost.source.handed import handed

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""One connection, from its first octet to its end."""

BUFFER = 64 << 20
"""Bytes of datagrams asked of the kernel; it gives at most net.core.rmem_max without CAP_NET_ADMIN. So many held
105,000 datagrams of 200 bytes, two seconds at 50,000 lines a second; 8 MB held 13,000."""

_SO_RCVBUFFORCE, _SO_MEMINFO = 33, 55
_DROPS = 8
"""Which number of SO_MEMINFO it is: SK_MEMINFO_DROPS of linux/sock_diag.h, since Linux 4.12."""


def unix_socket(place: Path, mode: int, group: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """A bound socket that only its owner, then its group, can reach; or the one that the service manager bound there.

    Raises:
        OSError: it cannot be made, or somebody answers there already.
        LookupError: there is no such group.
    """
    if (given := handed(f"unix:{place}", kind)) is not None:
        return given
    _free(place, kind)
    made = socket.socket(socket.AF_UNIX, kind)
    mask = os.umask(0o177)
    try:
        made.bind(str(place))
        if group:
            shutil.chown(place, group=group)
        place.chmod(mode)
    except BaseException:
        made.close()
        raise
    finally:
        os.umask(mask)
    return made


@contextlib.contextmanager
def refusing(listen: str, who: str = "", check: str = "listen, mode and group") -> Iterator[None]:
    """Say in the operator's words that an address cannot be listened on.

    Args:
        listen: the address as it is configured.
        who: listens there, for the message.
        check: which settings to look at.

    Raises:
        ConfigError: what is done in the context could not be.
    """
    try:
        yield
    except (OSError, LookupError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"{f'{who}: ' if who else ''}cannot listen: {reason}; check {check}"
        raise ConfigError(msg, listen) from error


def forget(listen: str) -> None:
    """Take away the unix socket of an address, unless it is the service manager's; of others nothing is left."""
    given = handed(listen) or handed(listen, socket.SOCK_DGRAM)
    if given is not None:
        given.close()
    elif listen.startswith("unix:"):
        Path(listen.removeprefix("unix:")).unlink(missing_ok=True)


def udp_socket(place: str) -> socket.socket:
    """A bound socket that does not block.

    Args:
        place: "192.0.2.1:514", "[::]:514".

    Raises:
        OSError: it cannot be made.
    """
    if (given := handed(f"udp:{place}", socket.SOCK_DGRAM)) is not None:
        return given
    family, kind, proto, _, address = socket.getaddrinfo(*host_and_port(place), type=socket.SOCK_DGRAM)[0]
    heard = socket.socket(family, kind, proto)
    heard.setblocking(False)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    with contextlib.suppress(OSError):  # not allowed: what was given above has to do
        heard.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER)
    try:
        heard.bind(address)
    except OSError:
        heard.close()
        raise
    return heard


def tcp(place: str) -> dict[str, Any]:
    """Where asyncio listens for connections, as it takes it: the service manager's socket, or host and port.

    Args:
        place: "192.0.2.1:514", "[::]:514".
    """
    given = handed(f"inet:{place}")
    host, port = host_and_port(place)
    return {"sock": given} if given is not None else {"host": host, "port": port}


@contextlib.asynccontextmanager
async def serving(listen: str, serve: Serve, group: str, *, check: str, limit: int) -> AsyncIterator[None]:
    """Answer connections at an address while the context lasts; "" is no address, and nothing is opened.

    Args:
        listen: "unix:/run/gatepost/lmtp" or "inet:127.0.0.1:2424".
        serve: one connection.
        group: that may use a unix socket; "" leaves it.
        check: which settings to look at when it cannot be.
        limit: octets read ahead.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    if not listen:
        yield
        return
    kind, _, place = listen.partition(":")
    with refusing(listen, check=check):
        if kind == "unix":
            server = await asyncio.start_unix_server(serve, sock=unix_socket(Path(place), 0o660, group), limit=limit)
        else:
            server = await asyncio.start_server(serve, **tcp(place), limit=limit)
    try:
        yield
    finally:
        server.close()
        forget(listen)


def overrun(heard: socket.socket) -> int:
    """Datagrams that the kernel dropped at a socket because its buffer was full; 0 where it does not say."""
    size = 4 * (_DROPS + 1)
    try:
        told = heard.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, size)
    except OSError:
        return 0
    return int.from_bytes(told[-4:], sys.byteorder) if len(told) == size else 0


def _free(place: Path, kind: socket.SocketKind) -> None:
    """Take away a socket that nobody listens on any more."""
    with socket.socket(socket.AF_UNIX, kind) as probe:
        try:
            probe.connect(str(place))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            place.unlink(missing_ok=True)
            return
    msg = "somebody listens there already"
    raise OSError(msg)
