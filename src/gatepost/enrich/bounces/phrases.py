"""Phrases of words, and where they stand in a text.

Owns the small language of phrases in rule files: words in order; `a|b` one of these, `a|b+c` one of which is two
words; `word?` or not; `WHO` any word of that set; `..` at most three words of any kind. Found in one pass by a tree of
words: time grows with the text, never with what it says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Generic, TypeVar

from msgspec import Struct

GAP = ".."
FURTHEST = 3
"""Words that a gap may skip."""

T = TypeVar("T")


class Hit(Struct, Generic[T], frozen=True):
    """A phrase found: what it belongs to, and its first word and the one behind its last."""

    what: T
    start: int
    end: int


class Tree(Generic[T]):
    """All phrases, by their first words."""

    __slots__ = ("after", "ends", "gap")

    def __init__(self) -> None:
        self.after: dict[str, Tree[T]] = {}
        self.gap: Tree[T] | None = None
        self.ends: list[T] = []

    def add(self, words: Sequence[str], what: T) -> None:
        """Remember one phrase without alternatives."""
        tree = self
        for word in words:
            if word != GAP:
                tree = tree.after.setdefault(word, Tree())
            else:
                tree.gap = tree.gap or Tree()
                tree = tree.gap
        if what not in tree.ends:
            tree.ends.append(what)

    def find(self, words: Sequence[str]) -> list[Hit[T]]:
        """Every phrase in a text, in the order of their first words."""
        hits: list[Hit[T]] = []
        for start, word in enumerate(words):
            tree = self.after.get(word)
            if tree is not None:
                tree.walk(words, start, start + 1, hits)
        return hits

    def walk(self, words: Sequence[str], start: int, at: int, hits: list[Hit[T]]) -> None:
        """Collect the phrases that began at `start` and end here or later."""
        for what in self.ends:
            hits.append(Hit(what, start, at))
        if at == len(words):
            return
        tree = self.after.get(words[at])
        if tree is not None:
            tree.walk(words, start, at + 1, hits)
        if self.gap is not None:
            for skipped in range(at, min(at + FURTHEST + 1, len(words))):
                tree = self.gap.after.get(words[skipped])
                if tree is not None:
                    tree.walk(words, start, skipped + 1, hits)


def expand(
    phrase: str, sets: Mapping[str, Sequence[str]], words: Callable[[str], Sequence[str]]
) -> Iterator[list[str]]:
    """All readings of a phrase.

    Args:
        phrase: as a rule file has it.
        sets: the words of each set.
        words: how a spelling is cut into words.

    Raises:
        KeyError: it names a set that there is not.
    """
    parts = [_readings(part, sets, words) for part in phrase.split()]
    for reading in product(*parts):
        yield [word for piece in reading for word in piece]


def _readings(
    part: str, sets: Mapping[str, Sequence[str]], words: Callable[[str], Sequence[str]]
) -> list[Sequence[str]]:
    if part == GAP:
        return [(GAP,)]
    optional = part.endswith("?")
    found: list[Sequence[str]] = [()] if optional else []
    for one in part.removesuffix("?").split("|"):
        for spelt in sets[one] if one.isupper() and one.isascii() else (one,):
            reading = words(spelt)
            if reading not in found:
                found.append(reading)
    return found
