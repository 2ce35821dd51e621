"""What a mail server asks in the dialogue, and what it may be answered.

One vocabulary for every door: a wire protocol makes questions of bytes and bytes of answers, and knows nothing of
levels; the runtime answers questions, and knows nothing of bytes.
"""

from typing import Literal

from msgspec import Struct

from gatepost.core.events import Result

Stage = Literal["connect", "auth", "mail", "rcpt", "data", "end"]
"""Where in the dialogue: the client came; it authenticates; MAIL, RCPT, DATA; the end of the message was read."""

Act = Literal["pass", "slow", "route", "mark", "defer", "hold", "deny"]
"""Go on; go on after a delay; let it leave another way; write a header into it; refuse for now (4xx); accept and keep;
refuse (5xx)."""


class Question(Struct, frozen=True, kw_only=True):
    """One question of a mail server. Every text is a stranger's, bounded by the wire protocol, without controls."""

    stage: Stage
    login: str
    """Who authenticated, as given; "" when nobody did."""
    client: str
    """IP address."""
    sender: str = ""
    """Envelope sender; "" is the null sender, or not known yet."""
    recipient: str = ""
    helo: str = ""
    mechanism: str = ""
    tls: bool = False
    queue_id: str = ""
    message: str = ""
    """Names the message in progress between MAIL and its end; "" when the server gives no name."""
    recipients: int = 0
    """Recipients accepted so far, at `data` and `end`."""
    size: int = 0
    """Octets, at `end`."""
    unknown: bool = False
    """The mail server found that the recipient does not exist, at `rcpt`."""
    author: str = ""
    """The address of the From line inside the message, at `end`; "" when it is not known."""
    service: str = ""
    """What he wants to log in to, at `auth`: "smtp", "imap"; "" when the server does not say."""

    @property
    def progress(self) -> str:
        """What tells one message in progress of an account from another."""
        return self.message or self.queue_id or f"{self.client} {self.sender}"


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a recipient, told while it happens; nothing is asked. Bounded like a question."""

    login: str
    """Who handed the message in."""
    queue_id: str
    recipient: str
    result: Result
    client: str = ""
    """IP address the message was handed in from; with helo, mechanism and tls: how."""
    helo: str = ""
    mechanism: str = ""
    tls: bool = False
    reply: str = ""
    """The remote server's words."""
    status: str = ""
    """Enhanced status code, RFC 3463."""
    receiver: str = ""
    """Name of the host that said it."""


class Tried(Struct, frozen=True, kw_only=True):
    """A login failed, told while it happens; nothing is asked. Bounded like a question."""

    login: str
    """The name as given."""
    client: str
    """IP address."""
    proof: str
    """Tells the password from others: a short hash of the mail server's own making; "" when it cannot."""


Asked = Question | Outcome | Tried


class Answer(Struct, frozen=True):
    """What the mail server shall do."""

    act: Act
    text: str = ""
    """For the client's eyes, with the tag in front; "" when it passes. For `route` the way, for `mark` the header."""
    seconds: int = 0
    """How long to wait, for `slow`."""


PASS = Answer("pass")
"""Mail flows."""
