"""Policy delegation: attributes in, an action out (Postfix's SMTPD_POLICY_README; Exim speaks it by ${readsocket}).

A request is lines of `name=value`, ended by an empty line. Owns the limits: whoever sends more than one request may
hold gets no answer.
"""

from collections.abc import Iterator

from gatepost.core.errors import BadRequest, TooLong

MAX_REQUEST = 8192
"""Octets of one request: Postfix's largest, with a sender and a recipient of 512 octets each, has about 2,000."""

MAX_NAMES = 100
"""Attributes of one request; Postfix 3.11 sends 38."""

MAX_VALUE = 1024
"""Characters kept of a value; RFC 5321 section 4.5.3.1.3 allows 256 octets for a path."""

Attributes = dict[str, str]
"""Name to value, the last of doubles; control characters are "?"."""

_CONTROLS = dict.fromkeys((*range(32), 127, *range(128, 160), 8232, 8233), "?")


class Requests:
    """One connection's bytes on their way to requests."""

    def __init__(self) -> None:
        self._held = b""

    @property
    def halfway(self) -> bool:
        """Whether a request has begun and not ended."""
        return bool(self._held)

    def feed(self, data: bytes) -> Iterator[Attributes]:
        """Take bytes as they come; any split of them gives the same requests.

        Args:
            data: what was read.

        Raises:
            TooLong: a request over its limits.
            BadRequest: a line without "=", or an empty request.
        """
        *whole, self._held = (self._held + data).split(b"\n\n")
        for text in whole:
            yield _attributes(text)
        if len(self._held) > MAX_REQUEST:
            msg = f"a policy request is longer than {MAX_REQUEST} octets"
            raise TooLong(msg)


def _attributes(text: bytes) -> Attributes:
    if len(text) > MAX_REQUEST:
        msg = f"a policy request is longer than {MAX_REQUEST} octets"
        raise TooLong(msg)
    lines = text.decode("utf-8", "replace").split("\n")
    if len(lines) > MAX_NAMES:
        msg = f"a policy request has more than {MAX_NAMES} attributes"
        raise TooLong(msg)
    found: Attributes = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or not name:
            msg = "a line of a policy request is no name=value"
            raise BadRequest(msg)
        found[name] = _clean(value[:MAX_VALUE])
    return found


def _clean(value: str) -> str:
    return value if value.isprintable() else value.translate(_CONTROLS)


def action(words: str) -> bytes:
    """The answer: "DUNNO" -> b"action=DUNNO\\n\\n"."""
    return b"action=" + words.translate(_CONTROLS).encode("utf-8", "replace") + b"\n\n"
