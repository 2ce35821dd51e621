"""What others report about mail that left us: it failed late, or somebody complained.

Owns the shape of a report, and nothing about whether it is true: all of it is what a stranger wrote.
"""

from typing import Literal

from msgspec import Struct

from gatepost.core.units import NOBODY, Account

MOST_FAILED = 50
"""Recipients read of one report."""

MOST_HOPS = 30
"""Received fields read of the message that a report is about."""


class Hop(Struct, frozen=True):
    """One Received field of the reported message (RFC 5321 section 4.4)."""

    by: str
    """The host that wrote it."""
    queue_id: str


class Failed(Struct, frozen=True):
    """One recipient of a report."""

    address: str
    """As the reporter has it; "" when it does not say (a redacted complaint)."""
    original: str = ""
    """The address that was first written to, when it was passed on (RFC 3464 section 2.3.1)."""
    status: str = ""
    """Enhanced status code, RFC 3463."""
    reply: str = ""
    """The words of the server that refused."""
    receiver: str = ""
    """The host that refused."""


class Report(Struct, frozen=True):
    """One report about one message."""

    kind: Literal["failed", "complaint"]
    client: str = ""
    """The address that handed the report to us, as our own server wrote it; "" when it was made on our own host."""
    by: str = ""
    """The host that made the report, by its own word."""
    to: str = ""
    """The envelope recipient of the report: the sender of the message it is about (VERP)."""
    message_id: str = ""
    """Of the reported message, with its brackets."""
    hops: tuple[Hop, ...] = ()
    failed: tuple[Failed, ...] = ()
    """Whom it is about; of a complaint, who complains."""


class Heard(Struct, frozen=True):
    """What became of one recipient of a report."""

    became: str
    """"counted", or why it was not."""
    account: Account = NOBODY
    """Whom it was charged to."""
