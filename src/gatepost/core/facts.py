"""An event together with what we know about it.

An Observation is the only thing a ledger or a detector ever sees: unenriched events do not type-check.
"""

import enum
from typing import Literal

from msgspec import Struct

from gatepost.core.events import AnyEvent
from gatepost.core.units import Instant

NetworkKind = Literal["own", "consumer", "mobile", "hosting", "vpn", "tor", "relay", "app", "local", "unknown"]


class Origin(Struct, frozen=True):
    """Where a client comes from."""

    network: str
    """Identity: what counts as ONE access: "as64500", "host:192.0.2.7", "tor", "net:192.0.0.0/16"."""
    kind: NetworkKind
    block: str
    """The finer key inside a network: /24, or /56 for IPv6; equal to the network where that is one access whatever."""
    asn: int = 0
    """0 = unknown."""
    operator: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, "" = unknown."""


class SenderFacts(Struct, frozen=True):
    """What we know of an envelope sender."""

    ours: bool
    """Its domain is hosted here."""
    permitted: bool
    """This account may use this address, by configuration, by its own name, or because nothing is known against it."""
    domain: str = ""


class BounceClass(enum.Enum):
    """Why mail was refused. UNKNOWN counts for nothing."""

    INVALID_RECIPIENT = "invalid_recipient"
    INVALID_DOMAIN = "invalid_domain"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_DISABLED = "mailbox_disabled"
    SPAM_CONTENT = "spam_content"
    REPUTATION_BLOCKLIST = "reputation_blocklist"
    POLICY_AUTH = "policy_auth"
    RATE_LIMITED = "rate_limited"
    GREYLISTED = "greylisted"
    MESSAGE_TOO_LARGE = "message_too_large"
    NETWORK = "network"
    PROTOCOL = "protocol"
    LOOP = "loop"
    OTHER = "other"
    UNKNOWN = "unknown"


Again = tuple[tuple[Instant, int], ...]
"""Failed logins that tried a password again: when a stretch of AGAIN_WIDTH seconds began, and how many were in it."""

AGAIN_WIDTH = 1800.0


class Observation(Struct, frozen=True):
    """An event and its facts."""

    event: AnyEvent
    origin: Origin | None = None
    sender: SenderFacts | None = None
    bounce: BounceClass | None = None
    print: str = ""
    """The client's print: class of greeting, TLS, mechanism: "fqdn/tls/plain"; "" when nothing is known."""
    author: SenderFacts | None = None
    """The same of the From line inside the message, where it is known."""
    receiver: str = ""
    """Who refused, by name: `ledger/receivers.py`; "" when nobody looked."""
    spared: bool = False
    """The receiver refuses everybody: charged to nobody."""
    again: Again = ()
    """Failed logins of the account, each in the log too; empty when nobody tells which passwords are tried."""
