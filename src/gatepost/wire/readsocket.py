"""One line asked, one line answered: what Exim's ${readsocket} carries (Exim specification, chapter 11, readsocket).

A connection has one request: a verb, then fields with one blank between them. `name=value` is written as it stands and
is for what the mail server itself makes; `name:value` is base64 and is for what a stranger chooses, so that nothing he
writes can become a field. A newline or the end of writing ends it.
"""

import binascii
import re
from collections.abc import Iterator

from msgspec import Struct

from gatepost.core.errors import BadRequest, TooLong
from gatepost.wire.texts import CONTROLS, MAX_VALUE, kept

MAX_REQUEST = 8192
"""Octets of a request: greeting, sender and recipient of 256 octets each and a reply of 1,024 have 2,400 in base64."""

MAX_FIELDS = 32

_REQUEST = re.compile(rb"[a-z]{1,16}(?: [a-z_]{1,16}[=:][!-~]*)*")


class Request(Struct, frozen=True):
    """What one connection says."""

    verb: str
    fields: dict[str, str]
    """Name to value; control characters are "?"."""


class Requests:
    """One connection's bytes on their way to its request."""

    def __init__(self) -> None:
        self._held = b""
        self._done = False

    @property
    def halfway(self) -> bool:
        """Whether the request has begun and not ended."""
        return bool(self._held) and not self._done

    def feed(self, data: bytes) -> Iterator[Request]:
        """Take bytes as they come; what follows the request is not looked at.

        Args:
            data: what was read.

        Raises:
            TooLong: a request over its limits.
            BadRequest: a line of another form, or a name that comes twice.
        """
        if self._done:
            return
        self._held += data
        line, newline, _ = self._held.partition(b"\n")
        if len(line) > MAX_REQUEST:
            msg = f"a request is longer than {MAX_REQUEST} octets"
            raise TooLong(msg)
        if newline:
            self._done, self._held = True, b""
            yield _request(line)


def _request(line: bytes) -> Request:
    if not _REQUEST.fullmatch(line):
        msg = "a request is no verb with fields name=value and name:base64"
        raise BadRequest(msg)
    verb, *fields = line.decode("ascii").split(" ")
    if len(fields) > MAX_FIELDS:
        msg = f"a request has more than {MAX_FIELDS} fields"
        raise TooLong(msg)
    found = dict(map(_field, fields))
    if len(found) < len(fields):
        msg = "a field of a request comes twice"
        raise BadRequest(msg)
    return Request(verb, found)


def _field(text: str) -> tuple[str, str]:
    name = re.split("[=:]", text, maxsplit=1)[0]
    value = text[len(name) + 1 :]
    if text[len(name)] == "=":
        return name, value[:MAX_VALUE]
    try:
        octets = binascii.a2b_base64(value, strict_mode=True) if value else b""
    except binascii.Error as error:
        msg = f"the field {name} of a request is not base64"
        raise BadRequest(msg) from error
    return name, kept(octets.decode("utf-8", "replace"))


def line(words: str) -> bytes:
    """An answer: without newline, since Exim reads until the connection ends."""
    return words.translate(CONTROLS).encode("utf-8", "replace")
