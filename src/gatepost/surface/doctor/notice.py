"""Whether the server that takes our notices answers."""

import socket

from gatepost.core.units import host_and_port
from gatepost.surface.doctor.check import Check, untried

PATIENCE = 5.0
"""Seconds for connecting, and for the greeting."""


def look(server: str, *, offline: bool, name: str = "notice") -> Check:
    """Connect, read the greeting (RFC 5321 section 4.2), say QUIT; nothing is sent.

    Args:
        server: host:port.
        offline: do not connect.
        name: what goes there.
    """
    name = f"{name} by {server}"
    if offline:
        return untried(name)
    remedy = "correct smtp of this action, or start that server"
    try:
        with socket.create_connection(host_and_port(server), PATIENCE) as line:
            line.settimeout(PATIENCE)
            greeting = line.recv(512)
            line.sendall(b"QUIT\r\n")
    except OSError as error:
        return Check(name, "fail", f"does not answer: {error.strerror or error}", remedy)
    said = greeting.split(b"\n")[0][:120].decode("ascii", "backslashreplace").strip()
    if greeting.startswith(b"220"):
        return Check(name, "ok", f"answers: {said}")
    return Check(name, "fail", f"does not take mail: {said or 'no greeting'}", remedy)
