"""A queued message of Postfix's, as `postcat -e` tells it line by line.

Who handed it in stands before the sender; everything a client chooses for itself stands behind it, or is one line that
cannot hold another. A login that is told twice is no answer.
Source: postcat(1); src/smtpd/smtpd.c (mail_open_stream), src/smtpd/smtpd_sasl_proto.c; tried with 3.7.
"""

from msgspec import Struct

_BEGIN, _END = b"*** ENVELOPE RECORDS ", b" ***"
_SENDER, _LOGIN = b"sender: ", b"named_attribute: sasl_username="
_CLIENT = b"named_attribute: client_address="


class Envelope(Struct, frozen=True):
    """What stands in one queue file."""

    queue_id: str
    login: str = ""
    """"" when nobody logged in, or it is not clear who."""
    sender: str = ""
    client: str = ""


class Envelopes:
    """Reads the answer of one call about many messages."""

    def __init__(self) -> None:
        self._id, self._sender, self._client = "", None, ""  # type: tuple[str, str | None, str]
        self._logins: list[str] = []
        self.found: dict[str, Envelope] = {}
        """By queue id."""

    def take(self, line: bytes) -> None:
        """One more line."""
        line = line.rstrip(b"\n")
        if line.startswith(_BEGIN) and line.endswith(_END):
            self.end()
            self._id = _text(line[len(_BEGIN) : -len(_END)].rpartition(b"/")[2])
        elif self._sender is None and line.startswith(_LOGIN):
            self._logins.append(_text(line[len(_LOGIN) :]))
        elif self._sender is None and line.startswith(_SENDER):
            self._sender = _text(line[len(_SENDER) :])
        elif self._sender is not None and not self._client and line.startswith(_CLIENT):
            self._client = _text(line[len(_CLIENT) :])

    def end(self) -> None:
        """There is no more of this message."""
        if self._id and self._sender is not None:
            login = self._logins[0] if len(self._logins) == 1 else ""
            self.found[self._id] = Envelope(self._id, login, self._sender, self._client)
        self._id, self._sender, self._client, self._logins = "", None, "", []


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")
