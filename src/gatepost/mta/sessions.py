"""Who is behind a session whose lines name the account once, or not at all.

Owns what is remembered of a connection from its first line to its last: the client, the login, encryption, and what was
refused before the login was known. Bounded: the oldest session goes first, and its refusals are nobody's.
"""

from collections.abc import MutableMapping
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from gatepost.core.units import Instant
from gatepost.mta.base import Record

MAX_SESSIONS = 10_000
IDLE = 7200.0
"""Seconds after which a session's name is another one's: process ids come again, and no server waits that long."""
MAX_REFUSED = 100
"""Refusals of one session that wait for its login."""

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class Session(Struct):
    """One connection of a client."""

    client: str
    account: str | None = None
    mechanism: str = ""
    tls: bool = False
    seen: Instant | None = None
    """The time of its newest line."""
    refused: list[Record] = field(default_factory=list)


class Sessions:
    """The connections of one host, by what its log calls them."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Session] = {}

    def of(self, record: Record) -> Session:
        """The session of a record; a new one when another client speaks under its name, or much later."""
        key = (record.host, record.session)
        session = self._open.get(key)
        client, time = record.client, record.time
        if session is None or (client and session.client != client) or _over(session, time):
            session = Session(client)
            keep(self._open, key, session, MAX_SESSIONS)
        session.seen = time
        return session

    def encrypted(self, record: Record) -> list[Record]:
        """A session is encrypted."""
        self.of(record).tls = True
        return []

    def left(self, record: Record) -> list[Record]:
        """A session ends; what is left of it is a login without a message, if it was one."""
        self._open.pop((record.host, record.session), None)
        return [record] if record.kind == "login" else []

    def logged_in(self, record: Record, session: Session) -> list[Record]:
        """The account of a session becomes known: its refusals, charged."""
        session.account, session.mechanism = record.account, record.mechanism
        refused, session.refused = session.refused, []
        return [_charged(each, session) for each in refused]

    def entered(self, record: Record) -> list[Record]:
        """A login in a line of its own: the refusals before it, charged, and the login itself."""
        session = self.of(record)
        found = self.logged_in(record, session)
        return [*found, replace(record, part="", tls=record.tls or session.tls)]

    def sent(self, record: Record) -> list[Record]:
        """A message, all of it in one line but the account, which is the session's; without one it is nobody's."""
        session = self.of(record)
        if not session.account:
            return [replace(record, part="received")]
        account, mechanism, tls = session.account, session.mechanism, record.tls or session.tls
        return [replace(record, kind="submission", part="", account=account, mechanism=mechanism, tls=tls)]

    def refused(self, record: Record) -> list[Record]:
        """A refusal: charged, or kept until the account is known."""
        session = self.of(record)
        if record.account or session.account:
            return [_charged(record, session)]
        if len(session.refused) < MAX_REFUSED:
            session.refused.append(record)
        return []


def _over(session: Session, time: Instant | None) -> bool:
    return session.seen is not None and time is not None and time - session.seen > IDLE


def _charged(record: Record, session: Session) -> Record:
    account, mechanism = record.account or session.account, record.mechanism or session.mechanism
    return replace(record, account=account, mechanism=mechanism, tls=session.tls) if account else record


def keep(table: MutableMapping[_Key, _Kept], key: _Key, value: _Kept, limit: int) -> None:
    """Add to a bounded table; the oldest goes first."""
    table.pop(key, None)
    if len(table) >= limit:
        del table[next(iter(table))]
    table[key] = value
