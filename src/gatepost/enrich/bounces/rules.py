"""Rules as the files have them: read, checked, named.

Owns what a rule file may say and how a mistake in one is told. What the rules mean together is decided in classify.py.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from msgspec import Struct, ValidationError, convert

from gatepost.core.errors import ConfigError

Cause = Literal[
    "invalid_recipient", "invalid_domain", "mailbox_full", "mailbox_disabled", "spam_content", "reputation_blocklist",
    "policy_auth", "rate_limited", "greylisted", "message_too_large", "network", "protocol", "loop", "other", "nothing",
]  # fmt: skip
"""What a rule may say; "nothing": these words do not tell why, whatever they sound like."""

Grade = Literal["own", "named", "plain", "hint", "code", "guess"]
"""How much a rule's word is worth: the operator's own; a provider's own wording or code; plain words; words that often
mean it; a code alone; what is usual when nothing better is known."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule: any of its phrases, and if it names codes, any of these."""

    name: str
    cause: Cause
    why: str
    """One sentence for the operator."""
    grade: Grade = "plain"
    says: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """Reply codes and enhanced status codes; "5.7.*" and "4*" mean all that begin so."""
    here: bool = False
    """Only when the family is recognised."""
    examples: tuple[str, ...] = ()
    """Texts that this rule must decide; "code 5.1.1 |text" is not needed: codes stand in the text."""


class Family(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file of rules."""

    family: str
    about: str
    source: str
    """Where the wordings and codes are published."""
    marks: tuple[str, ...] = ()
    """Phrases by which its texts are recognised."""
    hosts: tuple[str, ...] = ()
    """Domains of its receiving hosts."""
    rule: tuple[Rule, ...] = ()


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """words.toml: the language of all rules."""

    drop: tuple[str, ...]
    fold: dict[str, tuple[str, ...]]
    sets: dict[str, tuple[str, ...]]


def read(text: str, place: str, *, own: bool = False) -> Family:
    """Read one file of rules.

    Args:
        text: the file, TOML.
        place: its name, for messages.
        own: it is the operator's: what it says goes before ours unless a rule names another grade.

    Raises:
        ConfigError: it is no TOML, or holds something else; the message names the place and the remedy.
    """
    try:
        found = tomllib.loads(text)
        family = convert(_with_grades(found) if own else found, Family)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is no TOML: {error}; see docs/bounces.md for a file that works", place) from error
    except ValidationError as error:
        raise ConfigError(f"{error}; see docs/bounces.md for what a rule may say", place) from error
    _check(family, place)
    return family


def _with_grades(found: dict[str, object]) -> dict[str, object]:
    head = {"family": "own", "about": "the operator's own rules", "source": "this server", **found}
    rules = found.get("rule", ())
    if isinstance(rules, list):
        head["rule"] = [{"grade": "own", **rule} if isinstance(rule, dict) else rule for rule in rules]
    return head


def _check(family: Family, place: str) -> None:
    names = set[str]()
    for rule in family.rule:
        if not rule.says and not rule.codes:
            raise ConfigError("it says nothing; give it `says` or `codes`", f"{place} rule {rule.name!r}")
        if rule.name in names:
            raise ConfigError("there are two of this name; rename one", f"{place} rule {rule.name!r}")
        names.add(rule.name)


@cache
def words() -> Words:
    """The language of the rules."""
    return convert(tomllib.loads(_folder().joinpath("words.toml").read_text("utf-8")), Words)


@cache
def shipped() -> tuple[Family, ...]:
    """The files that come with gatepost, by name."""
    return tuple(read(text, name) for name, text in _texts())


def _texts() -> Iterator[tuple[str, str]]:
    found = [item for item in _folder().joinpath("rules").iterdir() if item.name.endswith(".toml")]
    for item in sorted(found, key=lambda item: item.name):
        yield item.name, item.read_text("utf-8")


def _folder() -> Traversable:
    return files("gatepost.enrich.bounces")
