"""What is remembered of a message that has left, so that a late report finds its account.

Owns the marks: ids, sender and recipients are keyed hashes; whose it was and where from is in clear (contracts 22).
"""

from itertools import islice

from msgspec import Struct

from gatepost.mta.message import Message, mark

MOST = 1000
"""Recipients remembered of one message; a report about another does not count."""


class Sent(Struct, frozen=True, array_like=True):
    """Where a message came from and went to."""

    client: str
    helo: str
    mechanism: str
    tls: bool
    recipients: tuple[bytes, ...] = ()
    """Marks of its recipients as they are known by now."""


def sent(message: Message, key: bytes) -> Sent:
    """What is remembered of a message."""
    known = (mark(address.lower(), key) for address in (*message.done, *message.waiting))
    recipients = tuple(islice(dict.fromkeys((*known, *message.old_done, *message.old_waiting)), MOST))
    return Sent(message.client, message.helo, message.mechanism, message.tls, recipients)


def id_mark(message_id: str, key: bytes) -> bytes:
    """The mark of a Message-ID, with or without its brackets; b"" when there is none."""
    bare = message_id.strip().strip("<>")
    return mark(bare, key) if bare else b""


def verp_mark(sender: str, key: bytes) -> bytes:
    """The mark of a sender that holds its recipient ("list+bob=example.net@example.org"); b"" of any other."""
    return mark(sender.lower(), key) if "=" in sender.partition("@")[0] else b""
