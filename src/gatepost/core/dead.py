"""An address that an account wrote to and that its receiver says is dead."""

from msgspec import Struct

from gatepost.core.facts import BounceClass
from gatepost.core.units import Account, Instant

CAUSES = frozenset({BounceClass.INVALID_RECIPIENT, BounceClass.INVALID_DOMAIN, BounceClass.MAILBOX_DISABLED})
"""Refusals after which an address belongs in no list any more."""

LONGEST = 320
"""Characters of an address (RFC 5321 section 4.5.3.1: 64 and 255); what is longer is no address."""

MOST = 2000
"""Addresses kept of an account; beyond that those go that were refused longest ago."""


class Dead(Struct, frozen=True):
    """One refused address of one account."""

    account: Account
    address: str
    """As it was written to, its domain in lower case."""
    first: Instant
    """The first refusal."""
    last: Instant
    """The latest one; what follows is about this one."""
    cause: str
    """One of CAUSES, as a word."""
    status: str
    """Enhanced status code, "" if none."""
    reply: str
    """The receiver's words, at most events.MAX_REPLY characters, of a stranger's choice."""


def joined(one: Dead, other: Dead) -> Dead:
    """Two refusals of one address as one; the order does not matter."""
    newer = max(one, other, key=lambda dead: (dead.last, dead.reply))
    first = min(one.first, other.first)
    return Dead(newer.account, newer.address, first, newer.last, newer.cause, newer.status, newer.reply)


def written(address: str) -> str:
    """An address as it is kept; "" when it is none."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    return f"{local}@{domain.lower()}" if local and at and domain and len(address) <= LONGEST else ""
