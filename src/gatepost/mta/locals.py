"""Mail that nobody logged in for: whose it is, where the operator says so (contracts 8).

A local user is a subject of his own, "local/web12@mx1", never a person who logs in. Who he is says the server, which
took it from the password file: Exim's `U=` of a message without a client, Postfix's `uid=` of a pickup. A network of
clients that may send without a login is one, too: "relay/192.0.2.0/24@mx1".
"""

from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.units import LOCAL, RELAY
from gatepost.mta.base import Record

BEGUN = frozenset({"opened", "received"})
"""Parts with which a client's message begins."""

REMEMBERED = 10_000
"""Clients whose network is looked up once."""


class Locals(Struct, frozen=True):
    """Which local users and clients of one host are charged with what they send without a login."""

    host: str
    """The mail server: by its settings, not by what a line says."""
    users: tuple[str, ...] = ()
    """Names or numbers, "*" and "?" for any; "!name" is left out, wherever it stands."""
    networks: tuple[str, ...] = ()
    """Networks of clients in CIDR notation; of several that hold a client the first one counts."""

    def charge(self, record: Record) -> Record | None:
        """A message as a submission of its subject; None when it is to be nobody's.

        The null sender is nobody's: bounces, and answers that strangers cause, come under it.
        """
        if record.envelope_sender == "" or (record.user and record.envelope_sender is None):
            return None
        subject = f"{LOCAL}{record.user}" if self.charged(record.user) else self._relay(record)
        if not subject:
            return None
        user = record.user or subject
        return replace(record, kind="submission", account=f"{subject}@{self.host.lower()}", user=user)

    def charged(self, user: str) -> bool:
        """Whether a user is one of those meant; names are told apart by case, and one with capitals is nobody's."""
        if not user or user != user.lower():
            return False
        if any(fnmatchcase(user, name[1:]) for name in self.users if name.startswith("!")):
            return False
        return any(fnmatchcase(user, name) for name in self.users)

    def _relay(self, record: Record) -> str:
        if record.user or record.account or record.mechanism or not self.networks or record.part not in BEGUN:
            return ""
        network = _within(self.networks, record.client)
        return f"{RELAY}{network}" if network else ""


@lru_cache(maxsize=REMEMBERED)
def _within(networks: tuple[str, ...], client: str) -> str:
    """The first network that holds an address; "" when none does, or it is no address."""
    try:
        address = ip_address(client)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return next((str(found) for found in map(ip_network, networks) if address in found), "")
