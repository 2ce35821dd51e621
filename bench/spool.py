"""Renders happenings as the lines of an Exim 4.9x main log: the laboratory's writer, with what benchmarks ask besides.

Ids of both lengths, the lines of `+smtp_connection` on demand, lines that are nobody's, and the kind of each line.
"""

from collections.abc import Callable

from bench.mail import Happening, Noise
from bench.networks import remote
from gatepost.lab import exim
from gatepost.lab.exim import EximLog, base62
from gatepost.lab.lines import Waiting
from gatepost.lab.mail import Mail


class Spool(EximLog):
    """Turns happenings into lines and keeps them until their time has come."""

    remote = staticmethod(remote)
    stamp: Callable[[float], str] = staticmethod(exim.stamp)

    def __init__(self, seed: int, local: frozenset[str], *, connections: bool = False, short_ids: bool = False) -> None:
        """Start an empty log.

        Args:
            seed: for what does not matter, such as ports and sizes.
            local: the domains delivered here.
            connections: also write the lines of `+smtp_connection`.
            short_ids: 16-character ids of Exim up to 4.96 in place of 23-character ones.
        """
        super().__init__(seed, local)
        self._out = Waiting(f"{seed}/spool", self.stamp)
        self._connections = connections
        self._widths = (6, 2) if short_ids else (11, 4)

    def note(self, happening: Happening) -> None:
        """Add the lines of one happening, also of one that is nobody's."""
        if isinstance(happening, Noise):
            self._noise(happening)
        else:
            self.put(happening)

    def _noise(self, noise: Noise) -> None:
        self._add(noise.at, "other", noise.text)

    def _queue_id(self, at: float) -> str:
        self._out.serial += 1
        wide, fine = self._widths
        return f"{base62(int(at), 6)}-{base62(self._out.serial, wide)}-{base62(int(at % 1 * 2 ** (5 * fine)), fine)}"

    def _connected(self, mail: Mail, port: int) -> None:
        if self._connections:
            text = f"SMTP connection from [{mail.client}]:{port} (TCP/IP connection count = 1)"
            self._add(mail.at - 0.3, "other", text)
            text = f"SMTP connection from ({mail.device.helo}) [{mail.client}]:{port} closed by QUIT"
            self._add(mail.at + 0.02, "other", text)
