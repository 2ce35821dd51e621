"""Which failed logins tried a password again: a phone with an old password, no guesses.

The log is the record (contracts 9): only failures that it tells are looked at, and each of them at most once. The door
tells which passwords failed; a failure in the log is one that was tried *again* when every report that may be about it
says so, and a report of a new password is given to a failure before any other. So reports never hide a guess that was
reported, and what nobody reports counts as ever. In memory only, never longer than a day, as keyed hashes.
"""

import os
from collections import deque
from hashlib import blake2b

from msgspec import Struct, field

from gatepost.core.asked import Tried
from gatepost.core.events import Login
from gatepost.core.facts import AGAIN_WIDTH, Again
from gatepost.core.units import DAY, Account, Instant

MAX_ACCOUNTS = 10_000
"""Accounts with failed logins; then the one that failed longest ago is forgotten."""

MAX_PASSWORDS = 32
"""Passwords known of an account, the newest: of Dovecot's 4096 hashes so few that hardly a guess looks like one."""

MAX_WAITING = 64
"""Reports of one account and kind that wait for the log."""

BEFORE, AFTER = 180.0, 5.0
"""Seconds a report may be earlier and later than the log's line: login processes write theirs when the client goes."""

WAITS = 600.0
"""Seconds a report waits for its line."""

_KEPT = int(DAY // AGAIN_WIDTH)

Waiting = deque[tuple[Instant, str]]
"""When, and from which client."""


class Failing(Struct):
    """What is known of an account's failed logins."""

    passwords: dict[bytes, Instant] = field(default_factory=dict)
    """Keyed hashes, and when each was tried last; the oldest first."""
    new: Waiting = field(default_factory=lambda: deque(maxlen=MAX_WAITING))
    old: Waiting = field(default_factory=lambda: deque(maxlen=MAX_WAITING))
    """Reports that no line of the log was about yet: of new passwords, and of those tried before."""
    again: dict[int, int] = field(default_factory=dict)
    """Failures in the log that tried a password again, by stretches of AGAIN_WIDTH."""


class Retries:
    """Failed logins by account."""

    def __init__(self) -> None:
        self._accounts: dict[Account, Failing] = {}
        self._key = os.urandom(32)

    def __len__(self) -> int:
        return len(self._accounts)

    def tell(self, account: Account, tried: Tried, at: Instant) -> None:
        """A login failed.

        Args:
            account: whose.
            tried: from where, and with what; a stranger's.
            at: now.
        """
        found = self._accounts.pop(account, None) or Failing()
        if len(self._accounts) >= MAX_ACCOUNTS:
            del self._accounts[next(iter(self._accounts))]
        self._accounts[account] = found
        known = bool(tried.proof) and self._known(found, f"{account}\0{tried.proof}", at)
        _wait(found, (at, tried.client), known=known)

    def _known(self, found: Failing, proof: str, at: Instant) -> bool:
        """Whether a password failed before; it has now."""
        digest = blake2b(proof.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
        last = found.passwords.pop(digest, None)
        if len(found.passwords) >= MAX_PASSWORDS:
            del found.passwords[next(iter(found.passwords))]
        found.passwords[digest] = at
        return last is not None and last > at - DAY

    def saw(self, event: Login) -> None:
        """The log tells of a failed login."""
        found = self._accounts.get(event.account)
        if found is None or _take(found.new, event) or not _take(found.old, event):
            return
        stretch = int(event.at // AGAIN_WIDTH)
        found.again[stretch] = found.again.get(stretch, 0) + 1
        while len(found.again) > _KEPT:
            del found.again[min(found.again)]

    def of(self, account: Account) -> Again:
        """The failed logins of an account that tried a password again."""
        found = self._accounts.get(account)
        if found is None or not found.again:
            return ()
        return tuple((Instant(stretch * AGAIN_WIDTH), number) for stretch, number in sorted(found.again.items()))

    def forget(self, now: float) -> None:
        """Drop what is older than a day, and reports that the log never confirmed."""
        for account, found in list(self._accounts.items()):
            found.passwords = {one: at for one, at in found.passwords.items() if at > now - DAY}
            found.again = {one: number for one, number in found.again.items() if one * AGAIN_WIDTH > now - DAY}
            for waiting in (found.new, found.old):
                while waiting and waiting[0][0] < now - WAITS:
                    waiting.popleft()
            if not (found.passwords or found.again or found.new or found.old):
                del self._accounts[account]


def _wait(found: Failing, report: tuple[Instant, str], *, known: bool) -> None:
    """Let a report wait for its line. With more new passwords than can wait, nothing is sure: no report is of an old
    one until they have gone."""
    full = len(found.new) >= MAX_WAITING
    if not known:
        found.new.append(report)
        if full:
            found.old.clear()
    elif not full:
        found.old.append(report)


def _take(waiting: Waiting, event: Login) -> bool:
    """Give the first report that may be about a failure to it; False when there is none."""
    for one in waiting:
        at, client = one
        if client == event.client and event.at - BEFORE <= at <= event.at + AFTER:
            waiting.remove(one)
            return True
    return False
