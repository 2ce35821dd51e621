"""Text out of records that can hold any character.

Owns what is kept of it: a line break or another control character in a name would end a line of a table, a letter or a
terminal. Such characters become "?".
Source: Unicode's general category Cc, U+2028 and U+2029.
"""

MAX_NAME = 320
"""Characters of a login, 64 + 1 + 255: RFC 5321 section 4.5.3.1."""

MAX_HELO = 255

MAX_ADDRESS = 1024
"""Characters of a mail address, far more than any server accepts."""

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), "?")


def kept(text: str, limit: int) -> str:
    """At most so many characters of a text, without control characters."""
    text = text[:limit]
    return text if text.isprintable() else text.translate(_CONTROLS)
