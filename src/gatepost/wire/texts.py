"""Text that a stranger, or a record that can hold any character, puts into a field.

Owns what is kept of it: a line break or another control character in a name would end a line of a table, a letter or a
terminal. Such characters become "?".
Source: Unicode's general category Cc, U+2028 and U+2029.
"""

MAX_VALUE = 1024
"""Characters kept of a value in the dialogue; RFC 5321 section 4.5.3.1.3 allows 256 octets for a path."""

CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), "?")
"""For str.translate."""


def kept(text: str, limit: int = MAX_VALUE) -> str:
    """At most so many characters of a text, without control characters."""
    text = text[:limit]
    return text if text.isprintable() else text.translate(CONTROLS)


def number(text: str) -> int:
    """Digits, at most ten; anything else (Exim's size before DATA is -1) is 0."""
    return int(text) if len(text) <= 10 and text.isascii() and text.isdigit() else 0
