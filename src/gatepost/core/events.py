"""What can happen to an account.

Owns the events, and nothing about what they mean. All times are event time.
"""

from typing import Literal

from msgspec import Struct

from gatepost.core.units import Account, Instant

Service = Literal["submission", "imap", "pop3", "webmail", "other"]
Result = Literal["delivered", "deferred", "bounced", "refused", "complained"]
Verb = Literal["block", "release", "confirm", "exempt"]

MAX_ADDRESSES = 100
"""Recipients a submission names."""

MAX_REPLY = 300
"""Characters kept of a remote server's text: enough for two lines of RFC 5321 section 4.5.3.1.5 shape."""


class Cursor(Struct, frozen=True, order=True):
    """How far a source has been read; ordered within one source.

    The nth event of one line has offset + n, so that every event has a cursor of its own.
    """

    source: str
    """"mx1:mainlog"."""
    generation: int
    """Grows by one at each rotation."""
    offset: int
    """Bytes, or a sequence number for asked questions."""

    def __str__(self) -> str:
        return f"{self.source} {self.generation}/{self.offset}"


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened to an account at a moment of event time."""

    at: Instant
    account: Account
    """Who authenticated; "" when nobody is known."""
    host: str
    """The MTA that saw it."""
    cursor: Cursor
    """Where we read it: cited by evidence, skipped when read again."""


class Login(Event, frozen=True, tag="login"):
    """One authentication, good or bad."""

    client: str
    """IP address."""
    ok: bool
    service: Service = "submission"
    mechanism: str = ""
    """The authenticator, as the MTA names it."""
    claimed: str = ""
    """The name as given, when the login failed."""
    helo: str = ""
    tls: bool = False


class Submission(Event, frozen=True, tag="submission"):
    """A message was accepted from an authenticated client."""

    client: str
    queue_id: str
    envelope_sender: str
    """"" is the null sender <>."""
    recipients: int | None
    """Original envelope recipients; None when the line does not say (they follow as `more`)."""
    size: int = 0
    """Octets."""
    message_id: str = ""
    helo: str = ""
    mechanism: str = ""
    tls: bool = False
    spelling: str = ""
    """The login exactly as given: deny tables need every spelling."""
    addresses: tuple[str, ...] = ()
    """Different recipients in lower case, at most 100, when the line names them."""
    author: str = ""
    """The address of the From line inside, when a door told of it; no log does."""
    more: bool = False
    """True: `recipients` further recipients of a message announced before, at its own time."""


class Recipient(Event, frozen=True, tag="recipient"):
    """An attempt: one RCPT TO by an authenticated account, whatever became of it."""

    client: str
    envelope_sender: str
    address: str


class Delivery(Event, frozen=True, tag="delivery"):
    """An outcome: what became of recipients, at our RCPT, at the remote MTA, or by a report that came later."""

    queue_id: str
    address: str
    result: Result
    status: str = ""
    """Enhanced status code, RFC 3463: "5.1.1"."""
    reply: str = ""
    """Remote text, at most MAX_REPLY characters."""
    receiver: str = ""
    """Name of the host that said it, as our server found it in DNS; its owner chose it."""
    count: int = 1
    """Recipients with this outcome; more than one only for `delivered`."""
    client: str = ""
    """The address the message was submitted from."""
    helo: str = ""
    mechanism: str = ""
    tls: bool = False


class Own(Event, frozen=True, tag="own"):
    """Something gatepost itself refused or kept: counted for the incident, never evidence (contracts 2)."""

    client: str = ""
    kept: int = 0
    """Recipients of a message that was told as a Submission before its freezing was: they are not out."""


class Finding(Event, frozen=True, tag="finding"):
    """Slow analysis speaks: a result from history, entering like any other event."""

    detector: str
    points: float
    text: str


class Instruction(Event, frozen=True, tag="instruction"):
    """The operator speaks."""

    verb: Verb
    by: str
    reason: str = ""
    how: Literal["", "honest", "password-changed"] = ""
    """Which of the two releases."""
    until: Instant | None = None
    """When an exemption ends."""


class Tick(Event, frozen=True, tag="tick"):
    """Time passed for this account: lets evidence expire when no event comes."""


AnyEvent = Login | Submission | Recipient | Delivery | Own | Finding | Instruction | Tick
