"""The parts of a mail, bounded: of any bytes, in linear time and without deep recursion.

Owns where a part begins and ends and how it is encoded. Only the parameters of a Content-Type are read by the standard
library's parser, which is not asked to follow nesting: a thousand multiparts within each other would be a thousand
calls. Source: RFC 2045, RFC 2046 section 5.1.1, RFC 5322 section 2.2.
"""

import binascii
from collections.abc import Iterator
from email.message import Message
from itertools import islice

from msgspec import Struct

LONGEST = 1 << 20
"""Octets of a mail that are read; a returned message may be cut there, its header stands before."""

HEAD = 1 << 16
"""Octets of one header."""

FIELDS = 300
"""Fields of one header."""

VALUE = 2000
"""Characters of one field."""

PARTS = 20
"""Parts of one mail, and of one multipart."""

DEEP = 4
"""Multiparts within each other."""

Fields = dict[str, list[str]]
"""Lower-case names to unfolded values, in order."""


class Part(Struct, frozen=True):
    """One part that has no parts of its own, or the whole mail."""

    kind: str
    """"text/plain"."""
    fields: Fields
    body: bytes
    """Decoded."""

    @property
    def text(self) -> str:
        """The body as text, whatever bytes it holds."""
        return self.body.decode("utf-8", "replace")

    def first(self, name: str) -> str:
        """The first value of a field; "" when there is none."""
        return self.fields.get(name, [""])[0]


def read(mail: bytes) -> tuple[Part, list[Part]]:
    """A mail's own header, and its parts. Never raises.

    Args:
        mail: as it came; lines end in LF or CRLF.
    """
    mail = mail[:LONGEST].replace(b"\r\n", b"\n")
    fields, body = _parted(mail)
    return Part(_type(fields).get_content_type(), fields, body), list(islice(_walk(fields, body, DEEP), PARTS))


def head(data: bytes) -> Fields:
    """The fields at the beginning of something: a returned message, a block of a report."""
    fields: Fields = {}
    name = ""
    for line in data[:HEAD].split(b"\n")[: 4 * FIELDS]:
        text = line.decode("utf-8", "replace").rstrip("\r")
        if text[:1] in (" ", "\t") and name:
            values = fields[name]
            values[-1] = f"{values[-1]} {text.strip()}"[:VALUE]
        elif not text.strip():
            break
        else:
            name = _begun(text, fields)
    return fields


def _begun(text: str, fields: Fields) -> str:
    """A new field, its name; "" when the line is none (a "From " of an mbox) or there are too many."""
    name, colon, value = text.partition(":")
    name = name.strip().lower()
    if not colon or not name or len(name) > 80 or len(fields) >= FIELDS:
        return ""
    fields.setdefault(name, []).append(value.strip()[:VALUE])
    return name


def _parted(data: bytes) -> tuple[Fields, bytes]:
    """Header and body."""
    if data.startswith(b"\n"):
        return {}, data[1:]
    end = data.find(b"\n\n")
    return (head(data), b"") if end < 0 else (head(data[:end]), data[end + 2 :])


def _type(fields: Fields) -> Message:
    found = Message()
    stated = fields.get("content-type", [""])[0][:500]
    if stated:
        found["Content-Type"] = stated
    return found


def _walk(fields: Fields, body: bytes, deep: int) -> Iterator[Part]:
    stated = _type(fields)
    kind = stated.get_content_type()
    if not kind.startswith("multipart/"):
        yield Part(kind, fields, _decoded(fields, body))
        return
    boundary = _boundary(stated)
    if boundary and deep:
        for part in _split(body, boundary):
            yield from _walk(*_parted(part), deep - 1)


def _boundary(stated: Message) -> bytes:
    try:
        return (stated.get_boundary() or "").encode("utf-8", "replace")
    except (ValueError, LookupError):  # a charset of RFC 2231 that nobody knows
        return b""


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between the boundaries; what stands before the first and after the last is left out."""
    mark, parts = b"\n--" + boundary, list[bytes]()
    for number, piece in enumerate((b"\n" + body).split(mark, PARTS + 1)):
        line, _, rest = piece.partition(b"\n")
        if number and line.strip() not in (b"", b"--"):
            if parts:
                parts[-1] += mark + piece
        elif number and line.strip() == b"--":
            break
        elif number:
            parts.append(rest)
    return parts


def _decoded(fields: Fields, body: bytes) -> bytes:
    encoding = fields.get("content-transfer-encoding", [""])[0].lower()
    try:
        if encoding == "base64":
            return binascii.a2b_base64(body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)
    except ValueError:
        return b""
    return body
