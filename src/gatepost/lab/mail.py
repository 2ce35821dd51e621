"""What happens in a story, before it is a line: mail, logins, failures, arrivals."""

from typing import Literal

from msgspec import Struct

Fate = Literal["ok", "dead", "spam", "listed", "full", "later", "queued"]
"""What becomes of one recipient: delivered, no such user, refused as spam, refused because we are listed, mailbox
full, deferred once and then delivered, still in the queue when the log ends."""


class Device(Struct, frozen=True):
    """A program on a machine: what its connections look like."""

    helo: str
    cipher: str
    """The cipher suite as OpenSSL names it; "" when it does not use TLS."""
    mark: str
    """Right-hand side of its message ids."""
    mechanism: str = "PLAIN"


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


class Look(Struct, frozen=True):
    """A login that sends nothing: at the submission port, or at the mailbox."""

    at: float
    account: str
    client: str
    device: Device
    service: Literal["smtp", "imap"] = "smtp"


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


class Scan(Struct, frozen=True):
    """A stranger who wants to relay through us."""

    at: float
    client: str
    recipient: str


Happening = Mail | Look | Failure | Arrival | Scan
