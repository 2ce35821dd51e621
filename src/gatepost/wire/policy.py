"""Policy delegation: attributes in, an action out (Postfix's SMTPD_POLICY_README; Exim speaks it by ${readsocket}).

A request is lines of `name=value`, ended by an empty line. Owns the limits: whoever sends more than one request may
hold gets no answer. A client names the same attributes in the same order every time: from its second request on, one
pattern made of these names reads what is wanted of them.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from gatepost.core.errors import BadRequest, TooLong
from gatepost.wire.texts import CONTROLS, MAX_VALUE, kept

MAX_REQUEST = 8192
"""Octets of one request: Postfix's largest, with a sender and a recipient of 512 octets each, has about 2,000."""

MAX_NAMES = 100
"""Attributes of one request; Postfix 3.11 sends 38."""

Attributes = dict[str, str]
"""Name to value, the last of doubles; control characters are "?"."""

MAX_SHAPES = 16
"""Orders of attributes for which there is a pattern; clients with further ones are read line by line."""

_ODD = re.compile(rb"[^\x0a\x20-\x7e]")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_VALUE = "[^\n]*"


class Requests:
    """One connection's bytes on their way to requests."""

    def __init__(self, wanted: Collection[str] = ()) -> None:
        """Nothing came yet.

        Args:
            wanted: names of the attributes that are given; none: all of them.
        """
        self._held = b""
        self._wanted = frozenset(wanted)
        self._shape: re.Pattern[str] | None = None

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
            yield self._read(text)
        if len(self._held) > MAX_REQUEST:
            msg = f"a policy request is longer than {MAX_REQUEST} octets"
            raise TooLong(msg)

    def _read(self, text: bytes) -> Attributes:
        if self._shape is not None and len(text) <= MAX_VALUE:
            like = self._shape.fullmatch(text.decode("utf-8", "replace"))
            if like is not None:
                return _clean(like.groupdict())
        found = _attributes(text)
        self._shape = _shape(tuple(found), self._wanted)
        return {name: value for name, value in found.items() if name in self._wanted} if self._wanted else found


_shapes: dict[tuple[Sequence[str], frozenset[str]], re.Pattern[str]] = {}


def _shape(names: tuple[str, ...], wanted: frozenset[str]) -> re.Pattern[str] | None:
    """What a request with these attributes in this order looks like; None when there are too many such orders."""
    known = _shapes.get((names, wanted))
    if known is None and len(_shapes) < MAX_SHAPES and all(map(_NAME.fullmatch, names)):
        lines = [f"{name}={_VALUE if wanted and name not in wanted else f'(?P<{name}>{_VALUE})'}" for name in names]
        known = _shapes[names, wanted] = re.compile("\n".join(lines))
    return known


def _clean(found: Attributes) -> Attributes:
    """The same without control characters."""
    if "".join(found.values()).isprintable():
        return found
    return {name: value.translate(CONTROLS) for name, value in found.items()}


def _attributes(text: bytes) -> Attributes:
    if len(text) > MAX_REQUEST:
        msg = f"a policy request is longer than {MAX_REQUEST} octets"
        raise TooLong(msg)
    lines = text.decode("utf-8", "replace").split("\n")
    if len(lines) > MAX_NAMES:
        msg = f"a policy request has more than {MAX_NAMES} attributes"
        raise TooLong(msg)
    if "" in (found := _pairs(lines)):
        msg = "a line of a policy request is no name=value"
        raise BadRequest(msg)
    if len(text) > MAX_VALUE or _ODD.search(text):
        found = {name: kept(value) for name, value in found.items()}
    return found


def _pairs(lines: list[str]) -> Attributes:
    """Name to value; a line that has no "=" is a name that is empty."""
    try:
        return dict([line.split("=", 1) for line in lines])
    except ValueError:
        return {"": ""}


DUNNO = b"action=DUNNO\n\n"
"""The answer that lets mail flow."""


def action(words: str) -> bytes:
    """The answer: "DUNNO" -> b"action=DUNNO\\n\\n"."""
    return b"action=" + words.translate(CONTROLS).encode("utf-8", "replace") + b"\n\n"
