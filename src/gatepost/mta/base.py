"""What a dialect offers: log lines read as records.

A dialect turns one line of text into one Record: what that line states, and nothing remembered from other
lines. Joining is `thread.py`'s work.
"""

from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from gatepost.core.events import Result
from gatepost.core.units import Instant

Kind = Literal["login", "submission", "recipient", "delivery", "own", "part", "ignored", "unread"]

Part = Literal[
    "", "completed", "received", "local", "failed", "frozen", "kept", "early",
    "opened", "queued", "named", "handed", "notice", "encrypted", "left", "counted", "entered", "sent",
]  # fmt: skip
"""What a line that only completes others says about its queue id:
"completed" the message left the queue; "received" an unauthenticated message arrived from outside;
"local" a local submission or bounce (`U=`, `<> R=`) arrived; "frozen" it waits for a human; "kept" an ACL froze it
before anything of it went out, or (of kind own) is about to because gatepost said so.
Where one message or session has several lines (passage.py): "opened" a message begins, its recipients are still to
come; "queued" it was accepted, with its recipients; "named" its message id; "handed" (of a delivery) another server,
or a filter of ours, took it on as `child`; "notice" `child` is a notification about it; "encrypted" and "left" what
happened to a session; "entered" (of a login) its later messages are this account's; "sent" it handed a message in,
whose account is the session's.
"counted" (of a delivery) this server writes no line when a message has left: it has when every recipient is done."""


TAMPERED = "tampered"
"""Why a line with more than one reading is unread (contracts 13)."""


class Record(Struct, kw_only=True, omit_defaults=True, gc=False):
    """What one log line states. Fields the line does not state keep their defaults.

    Sources: Exim specification, chapter "Log files"; contracts of `gatepost parse` in docs/commands/parse.md.
    """

    kind: Kind
    why: str = ""
    """For ignored and unread lines: the reason, a fixed phrase."""
    time: Instant | None = None
    """Event time; None when the line carries none that can be read."""
    part: Part = ""
    account: str | None = None
    """The login as given, spelling untouched; None when nobody authenticated or it cannot be known."""
    ok: bool | None = None
    """Logins: whether it succeeded."""
    mechanism: str = ""
    """The authenticator's name."""
    user: str = ""
    """The local user of the server's own host who handed the message in, by name or number; "" when it came from a
    client, or his name is none such as systems give. With an account, that is the subject of who did so without a
    login, a client's network among them (locals.py)."""
    client: str = ""
    """IP address without port, unbracketed."""
    helo: str = ""
    tls: bool = False
    protocol: str = ""
    """`P=`: "esmtpsa"."""
    queue_id: str = ""
    envelope_sender: str | None = None
    """"" is the null sender; None when not stated."""
    recipients: tuple[str, ...] | None = None
    """Envelope recipients the line names; None when it names none."""
    recipient_count: int | None = None
    """The number of envelope recipients where it is stated; it counts more than how many are named."""
    address: str = ""
    """Deliveries: the original recipient (in Exim the last <...>, else the first address)."""
    result: Result | None = None
    status: str = ""
    """Enhanced status code."""
    reply: str = ""
    receiver: str = ""
    """Deliveries that failed: the host that said so, by the name our server found it under; "" when there was none."""
    relay: str = ""
    """Deliveries that another server took on: its IP address."""
    message_id: str = ""
    size: int | None = None
    host: str = ""
    """The host a syslog header names: shown, never believed."""
    parent: str = ""
    """`R=` of a local bounce: the queue id it is about. `orig_queue_id=`: the queue id this one continues."""
    child: str = ""
    """The queue id under which a message goes on, or that of a notification about it."""
    session: str = ""
    """What all lines of one session share, such as the server's process id; one host's sessions differ."""
    count: int = 1
    """How often it happened: syslog's "message repeated 3 times"."""
    own: bool = False
    """gatepost's own refusal (contracts 2)."""
    candidates: tuple[str, ...] = ()
    """A tampered line: every account it could name; of an outcome, every recipient."""
    clients: tuple[str, ...] = ()
    """A tampered line: every client address it could name."""
    also: "Record | None" = None
    """The next event of a line that states several."""


@runtime_checkable
class Timed(Protocol):
    """A dialect that can tell when a line was written without reading all of it."""

    def when(self, line: str) -> Instant | None:
        """The event time of a line, as `read` says it."""


class Dialect(Protocol):
    """One mail server's log language."""

    @property
    def name(self) -> str:
        """What operators call it: "exim"."""

    vague: frozenset[str]
    """Reasons for ignoring a line that any program's log could give; they do not tell the dialect."""

    def read(self, line: str) -> Record:
        """Read one line without its newline. Never raises, whatever the line holds."""

    def skim(self, line: str) -> tuple[str, str] | None:
        """Queue id and original recipient of an unmistakable line of delivered mail, as `read` would say them.

        None: the line must be read whole. The time is not looked at.
        """
