"""`python -m bench.bounces`: refusals classified in a second, beside two ways to look for the same phrases.

Texts are made from the rules' own examples, each with an address and an id of its own, so that no text comes twice:
what is measured is a log's replies, whose shapes repeat and whose texts do not. One row has shapes that do not repeat
either. The peers only say which phrases stand in a text: they fold no spellings and decide nothing. google-re2 is no
dependency: it is measured where it is installed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from random import Random
from time import process_time
from typing import Any

from gatepost.enrich.bounces import Classifier, rules
from gatepost.enrich.bounces.phrases import GAP

NUMBER = 100_000
SLICE = 2_000
"""Texts given to the regular expressions, which are slower."""


def texts(number: int) -> list[str]:
    """Different texts of the shapes that rules know."""
    shapes = [text for family in rules.shipped() for rule in family.rule for text in rule.examples]
    return [f"{shapes[at % len(shapes)]} <ann{at}@example.org> (id {at:x})" for at in range(number)]


def patterns() -> list[re.Pattern[str]]:
    """Every phrase of every rule as a regular expression, as a loop over them would have it."""
    sets = rules.words().sets
    said = [phrase for family in rules.shipped() for rule in family.rule for phrase in rule.says]
    return [re.compile(r"\W+".join(_part(part, sets) for part in phrase.split()), re.I) for phrase in said]


def _part(part: str, sets: dict[str, tuple[str, ...]]) -> str:
    if part == GAP:
        return r"(?:\w+\W+){0,3}?"
    words = [word for one in part.removesuffix("?").split("|") for word in sets.get(one, (one,))]
    group = "|".join(re.escape(word) for word in words)
    return f"(?:{group})?" if part.endswith("?") else f"(?:{group})"


def per_second(classify: Callable[[str], object], said: Sequence[str]) -> float:
    """Texts a second of processor."""
    begun = process_time()
    for text in said:
        classify(text)
    return len(said) / (process_time() - begun)


def first(loop: Iterable[re.Pattern[str]]) -> Callable[[str], object]:
    """The first pattern that is found."""
    return lambda text: next((pattern for pattern in loop if pattern.search(text)), None)


def jumbled(number: int) -> list[str]:
    """Texts of the rules' words in an order that no text had before: no shape comes twice."""
    words = sorted({word for text in texts(2_000) for word in text.split()[:-3]})
    rng = Random(1)
    return [" ".join(("550", *rng.choices(words, k=12))) for _ in range(number)]


def re2_set(loop: Iterable[re.Pattern[str]]) -> Callable[[str], object]:
    """All patterns in one pass of google-re2.

    Raises:
        ImportError: it is not installed.
    """
    re2: Any = import_module("re2")
    options = re2.Options()
    options.case_sensitive, options.max_mem = False, 1 << 28
    every = re2.Set.SearchSet(options)
    for pattern in loop:
        every.Add(pattern.pattern)
    every.Compile()
    return every.Match  # type: ignore[no-any-return]


def table(number: int = NUMBER) -> Iterator[str]:
    """A row for each way, `gatepost` being 1, and what compiling costs."""
    begun = process_time()
    classifier = Classifier()
    took = process_time() - begun
    said, loop = texts(number), patterns()
    few = said[:SLICE]
    ours = per_second(classifier.explain, said)
    yield f"{'way':<34} {'texts/s':>10} {'speed':>8}"
    yield _row("gatepost, no text twice", ours, ours)
    yield _row("no shape twice", per_second(classifier.explain, jumbled(number // 10)), ours)
    try:
        yield _row("google-re2, one set", per_second(re2_set(loop), few * 5), ours)
    except ImportError:
        yield f"{'google-re2, one set':<34} skipped: pip install google-re2"
    yield _row("re, one after the other", per_second(first(loop), few), ours)
    yield f"rules read and compiled in {took * 1000:,.0f} ms: {len(loop):,} phrases"


def _row(name: str, speed: float, ours: float) -> str:
    return f"{name:<34} {speed:>10,.0f} {speed / ours:>7.3g}x"


if __name__ == "__main__":
    print("\n".join(table()))
