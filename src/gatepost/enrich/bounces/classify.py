"""Why mail was refused: a reply's text and codes to a cause, with the rule that said so.

Owns which rule wins. The better grade wins; among equals the cause that stands first in ORDER ("spam before mailbox"),
then the longer phrase, then the earlier file and rule. So words decide before codes, and a reply that names a blocklist
*and* a mailbox is about the blocklist. What nothing speaks for is UNKNOWN.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import TypeVar

from msgspec import Struct

from gatepost.core.events import Delivery
from gatepost.core.facts import BounceClass
from gatepost.enrich.bounces import rules
from gatepost.enrich.bounces.phrases import Hit, Tree, expand
from gatepost.enrich.bounces.rules import Family, Rule
from gatepost.enrich.bounces.words import PIECES, Shape, Vocabulary, is_code

T = TypeVar("T")

GRADES = {"own": 0.99, "named": 0.98, "plain": 0.95, "hint": 0.8, "code": 0.7, "guess": 0.4}
"""Confidence by grade, best first."""
SURE = 0.6
"""What is less sure is shown, and counts for nothing."""
ORDER = (
    "loop", "policy_auth", "greylisted", "reputation_blocklist", "spam_content", "message_too_large", "rate_limited",
    "mailbox_full", "mailbox_disabled", "invalid_domain", "protocol", "other", "invalid_recipient", "network",
)  # fmt: skip
"""Causes, those first that win over others in one text."""
SHAPES = 8192
"""Shapes whose answer is remembered."""


class Answer(Struct, frozen=True):
    """Why mail was refused."""

    cause: BounceClass
    confidence: float
    """0 to 1; 0 for unknown."""
    rule: str
    """ "family.name"; "" for unknown."""
    why: str


UNKNOWN = Answer(BounceClass.UNKNOWN, 0.0, "", "No rule knows these words, and the codes say nothing by themselves.")


class Ranked(Struct, frozen=True):
    """A rule with its place among all."""

    rule: Rule
    family: Family
    rank: int
    """Smaller wins."""


class Classifier:
    """All rules, compiled.

    Args:
        own: families before ours, checked by who read them.
        ours: instead of those that come with gatepost.
    """

    def __init__(self, own: Sequence[Family] = (), ours: Sequence[Family] | None = None) -> None:
        spelling = language()
        self._phrases = Tree[Ranked]()
        self._noise = Tree[Ranked]()
        self._marks = Tree[Family]()
        self._codes: dict[str, list[Ranked]] = {}
        self._families = (*own, *(rules.shipped() if ours is None else ours))
        self._shaped = lru_cache(SHAPES)(self._decide)
        self._known = lru_cache(SHAPES)(self._family_of)
        self._spelt = lru_cache(maxsize=None)(spelling.phrase)
        known = set[str]()
        for number, family in enumerate(self._families):
            self._take(family, number * 1000, known)
        self._shape = Vocabulary(spelling.fold, spelling.drop, known).shape

    def cause(self, delivery: Delivery) -> BounceClass:
        """The cause of one failed recipient; UNKNOWN when it is in doubt."""
        found = self.explain(delivery.reply, delivery.status, delivery.receiver)
        return found.cause if found.confidence >= SURE else BounceClass.UNKNOWN

    def explain(self, text: str, status: str = "", host: str = "") -> Answer:
        """Why a text was the answer.

        Args:
            text: reply codes and words, as the server or a report has them; hostile, any length.
            status: the enhanced status code known otherwise, "" if none; one in the text goes first.
            host: the receiving host's name, "" if unknown.
        """
        return self._shaped(self._shape(text), status, self._known(host) if host else "")

    def _take(self, family: Family, number: int, known: set[str]) -> None:
        for mark in family.marks:
            self._add(self._marks, mark, family, known)
        for place, rule in enumerate(family.rule):
            ranked = Ranked(rule, family, number + place)
            for code in rule.codes if not rule.says else ():
                self._codes.setdefault(code, []).append(ranked)
            tree = self._noise if rule.cause == "nothing" else self._phrases
            for phrase in rule.says:
                self._add(tree, phrase, ranked, known)

    def _add(self, tree: Tree[T], phrase: str, what: T, known: set[str]) -> None:
        for words in expand(phrase, rules.words().sets, self._spelt):
            if words:
                tree.add(words, what)
                known.update(words)

    def _family_of(self, host: str) -> str:
        """The family a host belongs to; "" if none."""
        name = host.lower().rstrip(".")
        for family in self._families:
            if any(name == domain or name.endswith(f".{domain}") for domain in family.hosts):
                return family.family
        return ""

    def _decide(self, shape: Shape, status: str, family: str) -> Answer:
        said = shape.split()[:PIECES]
        codes = [word for word in said if is_code(word)]
        words = list(_without_codes(said))
        if status and not any("." in code for code in codes):
            codes.append(status)
        first = tuple(_first(codes))
        families = {family, *(hit.what.family for hit in self._marks.find(words))}
        for hit in self._noise.find(words):
            words[hit.start : hit.end] = [""] * (hit.end - hit.start)
        hits = [hit for hit in self._phrases.find(words) if _applies(hit.what, first, families)]
        hits += [Hit(ranked, 0, 0) for code in first for ranked in self._by_code(code)]
        return _best(hits, words)

    def _by_code(self, code: str) -> Iterable[Ranked]:
        """Rules that a code alone decides."""
        wanted = (code, *(f"{code[:length]}*" for length in range(1, len(code))))
        return (ranked for one in wanted for ranked in self._codes.get(one, ()))


def _without_codes(said: Iterable[str]) -> Iterable[str]:
    """The words; the first reply code parts what is before it from the reply, others only number its lines."""
    parted = False
    for word in said:
        if not is_code(word):
            yield word
        elif not parted and "." not in word:
            parted = True
            yield ""


def _first(codes: Iterable[str]) -> Iterable[str]:
    """The first reply code and the first enhanced status code."""
    kinds = set[bool]()
    for code in codes:
        if ("." in code) not in kinds:
            kinds.add("." in code)
            yield code


def _applies(ranked: Ranked, codes: Iterable[str], families: set[str]) -> bool:
    rule = ranked.rule
    if rule.here and ranked.family.family not in families:
        return False
    return not rule.codes or any(_is(code, wanted) for code in codes for wanted in rule.codes)


def _is(code: str, wanted: str) -> bool:
    return code.startswith(wanted[:-1]) if wanted.endswith("*") else code == wanted


def _best(hits: Iterable[Hit[Ranked]], words: Sequence[str]) -> Answer:
    hit = min(hits, key=_precedence, default=None)
    if hit is None:
        return UNKNOWN
    rule, family = hit.what.rule, hit.what.family
    said = " ".join(word or "…" for word in words[hit.start : hit.end])
    why = f'{rule.why} (it says "{said}")' if said else rule.why
    return Answer(BounceClass(rule.cause), GRADES[rule.grade], f"{family.family}.{rule.name}", why)


_GRADE = {grade: place for place, grade in enumerate(GRADES)}
_PLACE = {cause: place for place, cause in enumerate(ORDER)}


def _precedence(hit: Hit[Ranked]) -> tuple[int, int, int, int]:
    rule = hit.what.rule
    return _GRADE[rule.grade], _PLACE[rule.cause], hit.start - hit.end, hit.what.rank


@cache
def language() -> Vocabulary:
    """The spellings that rules and texts are written in, without any rule's words."""
    told = rules.words()
    fold = {spelt: word for word, spellings in told.fold.items() for spelt in (word, *spellings)}
    return Vocabulary(fold, frozenset(told.drop))


@cache
def classifier() -> Classifier:
    """The rules that come with gatepost."""
    return Classifier()
