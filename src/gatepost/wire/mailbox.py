"""The address in a From line, of any text, in linear time and without recursion.

Owns what is a quoted string, a comment and an angle bracket (RFC 5322 section 3.4). The standard library's parser calls
itself once for each bracket of a comment, which a stranger may write a thousand of.
"""

from itertools import islice

LONGEST = 8192
"""Characters of a line that are looked at."""

ADDRESS = 254
"""Characters of an address (RFC 5321 section 4.5.3.1.3)."""


class _Reading:
    """Where in a line we are."""

    def __init__(self) -> None:
        self.bare, self.angle = list[str](), list[str]()
        self.quoted = self.inside = False
        self.deep = 0
        """Comments within each other."""

    @property
    def found(self) -> str:
        """The address read so far; "" when it is none."""
        said = "".join(self.angle or self.bare).strip().lower()
        local, at, domain = said.rpartition("@")
        whole = local and at and domain and len(said) <= ADDRESS and said.isprintable() and " " not in said
        return said if whole else ""

    def plain(self, letter: str) -> None:
        """A letter outside of quoted strings and comments."""
        if letter == "<":
            self.inside, self.angle = True, []
        elif letter == ">":
            self.inside = False
        elif self.inside:
            self.angle.append(letter)
        elif letter == ":":
            self.bare = []
        else:
            self.bare.append(letter)


def first(line: str) -> str:
    """The first mailbox's address in lower case; "" when no address can be read.

    Args:
        line: the value of a From line, folded or not. Of a group the first member counts.
    """
    reading, letters = _Reading(), islice(line, LONGEST)
    for letter in letters:
        if letter == "\\" and (reading.quoted or reading.deep):
            next(letters, "")
        elif letter == '"' and not reading.deep:
            reading.quoted = not reading.quoted
        elif reading.quoted:
            continue
        elif letter == "(":
            reading.deep += 1
        elif reading.deep:
            reading.deep -= letter == ")"
        elif letter in ",;" and not reading.inside:
            if reading.found:
                break
            reading.bare = []
        elif letter not in "\r\n":
            reading.plain(letter)
    return reading.found
