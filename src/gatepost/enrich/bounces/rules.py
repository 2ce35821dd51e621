"""Rules as the files have them.

Owns what a rule file may say. What the rules mean together is decided in classify.py; the operator's own file is read,
and its mistakes are told, in config/refusals.py.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from msgspec import Struct, convert

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
    """Texts that this rule must decide, with their codes."""


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


@cache
def words() -> Words:
    """The language of the rules."""
    return convert(tomllib.loads(_folder().joinpath("words.toml").read_text("utf-8")), Words)


@cache
def shipped() -> tuple[Family, ...]:
    """The files that come with gatepost, by name."""
    return tuple(convert(tomllib.loads(text), Family) for text in _texts())


def _texts() -> Iterator[str]:
    found = [item for item in _folder().joinpath("rules").iterdir() if item.name.endswith(".toml")]
    for item in sorted(found, key=lambda item: item.name):
        yield item.read_text("utf-8")


def _folder() -> Traversable:
    return files("gatepost.enrich.bounces")
