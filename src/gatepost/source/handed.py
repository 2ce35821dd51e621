"""Sockets that the service manager opened for us (systemd's socket activation).

A configured address is looked for among them; whichever is bound there is used, with the owner and mode that the
manager gave it. It stays open while gatepost is restarted, so nobody who asks is refused meanwhile.
Source: sd_listen_fds(3), systemd.socket(5).
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address

from gatepost.core.units import host_and_port

FIRST = 3
"""SD_LISTEN_FDS_START."""

MOST = 64
"""Sockets that are looked at."""


def handed(listen: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket | None:
    """A socket of ours at an address, when the service manager opened one there.

    Args:
        listen: "unix:/run/gatepost/postfix", "inet:127.0.0.1:4002", "udp:[::]:514": what stands before the first colon
            says only whether it is a path.
        kind: stream or datagram.
    """
    for number in _numbers():
        with contextlib.suppress(OSError, ValueError):
            found = socket.socket(fileno=os.dup(number))
            if found.type == kind and _at(found, listen):
                found.setblocking(False)
                return found
            found.close()
    return None


def _numbers() -> Iterator[int]:
    """The file descriptors that were handed to this very process."""
    told, number = os.environ.get("LISTEN_PID", ""), os.environ.get("LISTEN_FDS", "")
    if told == str(os.getpid()) and number.isdecimal():
        yield from range(FIRST, FIRST + min(int(number), MOST))


def _at(found: socket.socket, listen: str) -> bool:
    what, _, place = listen.partition(":")
    name = found.getsockname()
    if found.family == socket.AF_UNIX:
        return what == "unix" and os.fspath(name) == place
    host, port = host_and_port(place)
    return what != "unix" and name[1] == port and ip_address(name[0]) == ip_address(host)
