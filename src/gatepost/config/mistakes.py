"""Mistakes in a configuration, all at once, each with its place and remedy.

Owns what a mistake is and how it is written; finding them is the work of `shape.py` and `checks.py`.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

from gatepost.config.places import Path, spoken
from gatepost.core.errors import ConfigError

MAX_SHOWN = 80
"""Characters shown of a value the operator wrote."""


class Mistake(Struct, frozen=True):
    """One thing that is wrong."""

    file: str
    line: int
    """Counted from 1; 0 when the file as a whole is meant."""
    key: str
    """"source[0].zone"; "" when no key is meant."""
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        return f"{place}:{key} {self.message}; {self.remedy}" if key else f"{place}: {self.message}; {self.remedy}"


class ConfigErrors(ConfigError):
    """Everything that is wrong with one configuration.

    Args:
        mistakes: at least one, in the order of the file.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        number = len(self.mistakes)
        head = "the configuration has a mistake" if number == 1 else f"the configuration has {number} mistakes"
        super().__init__("\n  ".join([f"{head}:", *map(str, self.mistakes)]))


class Found(Struct, frozen=True):
    """A mistake by its key path, before it is known where that stands."""

    key: Path
    message: str
    remedy: str

    def placed(self, file: str, line: int) -> Mistake:
        """The same with its place."""
        return Mistake(file, line, spoken(self.key), self.message, self.remedy)


def shown(value: object) -> str:
    """A value as the operator wrote it, in quotes when it is a text, at most 80 characters."""
    text = repr(value) if not isinstance(value, str) else '"' + value.encode("unicode_escape").decode("ascii") + '"'
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def one_of(word: str, words: Iterable[str]) -> str:
    """The remedy for a word that is none of these: "did you mean" when one is near, else all of them."""
    known = list(words)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    everything = ", ".join(known)
    return f'did you mean "{near[0]}"? There are: {everything}' if near else f"there are: {everything}"
