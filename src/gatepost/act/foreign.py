"""Foreign values made harmless for people's eyes.

Owns how anything a stranger may have written appears, on a terminal as in a letter: short, control and bidirectional
characters as escapes; in letters, addresses and links so that no mail program makes them clickable.
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


def visible(value: str, most: int = MAX_SHOWN) -> str:
    """A value on one line of a terminal, at most so many characters, everything invisible as an escape."""
    return _short(_escaped(value[: most + 1]), most)


def shown(value: str, most: int = MAX_SHOWN) -> str:
    """The same for a letter: no link."""
    return _short(_escaped(value[: most + 1]).replace("://", "[:]//"), most)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _escaped(text: str) -> str:
    return text if text.isascii() and text.isprintable() else "".join(map(_seen, text))


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


def heading(text: str) -> str:
    """A text of ours with foreign values in it as the Subject: nothing in it is an encoded word (RFC 2047).

    The email package decodes one when it folds a line, and a line end that is encoded would begin the next header.
    """
    return text.replace("=?", "= ?")


def quoted(value: str, most: int = MAX_SHOWN) -> str:
    """A foreign value in quotes."""
    return f'"{defanged(value, most)}"'


def word(value: str) -> str:
    """One of our own names as a word of a shell command: exact unless it has something invisible in it."""
    return shlex.quote(shown(value, 1000))
