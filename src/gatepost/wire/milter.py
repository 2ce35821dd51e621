"""The milter protocol: what Sendmail and Postfix tell a filter, and its answers (libmilter's mfdef.h, version 6).

A frame is four octets of length, a letter, and its data. Owns the limits and the negotiation: bodies are never asked
for, and of headers `From` alone is looked at. A header or a piece of body of any length is passed over, since a
connection that ends lets its message go; whatever else is longer than a frame may be is no frame.
"""

import struct
from collections.abc import Iterator, Mapping

from gatepost.core.errors import BadRequest, TooLong
from gatepost.wire.texts import CONTROLS, kept

MAX_FRAME = 8192
"""Octets of a frame that is looked into; Postfix and Sendmail allow paths and their options about 2,000."""

MAX_LENGTH = 1 << 24
"""Octets of a header or piece of body that is passed over; Postfix sends 102,400 (header_size_limit), and 65,535."""

OPTIONS, MACROS, CONNECT, MAIL, RCPT, DATA = b"O", b"D", b"C", b"M", b"R", b"T"
HEADER, BODY, END, ABORT, QUIT, AGAIN = b"L", b"B", b"E", b"A", b"Q", b"K"
"""AGAIN (SMFIC_QUIT_NC) ends one client's session; the next one's follows on the same connection."""

CONTINUE = b"\0\0\0\x01c"
ACCEPT = b"\0\0\0\x01a"
"""Go on without telling more of this message."""

_PASSED_OVER = (HEADER, BODY)
_KNOWN = frozenset(b"ODCHMRTLNBEAQKU")
_QUARANTINE, _SYMBOLS = 0x20, 0x100
"""What we may do: SMFIF_QUARANTINE, SMFIF_SETSYMLIST."""

_NO_HELO, _NO_BODY, _NO_END_OF_HEADERS, _NO_UNKNOWN = 0x2, 0x10, 0x40, 0x100
_QUIET_HEADER, _QUIET_CONNECT = 0x80, 0x1000
"""SMFIP_NR_HDR, SMFIP_NR_CONN: told, and not waited for."""

_WANTED = _NO_HELO | _NO_BODY | _NO_END_OF_HEADERS | _NO_UNKNOWN | _QUIET_HEADER | _QUIET_CONNECT
_OFFER = struct.Struct("!III")
_VERSION = 6
_LISTS = (
    b"\0\0\0\x02i {auth_authen}\0"  # SMFIM_ENVFROM
    b"\0\0\0\x03i\0"  # SMFIM_ENVRCPT
    b"\0\0\0\x04i\0"  # SMFIM_DATA
    b"\0\0\0\x05i {msg_size}\0"  # SMFIM_EOM
)
"""Macros we ask for, by stage, whatever the mail server sends by default."""

Frame = tuple[bytes, bytes]
"""Letter and data."""


class Frames:
    """One connection's bytes on their way to frames."""

    def __init__(self) -> None:
        self._held = b""
        self._over = 0
        """Octets still to come of a frame that is passed over."""

    @property
    def halfway(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._held or self._over)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes as they come; any split of them gives the same frames.

        Args:
            data: what was read.

        Raises:
            TooLong: a frame over its limit.
            BadRequest: a frame without a letter, or with one that the protocol does not have.
        """
        held, at = self._held + data, 0
        while True:
            passed = min(self._over, len(held) - at)
            self._over, at = self._over - passed, at + passed
            length, letter = _head(held[at : at + 5])
            if length > MAX_FRAME:
                self._over = 4 + length
                yield letter, b""
            elif not length or len(held) < at + 4 + length:
                break
            else:
                yield letter, held[at + 5 : at + 4 + length]
                at += 4 + length
        self._held = held[at:]


def _head(begun: bytes) -> tuple[int, bytes]:
    """Length and letter of the frame that begins so; 0 when they are not there yet.

    Raises:
        TooLong: a frame over its limit.
        BadRequest: a frame without a letter, or with one that the protocol does not have.
    """
    if len(begun) < 5:
        return 0, b""
    length, letter = int.from_bytes(begun[:4], "big"), begun[4:]
    if not length or letter[0] not in _KNOWN:
        msg = f"a milter frame begins with {begun!r}: somebody speaks another protocol"
        raise BadRequest(msg)
    if length > (MAX_LENGTH if letter in _PASSED_OVER else MAX_FRAME):
        msg = f"a milter frame {letter.decode()} is {length} octets long"
        raise TooLong(msg)
    return length, letter


def frame(letter: bytes, data: bytes = b"") -> bytes:
    """One frame."""
    return (1 + len(data)).to_bytes(4, "big") + letter + data


def offer(version: int = _VERSION, actions: int = 0x1FF, steps: int = 0x1FFFFF) -> bytes:
    """What a mail server begins with; as Postfix and Sendmail do by default."""
    return frame(OPTIONS, _OFFER.pack(version, actions, steps))


def negotiated(data: bytes) -> tuple[bytes, frozenset[bytes]]:
    """The answer to an offer, and the letters that are answered by nothing after it.

    Args:
        data: of the frame.

    Raises:
        BadRequest: no offer, or of a version from before 1999.
    """
    if len(data) < _OFFER.size:
        msg = f"a milter offer has {len(data)} octets instead of {_OFFER.size}"
        raise BadRequest(msg)
    version, actions, steps = _OFFER.unpack_from(data)
    if version < 2:
        msg = f"the mail server speaks milter version {version}; gatepost speaks 2 to {_VERSION}"
        raise BadRequest(msg)
    does, asks = actions & (_QUARANTINE | _SYMBOLS), steps & _WANTED
    quiet = {MACROS, ABORT, QUIT, AGAIN}
    quiet |= {HEADER} if asks & _QUIET_HEADER else set()
    quiet |= {CONNECT} if asks & _QUIET_CONNECT else set()
    said = _OFFER.pack(min(version, _VERSION), does, asks) + (_LISTS if does & _SYMBOLS else b"")
    return frame(OPTIONS, said), frozenset(quiet)


def texts(data: bytes) -> list[str]:
    """The texts of a frame, each ended by a NUL; at most MAX_VALUE characters of each, controls are "?"."""
    return [text(part) for part in data.removesuffix(b"\0").split(b"\0")] if data else []


def text(part: bytes) -> str:
    """What a stranger wrote, bounded and without controls."""
    return kept(part.decode("utf-8", "replace"))


def macros(data: bytes) -> tuple[bytes, Mapping[str, str]]:
    """The letter that macros go before, and their values by name without braces: "i", "auth_authen"."""
    found = texts(data[1:])
    return data[:1], {name.strip("{}"): value for name, value in zip(found[::2], found[1::2], strict=False)}


def header(data: bytes) -> tuple[str, str]:
    """The name of a HEADER frame in lower case, and its value as it came; ("", "") of one that was passed over."""
    name, _, value = data.partition(b"\0")
    return text(name).strip().lower(), value.removesuffix(b"\0").decode("utf-8", "replace")


def client(data: bytes) -> str:
    """The IP address in a CONNECT frame; "" when the client has none (a unix socket, an unknown one)."""
    rest = data.partition(b"\0")[2]
    if rest[:1] not in (b"4", b"6"):
        return ""
    return text(rest[3:].partition(b"\0")[0]).removeprefix("IPv6:")


def refusal(code: str, words: str) -> bytes:
    """Refuse with a reply of SMTP; a percent sign is doubled, as smfi_setreply(3) wants it.

    Args:
        code: "550 5.7.1".
        words: for the client's eyes; at most 400 characters are said (RFC 5321 section 4.5.3.1.5).
    """
    said = words[:400].translate(CONTROLS).replace("%", "%%")
    return frame(b"y", f"{code} {said}".encode("utf-8", "replace") + b"\0")


def quarantine(reason: str) -> bytes:
    """Accept the message and keep it; only at its end."""
    return frame(b"q", reason[:400].translate(CONTROLS).encode("utf-8", "replace") + b"\0") + CONTINUE
