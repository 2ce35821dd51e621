"""The operator's own rules about refusals: one file, its mistakes told where they stand.

Owns what such a file may say and whether it means anything: a phrase that could never be found, or an example that
another rule decides, is a mistake. What rules mean together is decided in `enrich/bounces/classify.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import prod
from pathlib import Path as File

from msgspec import Struct

from gatepost.config.mistakes import ConfigErrors, Found, Mistake, shown
from gatepost.config.places import Path, Places
from gatepost.config.shape import Shaper
from gatepost.config.syntax import parse
from gatepost.core.errors import ConfigError
from gatepost.enrich.bounces import Classifier, classifier
from gatepost.enrich.bounces.classify import language
from gatepost.enrich.bounces.phrases import GAP, expand
from gatepost.enrich.bounces.rules import Family, Grade, Rule, words
from gatepost.enrich.bounces.words import is_code

READINGS = 20_000
"""Readings of one phrase, every choice of its alternatives counted."""
FAMILY = "own"


class OwnRule(Rule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule of the operator's: it goes before ours unless it says otherwise."""

    grade: Grade = "own"


class OwnRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    rule: tuple[OwnRule, ...] = ()


def refusal_rules(path: str) -> Classifier:
    """The classifier with the rules of a file before ours; ours alone for "".

    Raises:
        ConfigErrors: the file says something wrong; `mistakes` has all of it, with lines.
        ConfigError: the file cannot be read.
    """
    if not path:
        return classifier()
    try:
        return read(File(path).read_text("utf-8-sig"), path)
    except OSError as error:
        msg = f"the rules about refusals cannot be read: {error.strerror or error}; name a file of rules"
        raise ConfigError(msg, path) from error
    except UnicodeDecodeError as error:
        raise ConfigError("the rules about refusals are not UTF-8; save the file as UTF-8", path) from error


def read(text: str, file: str) -> Classifier:
    """The classifier with the rules of a text before ours.

    Args:
        text: TOML.
        file: how mistakes call the file.

    Raises:
        ConfigErrors: with every mistake, in the order of the file.
    """
    root, text, mistakes = parse(text.replace("\r\n", "\n"), file)
    shaper, places = Shaper(), Places(text)
    made = shaper.table(OwnRules, root, ())
    _stop(mistakes, shaper.found, places, file)
    _stop([], _meaningless(made.rule), places, file)
    family = Family(family=FAMILY, about="the operator's own rules", source="this server", rule=made.rule)
    rules = Classifier([family])
    _stop([], _undecided(rules, made.rule), places, file)
    return rules


def _stop(mistakes: Sequence[Mistake], found: Iterable[Found], places: Places, file: str) -> None:
    told = [*mistakes, *(one.placed(file, places.line(one.key)) for one in found)]
    if told:
        raise ConfigErrors(sorted(told, key=lambda mistake: (mistake.line, mistake.key)))


def _meaningless(rules: Sequence[Rule]) -> Iterator[Found]:
    """What a rule says and could never hold."""
    names = set[str]()
    for number, rule in enumerate(rules):
        key: Path = ("rule", number)
        if rule.name in names or not rule.name.strip():
            yield Found((*key, "name"), f"{shown(rule.name)} is the name of another rule, or none", "name each once")
        names.add(rule.name)
        if not rule.says and not rule.codes:
            yield Found(key, "it says nothing", "give it `says` or `codes`")
        if rule.here:
            yield Found((*key, "here"), "there is no family here", "leave it out")
        yield from _each("says", rule.says, key, _phrase)
        yield from _each("codes", rule.codes, key, _code)


def _each(name: str, said: Sequence[str], key: Path, wrong: Callable[[str], tuple[str, str] | None]) -> Iterator[Found]:
    for place, one in enumerate(said):
        trouble = wrong(one)
        if trouble is not None:
            yield Found((*key, name, place), *trouble)


def _phrase(phrase: str) -> tuple[str, str] | None:
    """What is wrong with a phrase, and the remedy."""
    sets = words().sets
    if prod(_choices(part, sets) for part in phrase.split()) > READINGS:
        return f"{shown(phrase)} has too many readings", "make several shorter phrases of it"
    try:
        readings = list(expand(phrase, sets, language().phrase))
    except KeyError as error:
        known = ", ".join(sets)
        return f"there is no set of words {error.args[0]!r}", f"write words in lower case; there are: {known}"
    if any(not reading for reading in readings):
        return f"{shown(phrase)} says nothing: every word of it is passed over", "write words that tell something"
    if any(_hangs(reading) for reading in readings):
        return f"{shown(phrase)} has a {GAP} without words on both sides", f"put {GAP} between two words"
    return None


def _choices(part: str, sets: Mapping[str, Sequence[str]]) -> int:
    return sum(len(sets.get(one, (one,))) for one in part.removesuffix("?").split("|")) + part.endswith("?")


def _hangs(reading: Sequence[str]) -> bool:
    """Whether a gap stands at an end or beside another gap: such a phrase is never found."""
    padded = [GAP, *reading, GAP]
    return any(one == after == GAP for one, after in pairwise(padded))


def _code(code: str) -> tuple[str, str] | None:
    stem = code.removesuffix("*")
    if is_code(code) or (stem != code and stem[:1] in ("2", "4", "5") and not stem.strip("0123456789.")):
        return None
    return f"{shown(code)} is no code", 'write "550", "5.7.1", "5.7.*" or "4*"'


def _undecided(rules: Classifier, own: Sequence[Rule]) -> Iterator[Found]:
    """Examples that another rule decides."""
    for number, rule in enumerate(own):
        for place, text in enumerate(rule.examples):
            by = rules.explain(text).rule
            if by != f"{FAMILY}.{rule.name}" and rule.cause != "nothing":
                message = f"this example is decided by {shown(by) if by else 'no rule'}"
                yield Found(("rule", number, "examples", place), message, "change `says`, or the example")
