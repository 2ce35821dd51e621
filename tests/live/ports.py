"""Free ports, and waiting without sleeping blindly.

Owns what every server of the live tests needs to start and stop; knows no server.
"""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 30.0
"""Seconds a server may take for anything: 100 times what it takes here."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Poll until something holds.

    Raises:
        AssertionError: it does not hold after `patience` seconds; names `what`.
    """
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        select.select([], [], [], 0.02)


def answers(port: int) -> bool:
    """Whether somebody listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def end(pid: int) -> None:
    """TERM, then KILL when that does not help; gone is success."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        with contextlib.suppress(AssertionError):
            until(lambda: not alive(pid), f"process {pid} ends", patience)
            return
