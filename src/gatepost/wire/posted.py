"""JSON posted over HTTP/1.1 with a secret: what Dovecot's auth policy and weakforced's clients carry (RFC 9112).

No web server: POST, a bare GET, one way to say how long a body is, and everything bounded. The secret comes as
`X-API-Key: secret`, or as the password of `Authorization: Basic` (RFC 7617), whoever the user is. Whatever could be
read in two ways (a length that comes twice, a transfer coding, a folded line) is no request. Own code, since h11 takes
81 microseconds for a request and its answer, most of the 100 that a whole question may cost.
"""

import binascii
import re
from collections.abc import Iterator

from msgspec import Struct

from gatepost.core.errors import BadRequest, TooLong

MAX_HEAD = 4096
"""Octets before the body: Dovecot's have 250 and the secret."""

MAX_BODY = 8192
"""Octets of a body: a login, a device and a session of 1,024 octets each have 6,200 when every one is escaped twice."""

MAX_HEADERS = 32

_FIRST = re.compile(rb"(?:POST|GET) (/[!-~]{0,512}) HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
_LENGTH = re.compile(rb"[0-9]{1,5}")
_COMMAND = re.compile(r"[?&]command=([A-Za-z]{1,32})(?:&|$)")
_END = b"\r\n\r\n"


class Posted(Struct, frozen=True):
    """One request."""

    command: str
    """What the query of the address calls it: "allow"; "" without one."""
    key: bytes
    """The secret as sent; b"" without one."""
    body: bytes
    lasting: bool = True
    """Whether the client wants to keep the connection."""


class Requests:
    """One connection's bytes on their way to requests."""

    def __init__(self) -> None:
        self._held = b""
        self._body_at, self._ends = 0, 0
        self._head: tuple[str, dict[bytes, bytes]] | None = None

    @property
    def halfway(self) -> bool:
        """Whether a request has begun and not ended."""
        return bool(self._held)

    def feed(self, data: bytes) -> Iterator[Posted]:
        """Take bytes as they come; any split of them gives the same requests.

        Args:
            data: what was read.

        Raises:
            TooLong: a request over its limits.
            BadRequest: another method or version, a header that is none, a body without a length or with two.
        """
        self._held += data
        while self._begun() and len(self._held) >= self._ends:
            assert self._head is not None
            command, headers = self._head
            body = self._held[self._body_at : self._ends]
            self._held, self._head = self._held[self._ends :], None
            lasting = headers.get(b"connection", b"").lower() != b"close"
            yield Posted(command, _key(headers), body, lasting)

    def _begun(self) -> bool:
        """Whether the head of the next request is there."""
        if self._head is not None:
            return True
        end = self._held.find(_END, 0, MAX_HEAD)
        if end < 0:
            if len(self._held) >= MAX_HEAD:
                msg = f"the head of a request is longer than {MAX_HEAD} octets"
                raise TooLong(msg)
            return False
        target, headers = _head(self._held[:end])
        self._body_at = end + len(_END)
        usual = b"0" if self._held.startswith(b"GET ") else b""
        self._ends = self._body_at + _length(headers, usual)
        found = _COMMAND.search(target)
        self._head = found[1] if found else "", headers
        return True


def _head(text: bytes) -> tuple[str, dict[bytes, bytes]]:
    first, *lines = text.split(b"\r\n")
    asked = _FIRST.fullmatch(first)
    if asked is None:
        msg = "a request is neither POST nor GET of HTTP/1.1"
        raise BadRequest(msg)
    if len(lines) > MAX_HEADERS:
        msg = f"a request has more than {MAX_HEADERS} headers"
        raise TooLong(msg)
    headers: dict[bytes, bytes] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None or found[1].lower() in headers:
            msg = "a header of a request is none, or comes twice"
            raise BadRequest(msg)
        headers[found[1].lower()] = found[2].strip()
    return asked[1].decode("ascii"), headers


def _length(headers: dict[bytes, bytes], usual: bytes) -> int:
    text = headers.get(b"content-length", usual)
    if b"transfer-encoding" in headers or not _LENGTH.fullmatch(text):
        msg = "a request does not say in Content-Length how long it is"
        raise BadRequest(msg)
    if int(text) > MAX_BODY:
        msg = f"the body of a request is longer than {MAX_BODY} octets"
        raise TooLong(msg)
    return int(text)


def _key(headers: dict[bytes, bytes]) -> bytes:
    if b"x-api-key" in headers:
        return headers[b"x-api-key"]
    scheme, _, coded = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return b""
    try:
        return binascii.a2b_base64(coded.strip(), strict_mode=True).partition(b":")[2]
    except binascii.Error:
        return b""


def post(command: str, key: bytes, body: bytes) -> bytes:
    """A request, as Dovecot writes it.

    Args:
        command: "allow" or "report".
        key: the secret.
        body: JSON.
    """
    head = f"POST /?command={command} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n".encode("ascii")
    return head + b"Content-Type: application/json\r\nX-API-Key: " + key + _END + body


def reply(body: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer in JSON."""
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    return head + body


UNAUTHORIZED = (
    b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n"
    b'WWW-Authenticate: Basic realm="gatepost"\r\n\r\n'
)
"""The answer to whoever does not know the secret (RFC 9110, section 15.5.2)."""
