"""Mail that local users of a mail server's host hand in: whose it is.

A local user is a subject of his own, "local/web12@mx1", never a person who logs in (contracts 8). Who he is says the
server, which took it from the password file: Exim's `U=` of a message without a client, Postfix's `uid=` of a pickup.
"""

from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.units import LOCAL
from gatepost.mta.base import Record


class Locals(Struct, frozen=True):
    """Which local users of one host are charged with what they send."""

    host: str
    """The mail server: by its settings, not by what a line says."""
    users: tuple[str, ...]
    """Names or numbers, "*" and "?" for any; "!name" is left out, wherever it stands."""

    def charge(self, record: Record) -> Record | None:
        """A local user's message as a submission of his subject; None when it is to be nobody's.

        The null sender is nobody's: bounces, and answers that strangers cause, come under it.
        """
        if not record.envelope_sender or not self.charged(record.user):
            return None
        return replace(record, kind="submission", account=f"{LOCAL}{record.user}@{self.host.lower()}")

    def charged(self, user: str) -> bool:
        """Whether a user is one of those meant; names are told apart by case, and one with capitals is nobody's."""
        if not user or user != user.lower():
            return False
        if any(fnmatchcase(user, name[1:]) for name in self.users if name.startswith("!")):
            return False
        return any(fnmatchcase(user, name) for name in self.users)
