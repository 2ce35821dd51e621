"""The envelope of a message that an account under suspicion handed in."""

from msgspec import Struct

from gatepost.core.units import Account, Instant

KEPT = 10
"""Messages of an account that are remembered."""

DOMAINS = 5
"""Recipient domains of a message that are remembered."""


class Envelope(Struct, frozen=True):
    """Where a message came from and went to; recipients as domains and a number."""

    account: Account
    host: str
    """The mail server that took it."""
    queue_id: str
    at: Instant
    """When it was handed in."""
    client: str
    sender: str
    """Envelope sender; "" is the null sender <>."""
    recipients: int
    """As far as the log has told."""
    domains: tuple[str, ...] = ()
    """Of the recipients, where the log names them: the first ones."""
