"""Who really submitted a message whose log line has more than one reading (contracts 13).

Owns what is kept of the mail server's own answer, and the record it stands for in the place of the tampered line.
"""

from msgspec import Struct

from gatepost.core.units import Instant
from gatepost.mta.base import Record


class Decision(Struct, frozen=True):
    """What the mail server itself remembers of a message."""

    queue_id: str
    account: str = ""
    """The login as given; "" when nobody authenticated, or the server does not say who."""
    client: str = ""
    helo: str = ""
    mechanism: str = ""
    """The authenticator's name; "" when nobody authenticated."""
    protocol: str = ""
    tls: bool = False
    sender: str = ""
    recipients: int = 0
    """Envelope recipients."""
    frozen: bool = False
    at: Instant = Instant(0.0)
    """When the log says it was taken in."""


def record_of(decision: Decision) -> Record:
    """The line as it would have read, had nobody tampered with it."""
    kind, part = "submission", ""
    if not decision.mechanism:
        kind, part = "part", "received" if decision.client else "local"
    return Record(
        kind=kind,  # type: ignore[arg-type]
        part=part,  # type: ignore[arg-type]
        time=decision.at,
        account=decision.account or None,
        client=decision.client,
        helo=decision.helo,
        mechanism=decision.mechanism,
        protocol=decision.protocol,
        tls=decision.tls,
        queue_id=decision.queue_id,
        envelope_sender=decision.sender,
        recipient_count=decision.recipients,
    )
