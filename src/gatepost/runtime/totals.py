"""What was read: how many lines of which kind, over which time, and why some were not."""

from collections import Counter

from msgspec import Struct, field

from gatepost.mta.passwords import hidden

SAMPLES = 3
"""Lines kept of each reason for not reading one."""

SHOWN = 300
"""Characters kept of such a line."""

MAX_USERS = 1000
"""Local users whose messages are counted by name; those of others are counted under ""."""


class Totals(Struct):
    """The books of one pipeline."""

    lines: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    unread: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)
    strangers: int = 0
    """Failed logins of names that are no account's."""
    local_users: dict[str, int] = field(default_factory=dict)
    """Messages of local users that were charged to nobody, by user."""
    first: float = 0.0
    last: float = 0.0

    def count(self, lines: int, kinds: list[str], whys: list[str]) -> None:
        """Count a block.

        Args:
            lines: how many there are.
            kinds: of those that were read whole; the others are delivered mail.
            whys: the reasons for ignoring some.
        """
        self.lines += lines
        self.kinds.update(kinds)
        self.kinds["delivery"] += lines - len(kinds)
        self.ignored.update(whys)

    def span(self, time: float) -> None:
        """A line of this time was read."""
        if time > self.last:
            self.last = time
        if time < self.first or not self.first:
            self.first = time

    def could_not_read(self, line: str, why: str) -> None:
        """Count a line that was not read, and keep the first few, without passwords."""
        self.unread[why] = self.unread.get(why, 0) + 1
        samples = self.samples.setdefault(why, [])
        if len(samples) < SAMPLES:
            samples.append(hidden(line)[:SHOWN])

    def charged_to_nobody(self, user: str) -> None:
        """Count a message of a local user."""
        users = self.local_users
        name = user if user in users or len(users) < MAX_USERS else ""
        users[name] = users.get(name, 0) + 1
