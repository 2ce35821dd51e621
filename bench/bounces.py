"""`python -m bench.bounces`: refusals classified in a second, beside a loop of regular expressions.

Texts are made from the rules' own examples, each with an address and an id of its own, so that no text comes twice:
what is measured is a log's replies, whose shapes repeat and whose texts do not.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from time import process_time

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


def main() -> None:
    """Print both figures, and what compiling costs."""
    begun = process_time()
    classifier = Classifier()
    took = process_time() - begun
    said = texts(NUMBER)
    loop = patterns()
    print(f"rules read and compiled in {took * 1000:,.0f} ms: {len(loop):,} phrases")
    print(f"{'gatepost bounce classifier':<34} {per_second(classifier.explain, said):>10,.0f} texts/s")
    print(f"{'the same texts once more':<34} {per_second(classifier.explain, said[-SLICE:] * 10):>10,.0f} texts/s")
    print(f"{'a loop of re':<34} {per_second(first(loop), said[:SLICE]):>10,.0f} texts/s")


if __name__ == "__main__":
    main()
