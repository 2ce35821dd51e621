"""Lines that wait for their time, and what all writers of logs share."""

from collections.abc import Callable
from random import Random

from gatepost.lab.mail import Fate
from gatepost.lab.people import LOCAL, NEW_TLS

REFUSED: dict[Fate, tuple[str, str, str]] = {
    "dead": ("RCPT TO", "5.1.1", "550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table"),
    "spam": ("end of DATA", "5.7.1", "554 5.7.1 Message rejected as spam by content filter"),
    "listed": ("MAIL FROM", "5.7.1", "554 5.7.1 Service unavailable; client host blocked using bl.example.com"),
    "full": ("RCPT TO", "5.2.2", "552 5.2.2 <{}>: mailbox is full"),
}
"""What a receiver answers: to which command, the status, the reply."""

GREYLISTED = "451 4.7.1 <{}>: greylisted, please try again later"


class Waiting:
    """Lines of a log that is being written, kept until everything before them is known."""

    def __init__(self, seed: int, stamp: Callable[[float], str]) -> None:
        """Start an empty log.

        Args:
            seed: for what does not matter, such as ports.
            stamp: an instant as the beginning of a line.
        """
        self.rng = Random(f"{seed}/lines")
        self.serial = 4000
        self._stamp = stamp
        self._lines: list[tuple[float, int, str]] = []

    def add(self, at: float, text: str) -> None:
        """One line; those of one instant keep their order."""
        self.serial += 1
        self._lines.append((at, self.serial, text))

    def take(self, before: float) -> list[str]:
        """All lines older than an instant, in order of time, without newline."""
        self._lines.sort()
        ready = [line for line in self._lines if line[0] < before]
        del self._lines[: len(ready)]
        return [f"{self._stamp(at)} {text}" for at, _, text in ready]

    def port(self) -> int:
        """A client's port."""
        return self.rng.randrange(32768, 61000)


def version(cipher: str) -> str:
    """The protocol version of a cipher suite, as OpenSSL names both."""
    return "TLSv1.3" if cipher == NEW_TLS else "TLSv1.2"


def is_local(address: str) -> bool:
    """Whether mail for an address stays here."""
    return address.rpartition("@")[2] in LOCAL
