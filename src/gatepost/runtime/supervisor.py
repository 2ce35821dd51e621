"""Tells the service manager how it goes: begun, alive, ending (systemd's notify protocol).

The watchdog's sign comes from the loop that works on lines: when that hangs, the manager starts gatepost anew. Nothing
here can fail: a manager that does not listen is no reason to stop.
Source: sd_notify(3), sd_watchdog_enabled(3).
"""

import contextlib
import os
import socket
from collections.abc import Mapping

from gatepost.runtime.clock import Stopwatch

OFTEN = 3.0
"""Signs of life in one period of the watchdog."""


class Supervisor:
    """The service manager, if there is one."""

    def __init__(self, told: Mapping[str, str]) -> None:
        """Find it.

        Args:
            told: the environment: NOTIFY_SOCKET, and WATCHDOG_USEC with WATCHDOG_PID.
        """
        place = told.get("NOTIFY_SOCKET", "")
        self._place = f"\0{place[1:]}" if place.startswith("@") else place
        self._every = _period(told) / OFTEN
        self._last, self._status = Stopwatch(), ""

    def ready(self) -> None:
        """Doors and sources are open."""
        self._say("READY=1")

    def stopping(self) -> None:
        """It ends; what is left is being written."""
        self._say("STOPPING=1")

    def alive(self, status: str) -> None:
        """The loop goes round.

        Args:
            status: what `systemctl status` shows, one line.
        """
        if status != self._status:
            self._status = status
            self._say(f"STATUS={status}")
        if self._every and self._last.seconds >= self._every:
            self._last = Stopwatch()
            self._say("WATCHDOG=1")

    def _say(self, text: str) -> None:
        if not self._place:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
            ours.setblocking(False)
            ours.sendto(text.encode(), self._place)


def _period(told: Mapping[str, str]) -> float:
    """Seconds within which a sign of life is expected; 0 when none is, or of another process."""
    period, of = told.get("WATCHDOG_USEC", ""), told.get("WATCHDOG_PID", "")
    mine = not of or of == str(os.getpid())
    return int(period) / 1e6 if period.isdecimal() and mine else 0.0
