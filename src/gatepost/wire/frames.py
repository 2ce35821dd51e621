"""Syslog messages out of a stream of bytes, and each as one line of a log.

Owns where a message ends, and what is taken out of it so that it is exactly one line. The first byte of a stream says
for all of it how messages are framed: a digit that they are counted, anything else that each ends with a newline.
Source: RFC 6587 section 3.4 (both framings), RFC 5425 section 4.3, RFC 3164 section 4.3 (a relay adds what is missing).
"""

import re
from collections.abc import Sequence

LONGEST = 65536
"""Bytes of one message that are kept; the rest is left out and counted. RFC 5424 section 6.1 asks for 2,048."""

DIGITS = 9
"""Digits of a message's length."""

_OLD = rb"<[0-9]{1,3}>(?=[A-Z][a-z]{2} [ 0-9][0-9] |[0-9]{4}-)"
_NAMELESS = (
    rb"(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9:]{4,6})?) "
    rb"(?=[^ :\[\n]{1,48}(?:\[[0-9]{1,10}\])?: )"
)
_PRIORITY, _PRIORITIES = re.compile(_OLD), re.compile(rb"\n" + _OLD)
_HOSTLESS, _ALL_HOSTLESS = re.compile(_NAMELESS), re.compile(rb"\n" + _NAMELESS)
_BREAKS = re.compile(rb"[\x00\n\r]")
_ENDS = b"\n\r\x00"


class Frames:
    """The messages of one stream, in whatever pieces it comes. Never raises."""

    def __init__(self) -> None:
        self.cut = 0
        """Messages of which only the beginning was kept."""
        self.trouble = ""
        """Why nothing more can be read from this stream: it counted its messages, and then did not."""
        self._held = bytearray()
        self._counted: bool | None = None
        self._left = 0
        """Bytes still to be left out of a message that was too long; of one without a count: whether there are any."""
        self._need = 1
        """Bytes held before it is worth looking at them again."""

    @property
    def halfway(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._held or self._left)

    def receive(self, data: bytes) -> list[bytes]:
        """The messages that end in these bytes, without their framing; empty ones are left out."""
        if self.trouble or not data:
            return []
        if self._counted is None:
            self._counted = data[:1].isdigit()
        self._held += data
        found = self._by_count() if self._counted else self._by_newline()
        return [message for message in found if message]

    def end(self) -> list[bytes]:
        """The last message of a stream that has ended: whole when it only lacks its newline."""
        whole = bool(self._held) and not self._counted and not self._left
        return [bytes(self._held)] if whole else []

    def _by_newline(self) -> list[bytes]:
        held = self._held
        last = held.rfind(b"\n", self._need - 1)
        found = bytes(held[:last]).split(b"\n") if last >= 0 else []
        del held[: last + 1]
        if self._left and found:
            self._left = 0
            del found[0]
        self.cut += sum(len(message) > LONGEST for message in found)
        found = [message[:LONGEST] for message in found]
        if len(held) > LONGEST and not self._left:
            found.append(bytes(held[:LONGEST]))
            self.cut += 1
            self._left = 1
        if self._left:
            held.clear()
        self._need = len(held) + 1
        return found

    def _by_count(self) -> list[bytes]:
        held, at, found = self._held, 0, list[bytes]()
        while True:
            left = min(self._left, len(held) - at)
            at, self._left = at + left, self._left - left
            if len(held) - at < self._need:
                break
            start, size = self._count(at)
            kept = min(size, LONGEST)
            if start + kept > len(held) or self.trouble:
                self._need = max(self._need, start + kept - at)
                break
            found.append(bytes(held[start : start + kept]))
            at, self._left, self._need = start + kept, size - kept, 1
            self.cut += size > kept
        del held[:at]
        return found

    def _count(self, at: int) -> tuple[int, int]:
        """Where the message begins and how long it is; when the count is not whole yet, one byte more is needed."""
        blank = self._held.find(b" ", at, at + DIGITS + 1)
        digits = self._held[at : blank if blank >= 0 else at + DIGITS + 1]
        if not digits.isdigit() or len(digits) > DIGITS:
            self.trouble = "a message without the count that the stream began with; set one framing at the sender"
            return at, 0
        return (blank + 1, int(digits)) if blank >= 0 else (len(self._held), 1)


def as_line(message: bytes, host: bytes) -> bytes:
    """One message as one line of a log, as a syslog server writes it into a file.

    A priority before an old header is left out; a header without a host, as syslog(3) writes it, gets one; breaks
    within become "#012", as rsyslog writes them. Anything else stays as it was sent.

    Args:
        message: without its framing.
        host: put where the header names none.
    """
    message = message[:LONGEST].rstrip(_ENDS)
    if _BREAKS.search(message):
        message = _BREAKS.sub(lambda found: b"#%03o" % found[0][0], message)
    priority = _PRIORITY.match(message)
    if priority is not None:
        message = message[priority.end() :]
    hostless = _HOSTLESS.match(message)
    if hostless is None:
        return message
    return b"%s%s %s" % (message[: hostless.end()], host, message[hostless.end() :])


def as_lines(messages: Sequence[bytes], host: bytes) -> list[bytes]:
    """Many messages as lines, all in one pass: the same lines as `as_line` makes of each.

    Where a break stands within one of them, each is looked at by itself.

    Args:
        messages: without their framing.
        host: put where a header names none.
    """
    if not messages:
        return []
    block = b"\n".join([b"", *[message[:LONGEST].rstrip(_ENDS) for message in messages]])
    if block.count(b"\n") > len(messages) or b"\r" in block or b"\x00" in block:
        return [as_line(message, host) for message in messages]
    named = rb"\g<0>" + host.replace(b"\\", rb"\\") + b" "
    return _ALL_HOSTLESS.sub(named, _PRIORITIES.sub(b"\n", block))[1:].split(b"\n")
