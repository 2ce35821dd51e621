"""Who may ask at a door: users of this host by what the kernel says of their socket, others by their address.

A unix socket tells its peer (unix(7), SO_PEERCRED). Of a TCP connection from this host the kernel is asked who owns the
other end (sock_diag(7): one exact look-up, however many connections there are). Where certificates are asked for, their
names count instead of addresses. Nothing that a client writes counts.
"""

import os
import pwd
import socket
import struct
from asyncio import Transport
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address

from gatepost.source.peers import Peers

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_OWNER = struct.Struct("=I")
_OWNER_AT = 16 + 4 + 48 + 12
"""Octets of nlmsghdr, four of inet_diag_msg, inet_diag_sockid and three counters before idiag_uid."""

Place = tuple[str, int]
"""Address and port."""


class Askers:
    """The users and addresses that may connect."""

    def __init__(self, users: Iterable[str] = (), peers: Iterable[str] = (), *, certified: bool = False) -> None:
        """Look the users up.

        Args:
            users: of this host, by name or number; none: whoever reaches the address. root and our own user may always.
            peers: other hosts' addresses and networks; or the names in the certificates of everybody.
            certified: they are names: whoever connects has shown a verified certificate.

        Raises:
            LookupError: there is no such user.
        """
        named = {_number(user) for user in users}
        self._users = named | {0, os.geteuid()} if named else None
        self._peers, self._certified = Peers(dict.fromkeys(peers, "")), certified

    def admit(self, transport: Transport) -> bool:
        """Whether somebody who connected may ask."""
        link = transport.get_extra_info("socket")
        if link.family == socket.AF_UNIX:
            return self._users is None or _peer(link) in self._users
        if self._certified and self._peers.shown(transport.get_extra_info("peercert") or {}) is None:
            return False
        theirs: Place = transport.get_extra_info("peername")[:2]
        ours: Place = transport.get_extra_info("sockname")[:2]
        if theirs[0] == ours[0] or ip_address(theirs[0]).is_loopback:
            return self._users is None or owner(theirs, ours) in self._users
        return self._certified or self._peers.at(theirs[0]) is not None


def _number(user: str) -> int:
    return int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid


def _peer(link: socket.socket) -> int:
    """The user at the other end of a unix socket."""
    return int(struct.unpack("=iII", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1])


def owner(theirs: Place, ours: Place) -> int | None:
    """The user who owns the other end of a connection within this host; None when the kernel does not say.

    Args:
        theirs: the end that is looked up.
        ours: the end that we have.
    """
    family = socket.AF_INET6 if ":" in theirs[0] else socket.AF_INET
    asked = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, _ANY_STATE) + _ends(theirs, ours)
    head = struct.pack("=IHHII", 16 + len(asked), _SOCK_DIAG_BY_FAMILY, _REQUEST, 0, 0)
    with suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        kernel.sendto(head + asked, (0, 0))
        said = kernel.recv(4096)
        if len(said) >= _OWNER_AT + 4 and struct.unpack_from("=H", said, 4)[0] == _SOCK_DIAG_BY_FAMILY:
            return int(_OWNER.unpack_from(said, _OWNER_AT)[0])
    return None


def _ends(theirs: Place, ours: Place) -> bytes:
    """Both ends as inet_diag_sockid: ports and addresses in network order, no interface, no cookie."""
    ports = struct.pack("!HH", theirs[1], ours[1])
    addresses = b"".join(ip_address(place[0].partition("%")[0]).packed.ljust(16, b"\0") for place in (theirs, ours))
    return ports + addresses + struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
