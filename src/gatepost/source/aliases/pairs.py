"""Pairs of alias and account as somebody else's server gives them: what can be a name, and how many."""

from collections.abc import Iterable

from gatepost.core.accounts import MAX_ALIASES
from gatepost.core.errors import SourceError

LONGEST = 320
"""Characters of a name (RFC 3696, erratum 1690: 64 and 255 around the @)."""


def pairs(found: Iterable[tuple[object, object]], place: str) -> list[tuple[str, str]]:
    """Those that name something; an empty field is no alias.

    Args:
        found: alias and account, as they came.
        place: where they came from, for messages.

    Raises:
        SourceError: a value is no name, or there are too many; `retry`, for it can be mended.
    """
    made: list[tuple[str, str]] = []
    for values in found:
        alias, account = (_name(value, place) for value in values)
        if alias and account:
            made.append((alias, account))
            if len(made) > MAX_ALIASES:
                raise SourceError(f"{place}: more than {MAX_ALIASES:,} aliases", retry=True)
    return made


def _name(value: object, place: str) -> str:
    if value is None:
        return ""
    text = _text(value)
    if text is None or len(text) > LONGEST or "\0" in text:
        msg = f"{place}: a value that is no name; give text of at most {LONGEST} characters, alias and account"
        raise SourceError(msg, retry=True)
    return text.strip()


def _text(value: object) -> str | None:
    """Text, or octets that are some, as columns of binary collations give them."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return value if isinstance(value, str) else None
