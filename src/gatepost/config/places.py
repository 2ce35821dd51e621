"""Where each key of a TOML text stands.

Owns line numbers, nothing else: the text has been read by `tomllib` before, so that it is known to be valid. A key is
a path: ("source", 0, "zone"); the items of a list have places of their own.
"""

import re
from bisect import bisect_left

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'")
_LONG = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:""|")?|' + r"'''.*?'''(?:''|')?", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class Places:
    """The line of every key, counted from 1."""

    def __init__(self, text: str) -> None:
        """Scan a valid TOML text."""
        self._lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        self._text, self._at = text, 0
        self._breaks = [found.start() for found in re.finditer("\n", text)]
        self._scan()

    def line(self, key: Path) -> int:
        """The line of a key, or of the nearest table around it; 1 when there is none."""
        while key:
            if key in self._lines:
                return self._lines[key]
            key = key[:-1]
        return 1

    def _scan(self) -> None:
        table: Path = ()
        while self._blank() < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        """[a.b] or [[a.b]]; names of lists of tables stand for their last table."""
        start, many = self._at, self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        parts = self._key()
        self._at += 2 if many else 1
        table: Path = ()
        for number, part in enumerate(parts, 1):
            table = (*table, part)
            if many and number == len(parts):
                self._tables[table] = self._tables.get(table, -1) + 1
            if table in self._tables:
                table = (*table, self._tables[table])
        self._note(table, start)
        return table

    def _pair(self, table: Path) -> None:
        start = self._at
        key = (*table, *self._key())
        for end in range(len(table) + 1, len(key) + 1):
            self._note(key[:end], start)
        self._at += 1
        self._value(key)

    def _key(self) -> list[str]:
        """A dotted key, up to its "=" or "]"."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            quoted = _STRING.match(self._text, self._at)
            found = quoted or _BARE.match(self._text, self._at)
            if found is None:
                return parts
            self._at = found.end()
            parts.append(_unquoted(found[0]) if quoted else found[0])
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return parts
            self._at += 1

    def _value(self, key: Path) -> None:
        self._skip(_SPACE)
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._items(key, "]", named=False)
        elif opening == "{":
            self._items(key, "}", named=True)
        else:
            found = _LONG.match(self._text, self._at) or _STRING.match(self._text, self._at)
            found = found or _SCALAR.match(self._text, self._at)
            self._at = found.end() if found else self._at + 1

    def _items(self, key: Path, closing: str, *, named: bool) -> None:
        """A list, or an inline table."""
        self._at += 1
        number = 0
        while self._blank() < len(self._text) and self._text[self._at] != closing:
            if named:
                self._pair(key)
            else:
                self._note((*key, number), self._at)
                self._value((*key, number))
            number += 1
            self._blank()
            if self._text.startswith(",", self._at):
                self._at += 1
        self._at += 1

    def _note(self, key: Path, start: int) -> None:
        self._lines.setdefault(key, bisect_left(self._breaks, start) + 1)

    def _blank(self) -> int:
        self._skip(_BLANK)
        return self._at

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at


def _unquoted(text: str) -> str:
    """A quoted key as it is meant."""
    inner = text[1:-1]
    return _ESCAPE.sub(_escape, inner) if text[0] == '"' else inner


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _PLAIN.get(code, code)


def spoken(key: Path) -> str:
    """A key for people: source[0].zone, account."ann@example.org".role; lists are counted from 0."""
    words = ""
    for part in key:
        if isinstance(part, int):
            words += f"[{part}]"
        else:
            name = part if _BARE.fullmatch(part) else '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
            words += f".{name}" if words else name
    return words
