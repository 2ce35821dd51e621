"""The server's side of LMTP, without a socket: bytes to replies and mails (RFC 2033, with the commands of RFC 5321).

Owns the limits: of a mail only the octets that are read of it anyway are held, whatever its length; so no mail is
refused for its size, and none costs memory. `aiosmtpd` was looked at: it would be a dependency for this one door, and
it holds a mail whole, or refuses it for its length, and the mail server bounces it to whoever it names.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from gatepost.core.errors import BadRequest, TooLong
from gatepost.wire.mime import LONGEST

MAX_LINE = 2048
"""Octets of a command; RFC 5321 section 4.5.3.1.4 asks for 512, extensions add to it."""

MAX_RECIPIENTS = 10
"""Of one mail: each is looked for by itself. The client brings the others later (452, RFC 5321 section 4.5.3.1.10)."""

MAX_WRONG = 20
"""Commands that are none, on one connection."""

_PATH = re.compile(rb"<([^<>\x00-\x20\x7f]{0,320})>")
_HELLO: Final = b"250-gatepost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
"""RFC 2033 section 5 asks for the first and the last."""


class Taken(Struct, frozen=True):
    """A whole mail. The client waits for a reply for each recipient, in this order."""

    recipients: tuple[str, ...]
    data: bytes
    """At most the first LONGEST octets; lines end as they came."""


class Session:
    """One connection's bytes on their way to mails."""

    def __init__(self) -> None:
        self._held, self._body = b"", bytearray()
        self._greeted = self._reading = self.ended = False
        self._sender, self._recipients = False, list[str]()
        self._wrong = 0

    def feed(self, data: bytes) -> Iterator[bytes | Taken]:
        """Take bytes as they come; any split of them gives the same.

        Args:
            data: what was read.

        Returns:
            Replies to send, and mails to reply to, in order.

        Raises:
            TooLong: a command over its limit.
            BadRequest: too many commands that are none.
        """
        self._held += data
        while not self.ended:
            step = self._mail() if self._reading else self._line()
            if step is None:
                return
            yield step

    def _line(self) -> bytes | None:
        line, end, rest = self._held.partition(b"\n")
        if len(line) > MAX_LINE:
            msg = f"an LMTP command is longer than {MAX_LINE} octets"
            raise TooLong(msg)
        if not end:
            return None
        self._held = rest
        return self._command(line.rstrip(b"\r"))

    def _command(self, line: bytes) -> bytes:
        verb, _, rest = line.partition(b" ")
        match verb.upper():
            case b"LHLO" if rest.strip():
                self._greeted = True
                return self._reset(_HELLO)
            case b"MAIL" | b"RCPT" | b"DATA" if not self._greeted:
                return b"503 5.5.1 LHLO first\r\n"
            case b"MAIL":
                return self._from(rest)
            case b"RCPT":
                return self._to(rest)
            case b"DATA":
                return self._begin()
            case b"RSET":
                return self._reset(b"250 2.0.0 OK\r\n")
            case b"NOOP":
                return b"250 2.0.0 OK\r\n"
            case b"VRFY":
                return b"252 2.0.0 give it a mail\r\n"
            case b"QUIT":
                self.ended = True
                return b"221 2.0.0 bye\r\n"
        return self._none(b"500 5.5.1 this is LMTP: LHLO, MAIL, RCPT, DATA, RSET, NOOP, VRFY, QUIT\r\n")

    def _reset(self, reply: bytes) -> bytes:
        self._sender, self._recipients = False, []
        return reply

    def _from(self, rest: bytes) -> bytes:
        if self._sender:
            return b"503 5.5.1 a mail has one sender\r\n"
        if not rest.upper().startswith(b"FROM:") or _PATH.match(rest[5:].lstrip()) is None:
            return self._none(b"501 5.5.4 MAIL FROM:<address>\r\n")
        self._sender = True
        return b"250 2.1.0 OK\r\n"

    def _to(self, rest: bytes) -> bytes:
        found = _PATH.match(rest[3:].lstrip()) if rest.upper().startswith(b"TO:") else None
        if not self._sender:
            return b"503 5.5.1 MAIL first\r\n"
        if found is None or not found[1]:
            return self._none(b"501 5.5.4 RCPT TO:<address>\r\n")
        if len(self._recipients) >= MAX_RECIPIENTS:
            return b"452 4.5.3 bring the others with another mail\r\n"
        self._recipients.append(found[1].decode("utf-8", "replace"))
        return b"250 2.1.5 OK\r\n"

    def _begin(self) -> bytes:
        """RFC 2033 section 4.2: no recipient, no mail."""
        if not self._recipients:
            return b"503 5.5.1 no recipient\r\n"
        self._reading, self._body = True, bytearray()
        self._held = b"\r\n" + self._held
        return b"354 go on, end with a dot\r\n"

    def _mail(self) -> Taken | None:
        """The mail up to the line with the dot alone (RFC 5321 section 4.1.1.4): CRLF, never LF, ends it."""
        end = self._held.find(b"\r\n.\r\n")
        upto = end + 2 if end >= 0 else max(len(self._held) - 4, 0)
        self._body += self._held[: min(upto, max(LONGEST + 2 - len(self._body), 0))]
        self._held = self._held[upto + 3 if end >= 0 else upto :]
        if end < 0:
            return None
        self._reading = False
        taken = Taken(tuple(self._recipients), bytes(self._body).replace(b"\r\n.", b"\r\n")[2:])
        self._body = bytearray()
        self._reset(b"")
        return taken

    def _none(self, reply: bytes) -> bytes:
        self._wrong += 1
        if self._wrong > MAX_WRONG:
            msg = f"more than {MAX_WRONG} commands that LMTP does not have"
            raise BadRequest(msg)
        return reply
