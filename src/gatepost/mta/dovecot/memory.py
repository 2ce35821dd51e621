"""Which of Dovecot's lines tell of one and the same login.

Owns what is remembered between lines: sessions whose failures were told by the auth process, failures that PAM told in
a line of its own, and where the sessions of the submission service come from. All of it is bounded; what is forgotten
too early is counted twice or has no client, nothing else.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

MAX_SESSIONS = 10_000
"""Sessions remembered of each kind: those of some minutes on a busy server."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The last `MAX_SESSIONS` entries; the oldest is forgotten first."""

    def __init__(self) -> None:
        self._entries: dict[Key, Value] = {}

    def put(self, key: Key, value: Value) -> None:
        """Remember an entry as the newest."""
        self._entries.pop(key, None)
        self._entries[key] = value
        if len(self._entries) > MAX_SESSIONS:
            del self._entries[next(iter(self._entries))]

    def get(self, key: Key) -> Value | None:
        """The entry, which stays; None when there is none."""
        return self._entries.get(key)

    def take(self, key: Key) -> Value | None:
        """The entry, which is forgotten; None when there is none."""
        return self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)


def add(recent: Recent[Key, int], key: Key) -> None:
    """One more of this key."""
    recent.put(key, (recent.get(key) or 0) + 1)


def spend(recent: Recent[Key, int], key: Key, most: int = 1) -> int:
    """How many of this key there are, `most` at the most; they are forgotten."""
    had = recent.take(key) or 0
    if had > most:
        recent.put(key, had - most)
    return min(had, most)


class Memory:
    """What one reader of Dovecot's lines remembers."""

    def __init__(self) -> None:
        self.told: Recent[str, int] = Recent()
        """Sessions of which failed or refused logins were told already, and how many."""
        self.pam: Recent[tuple[str, str], int] = Recent()
        """Name and client of failures that PAM told first, and how many."""
        self.clients: Recent[str, str] = Recent()
        """Client addresses of the submission service's sessions."""
