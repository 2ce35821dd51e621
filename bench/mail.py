"""What a generator makes: messages, failed logins and strangers' noise, before they are lines."""

from typing import Literal

from msgspec import Struct

Fate = Literal["ok", "dead", "spam", "listed", "full", "later", "queued"]
"""What becomes of one recipient: delivered, no such user, refused as spam, refused by a blocklist, mailbox full,
deferred once and then delivered, still in the queue when the log ends."""


class Device(Struct, frozen=True):
    """A program on a machine: what its connections look like."""

    helo: str
    cipher: str
    """The `X=` value; "" when it does not use TLS."""
    mark: str
    """Right-hand side of its message ids."""


class Mail(Struct, frozen=True, kw_only=True):
    """One message somebody submits."""

    at: float
    account: str
    sender: str
    client: str
    device: Device
    recipients: tuple[tuple[str, Fate], ...]
    subject: str
    size: int = 2000


class Failure(Struct, frozen=True):
    """One login that fails."""

    at: float
    claimed: str
    client: str
    helo: str


class Arrival(Struct, frozen=True):
    """One message from outside for one of our mailboxes."""

    at: float
    sender: str
    recipient: str
    subject: str
    size: int


class Noise(Struct, frozen=True):
    """A line that is nobody's."""

    at: float
    text: str


Happening = Mail | Failure | Arrival | Noise
