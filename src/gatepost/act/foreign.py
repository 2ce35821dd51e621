"""Foreign values made harmless for people's eyes.

Owns how anything a stranger may have written appears in a letter: short, control and bidirectional characters as
escapes, addresses and links so that no mail program makes them clickable.
"""

import re
import shlex
import unicodedata

MAX_SHOWN = 200
"""Characters of a foreign value that people are shown."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"})
"""Unicode categories whose characters are shown as escapes: controls, formats (all bidirectional ones are among them),
surrogates, unassigned, line ends, and marks that pile up on others."""

_HTTP = re.compile(r"(?i)http")
_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_])")


def shown(value: str, most: int = MAX_SHOWN) -> str:
    """A value on one line, at most so many characters, no link, everything invisible as an escape."""
    text = "".join(_seen(char) for char in value[: most + 1]).replace("://", "[:]//")
    return text if len(text) <= most else text[: most - 1] + "…"


def _seen(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(char) in _UNSEEN or (char.isspace() and char != " "):
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return char


def defanged(value: str, most: int = MAX_SHOWN) -> str:
    """The same, and no address or host name in it can be clicked: "x[@]example[.]org", "hxxps[:]//"."""
    text = _DOT.sub("[.]", value[: most + 1].replace("@", "[@]"))
    return shown(_HTTP.sub("hxxp", text), most)


def quoted(value: str, most: int = MAX_SHOWN) -> str:
    """A foreign value in quotes."""
    return f'"{defanged(value, most)}"'


def word(value: str) -> str:
    """One of our own names as a word of a shell command: exact unless it has something invisible in it."""
    return shlex.quote(shown(value, 1000))
