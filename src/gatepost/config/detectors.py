"""[[detector]] blocks to detectors.

Owns what a block may say beyond the detector's own fields (`kind`, `enabled`), and how accounts' and domains' settings
reach the detectors. All built-in detectors are on; a block changes the one it names.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import isfinite
from typing import Any

from msgspec.structs import fields, replace

from gatepost.config import pools
from gatepost.config.mistakes import Found, one_of, shown
from gatepost.config.naming import accounts
from gatepost.config.places import Path
from gatepost.config.settings import AccountSettings, Adjusted, DomainSettings, Settings
from gatepost.config.shape import BROKEN, Broken, Shaper
from gatepost.core.evidence import Family
from gatepost.core.units import spoken
from gatepost.detect import BUILT_IN, KINDS
from gatepost.detect.base import Anchors, Detector
from gatepost.detect.identity import Identity
from gatepost.detect.letterhead import Letterhead
from gatepost.detect.quota import Limits, Quota
from gatepost.detect.rule import Rule
from gatepost.detect.spread import Spread
from gatepost.detect.volume import Volume
from gatepost.enrich.pools import MOST_BLOCKS
from gatepost.judge.policy import OPERATOR
from gatepost.ledger.measures import SHORTEST
from gatepost.ledger.signals import SIGNALS
from gatepost.ledger.written import ONLY

ASIDE = ("kind", "enabled")
"""Keys of a block that are not the detector's."""

ROLES: dict[type[Detector], tuple[str, tuple[str, ...]]] = {
    Identity: ("relays", ("relay", "device")),
    Letterhead: ("relays", ("relay", "device")),
    Spread: ("shared", ("shared",)),
    Volume: ("bulk", ("bulk",)),
    Quota: ("bulk", ("bulk",)),
}
"""Which field of a detector holds the accounts of which roles."""


def read(blocks: object, facts: frozenset[str], shaper: Shaper) -> tuple[Adjusted, ...]:
    """Every block that can be used; the shaper gets the mistakes of the others.

    Args:
        blocks: the TOML value of `detector`.
        facts: what tables tell of a client: "network", "country".
        shaper: lists mistakes.
    """
    if not isinstance(blocks, list):
        shaper.value(tuple[int, ...], blocks, ("detector",))
        return ()
    made: list[Adjusted] = []
    names: dict[str, int] = {}
    for number, block in enumerate(blocks):
        one = _read(block, ("detector", number), facts, shaper)
        if one is None:
            continue
        first = names.setdefault(one.detector.name, number)
        if first != number:
            remedy = "make one block of them" if one.kind != Rule.kind() else "give each rule a name of its own"
            message = f"{shown(one.detector.name)} is set in detector[{first}] already"
            shaper.found.append(Found(("detector", number), message, remedy))
        made.append(one)
    return tuple(made)


def _read(block: Any, key: Path, facts: frozenset[str], shaper: Shaper) -> Adjusted | None:
    kind = shaper.pick(KINDS, block, key)
    if isinstance(kind, Broken):
        return None
    enabled = shaper.value(bool, block.get("enabled", True), (*key, "enabled"))
    wrong = list(_meaning(KINDS[block["kind"]], block, key))
    shaper.found += wrong
    if wrong:
        shaper.fields(kind, block, key, ASIDE)
        return None
    detector = shaper.table(kind, block, key, ASIDE)
    if detector is BROKEN or enabled is BROKEN:
        return None
    if (within := getattr(detector, "within", SHORTEST)) < SHORTEST:
        shaper.found.append(Found((*key, "within"), f'"{spoken(within)}" is too short', 'write "1m" or more'))
    trouble = detector.unusable(facts)
    if trouble:
        shaper.found.append(Found((*key, "only"), trouble.partition(": ")[0], _table_remedy(trouble)))
    return Adjusted(block["kind"], detector, enabled)


def _table_remedy(trouble: str) -> str:
    """Which table must be switched on."""
    table = "asn" if "only.network" in trouble else "country"
    return f'set data.{table} = "bundled", or remove the condition'


def _meaning(kind: type[Detector], block: Mapping[str, Any], key: Path) -> Iterator[Found]:
    """Curves that rise, numbers that are something, words of the vocabulary."""
    for field in fields(kind):
        value = block.get(field.encode_name)
        if field.type is Anchors or field.type == Anchors:
            yield from _curve(value, (*key, field.encode_name))
        elif (_negative(value) and field.encode_name not in ("points", "at_least")) or (
            value == "0s" and field.encode_name == "within"
        ):
            yield Found((*key, field.encode_name), f"{shown(value)} is too little", "write more than nothing")
    if kind is Spread:
        yield from _wide(block.get("pools"), (*key, "pools"))
    if kind is Rule:
        yield from _rule(block, key)


def _wide(pools: object, key: Path) -> Iterator[Found]:
    """A pool in which nothing would be too much is no pool."""
    for network, blocks in pools.items() if isinstance(pools, Mapping) else ():
        if isinstance(blocks, int) and not 1 <= blocks <= MOST_BLOCKS:
            yield Found((*key, network), f"{blocks} blocks cannot be one access", f"write 1 to {MOST_BLOCKS}")


def _negative(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0


def _curve(value: object, key: Path) -> Iterator[Found]:
    """(measured, points) pairs: measured ascends, points are 0 to 100. Other shapes are listed elsewhere."""
    if value == []:
        yield Found(key, "an empty curve gives no points", "write pairs [measured, points], or set enabled = false")
    pairs = [pair for pair in value if _is_pair(pair)] if isinstance(value, list) else []
    for one, other in pairwise(pairs):
        if other[0] <= one[0]:
            message = f"measured {other[0]:g} comes after {one[0]:g}"
            yield Found(key, message, "write the pairs [measured, points] in ascending order")
    for pair in pairs:
        if not 0 <= pair[1] <= 100:
            yield Found(key, f"{pair[1]:g} are no points", "points are 0 to 100: [measured, points]")


def _is_pair(pair: object) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    return all(isinstance(part, (int, float)) and isfinite(part) for part in pair)


def _rule(block: Mapping[str, Any], key: Path) -> Iterator[Found]:
    known: dict[str, Iterable[str]] = {"count": SIGNALS, "distinct": SIGNALS, "ratio_of": SIGNALS}
    known["family"] = [family.value for family in Family]
    for name, vocabulary in known.items():
        word = block.get(name)
        if isinstance(word, str) and word and word not in vocabulary:
            noun = "family" if name == "family" else "signal"
            yield Found((*key, name), f"there is no {noun} {shown(word)}", one_of(word, sorted(vocabulary)))
    only = block.get("only")
    for name in only if isinstance(only, Mapping) else ():
        if name not in ONLY:
            yield Found((*key, "only", name), f"there is no fact {shown(name)}", one_of(name, ONLY))
    points, least = block.get("points"), block.get("at_least")
    if isinstance(points, (int, float)) and not 0 <= points <= 100:
        yield Found((*key, "points"), f"{points:g} are no points", "write a number from 0 to 100")
    if isinstance(least, int) and least < 1:
        yield Found((*key, "at_least"), f"{least} is always reached", "write 1 or more")
    yield from _label(block.get("name"), key)


def _label(label: object, key: Path) -> Iterator[Found]:
    """A rule's name is its own: under the operator's, exemptions and breaker would let it pass (judge/policy.py)."""
    if label == OPERATOR:
        remedy = "give it a name of its own"
        yield Found((*key, "name"), f"{shown(label)} is the name under which your own blocks stand", remedy)
    elif label in KINDS or label == "":
        yield Found((*key, "name"), f"{shown(label)} cannot be the name of a rule", "give it a name of its own")


def detectors(settings: Settings) -> tuple[Detector, ...]:
    """The detectors that are on, built-in ones first, with the accounts' and domains' settings folded in."""
    changed = {block.kind: block for block in settings.detector if block.kind != Rule.kind()}
    built = [changed.get(kind.kind()) or Adjusted(kind.kind(), kind()) for kind in BUILT_IN]
    built += [block for block in settings.detector if block.kind == Rule.kind()]
    return tuple(_folded(block.detector, settings) for block in built if block.enabled)


def _folded(detector: Detector, settings: Settings) -> Detector:
    """The detector that also knows the [account] and [domain] blocks."""
    fold = accounts(settings.accounts).fold
    changes: dict[str, Any] = {}
    if type(detector) in ROLES:
        name, roles = ROLES[type(detector)]
        of_role = [account for account, block in settings.account.items() if block.role in roles]
        named = (fold(account) for account in (*getattr(detector, name), *of_role))
        changes[name] = tuple(dict.fromkeys(named))
    if isinstance(detector, Spread):
        changes["pools"] = {**pools.blocks(settings.data), **detector.pools}
    if isinstance(detector, Quota):
        own = {name: quota for name, block in settings.account.items() if (quota := _quota(block, settings))}
        limits = {**detector.accounts, **own}
        changes["accounts"] = {fold(name): limit for name, limit in limits.items()}
        theirs = {name.lower(): quota for name, block in settings.domain.items() if (quota := _quota(block, settings))}
        changes["domains"] = {**detector.domains, **theirs}
    return replace(detector, **changes) if any(changes.values()) else detector


def _quota(block: AccountSettings | DomainSettings, settings: Settings) -> Limits | None:
    """What a block says of its own, or its plan's."""
    return block.quota or (settings.plan[block.plan].quota if block.plan else None)
