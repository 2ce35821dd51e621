"""`python -m bench.causes FILE`: how many causes are right, and how many without what one source could have taught.

FILE has labelled refusals, tab separated, with the columns source, diagnostic_text and our_label. Leaving out a source
takes away every phrase that is found in its texts and neither in those of another source nor in the rules' own
examples: whatever may have been written because of that source. Its texts are then judged by what is left.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gatepost.enrich.bounces import Answer, Classifier
from gatepost.enrich.bounces.classify import SURE, language
from gatepost.enrich.bounces.phrases import Tree, expand
from gatepost.enrich.bounces.rules import Family, Rule, shipped, words
from gatepost.enrich.bounces.words import Vocabulary, is_code

DEAD = "invalid_recipient"
REFUSED = frozenset({"spam_content", "reputation_blocklist", "policy_auth"})
OURS = "the rules' examples"


class Text(Struct, frozen=True):
    """One labelled refusal."""

    source: str
    text: str
    cause: str


class Figures(Struct, frozen=True):
    """How good the answers to some texts are; a share of nothing is 1."""

    texts: int
    right: float
    """Share of texts whose cause is right."""
    precision: float
    """Of those called dead recipients, the share that is."""
    recall: float
    """Of the dead recipients, the share called so."""
    mistaken: int
    """Refused as spam, by list or by policy, and called a dead recipient."""
    refused: float
    """Of those refused as spam, by list or by policy, the share called one of the three."""


def read(path: Path) -> list[Text]:
    """The labelled refusals of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Text(row["source"], row["diagnostic_text"], row["our_label"]) for row in rows]


def shown(answer: Answer) -> str:
    """The cause that `gatepost bounce` prints."""
    return answer.cause.value


def counted(answer: Answer) -> str:
    """The cause that detectors see: none when it is a guess."""
    return answer.cause.value if answer.confidence >= SURE else "unknown"


Pair = tuple[str, str]
"""Label and answer."""


def judged(
    texts: Iterable[Text], explain: Callable[[str], Answer], cause: Callable[[Answer], str] = shown
) -> list[Pair]:
    """What texts are, and what they are called."""
    return [(text.cause, cause(explain(text.text))) for text in texts]


def figures(pairs: Sequence[Pair]) -> Figures:
    """Compare."""
    called = [label for label, found in pairs if found == DEAD]
    dead = [found for label, found in pairs if label == DEAD]
    refused = [found for label, found in pairs if label in REFUSED]
    return Figures(
        texts=len(pairs),
        right=_share(label == found for label, found in pairs),
        precision=_share(label == DEAD for label in called),
        recall=_share(found == DEAD for found in dead),
        mistaken=refused.count(DEAD),
        refused=_share(found in REFUSED for found in refused),
    )


def _share(found: Iterable[bool]) -> float:
    every = list(found)
    return sum(every) / len(every) if every else 1.0


def without(source: str, seen: Mapping[str, frozenset[str]]) -> Classifier:
    """The rules without the phrases that only this source shows."""
    return Classifier(ours=[_reduced(family, source, seen) for family in shipped()])


def _reduced(family: Family, source: str, seen: Mapping[str, frozenset[str]]) -> Family:
    kept = (_less(rule, source, seen) for rule in family.rule)
    return replace(family, rule=tuple(rule for rule in kept if rule.says or rule.codes))


def _less(rule: Rule, source: str, seen: Mapping[str, frozenset[str]]) -> Rule:
    """The rule with the phrases that stay; one that loses all of them goes, with its codes."""
    says = tuple(phrase for phrase in rule.says if seen.get(phrase) != frozenset({source}))
    return replace(rule, says=says, codes=rule.codes if says or not rule.says else ())


def sources(texts: Sequence[Text]) -> dict[str, frozenset[str]]:
    """Phrase to the sources in whose texts it is found, our own examples being one."""
    spelling, tree, known = language(), Tree[str](), set[str]()
    for phrase in {phrase for family in shipped() for rule in family.rule for phrase in rule.says}:
        for reading in filter(None, expand(phrase, words().sets, spelling.phrase)):
            tree.add(reading, phrase)
            known.update(reading)
    shape = Vocabulary(spelling.fold, spelling.drop, known).shape
    examples = [(OURS, text) for family in shipped() for rule in family.rule for text in rule.examples]
    found: dict[str, set[str]] = {}
    for source, text in (*examples, *((text.source, text.text) for text in texts)):
        for hit in tree.find([word for word in shape(text).split() if not is_code(word)]):
            found.setdefault(hit.what, set()).add(source)
    return {phrase: frozenset(by) for phrase, by in found.items()}


def left_out(texts: Sequence[Text]) -> dict[str, list[Pair]]:
    """Each source judged without what it alone shows."""
    seen, by = sources(texts), sorted({text.source for text in texts})
    return {
        source: judged([text for text in texts if text.source == source], without(source, seen).explain)
        for source in by
    }


def row(name: str, pairs: Sequence[Pair]) -> str:
    """One line of the table."""
    found = figures(pairs)
    return (
        f"{name:<24} {found.texts:>6} {found.right:>7.3f} {found.precision:>10.3f} {found.recall:>7.3f}"
        f" {found.mistaken:>9} {found.refused:>8.3f}"
    )


def table(texts: Sequence[Text]) -> Iterator[str]:
    """All rows."""
    every = Classifier()
    yield f"{'':<24} {'texts':>6} {'right':>7} {'precision':>10} {'recall':>7} {'mistaken':>9} {'refused':>8}"
    yield row("all, as shown", judged(texts, every.explain))
    yield row("all, as counted", judged(texts, every.explain, counted))
    found = left_out(texts)
    yield row("each source left out", [pair for pairs in found.values() for pair in pairs])
    yield from (row(f"  {source}", pairs) for source, pairs in found.items())


if __name__ == "__main__":
    print("\n".join(table(read(Path(sys.argv[1])))))
