"""Lines that wait for their time, and what all writers of logs share."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from random import Random
from time import gmtime, strftime

from gatepost.lab.mail import Arrival, Failure, Fate, Happening, Look, Mail, Scan
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

    def __init__(self, seed: str, stamp: Callable[[float], str]) -> None:
        """Start an empty log.

        Args:
            seed: for what does not matter, such as ports.
            stamp: an instant as the beginning of a line.
        """
        self.rng = Random(seed)
        self.serial = 4000
        self._stamp = stamp
        self._lines: list[tuple[float, int, str, str]] = []

    def add(self, at: float, text: str, kind: str = "other") -> None:
        """One line, and what kind it is for those who count; those of one instant keep their order."""
        self.serial += 1
        self._lines.append((at, self.serial, kind, text))

    def take(self, before: float) -> list[tuple[str, str]]:
        """All lines older than an instant, in order of time, as kind and text without newline."""
        self._lines.sort()
        ready = [line for line in self._lines if line[0] < before]
        del self._lines[: len(ready)]
        return [(kind, f"{self._stamp(at)} {text}") for at, _, kind, text in ready]

    def port(self) -> int:
        """A client's port."""
        return self.rng.randrange(32768, 61000)


class Writer(ABC):
    """Turns happenings into lines of one server's log."""

    def __init__(self, seed: str, stamp: Callable[[float], str]) -> None:
        self._out = Waiting(seed, stamp)

    def take(self, before: float) -> list[str]:
        """All lines older than an instant, in order of time, without newline."""
        return [line for _, line in self.told(before)]

    def told(self, before: float) -> list[tuple[str, str]]:
        """The same, each with its kind."""
        return self._out.take(before)

    def put(self, happening: Happening) -> None:
        """Add the lines of one happening."""
        match happening:
            case Mail():
                self._submit(happening)
            case Look():
                self._look(happening)
            case Failure():
                self._fail(happening)
            case Arrival():
                self._arrive(happening)
            case Scan():
                self._scan(happening)

    @abstractmethod
    def _submit(self, mail: Mail) -> None:
        """A message is handed in, and what becomes of it."""

    @abstractmethod
    def _look(self, look: Look) -> None:
        """A login that sends nothing."""

    @abstractmethod
    def _fail(self, failure: Failure) -> None:
        """A login that fails."""

    @abstractmethod
    def _arrive(self, arrival: Arrival) -> None:
        """A message from outside."""

    @abstractmethod
    def _scan(self, scan: Scan) -> None:
        """Somebody wants to relay."""


@lru_cache(maxsize=4096)
def minute(number: int, form: str) -> str:
    """The minutes since the epoch as strftime writes them; the seconds of a minute share it."""
    return strftime(form, gmtime(60 * number))


def version(cipher: str) -> str:
    """The protocol version of a cipher suite, as OpenSSL names both."""
    return "TLSv1.3" if cipher == NEW_TLS else "TLSv1.2"


def is_local(address: str) -> bool:
    """Whether mail for an address stays here."""
    return address.rpartition("@")[2] in LOCAL
