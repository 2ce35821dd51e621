"""How good: what was said about each account, beside the truth.

Caught means held or blocked between the thief's first act and a day after his last message; what had got out until then
counts the messages up to that second. Wrong means that an honest account was held or blocked, or a victim before the
thief came; the first days of a log, while nothing is known yet, may be left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

import msgspec
from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.lab.stealth import OWN
from gatepost.lab.truth import Stolen, Truth
from gatepost.lab.world import DAY

STOPPED = ("hold", "block")
PHISH = "phish"


class Detection(Struct, frozen=True):
    """One account was given a level: a line of `gatepost replay --format jsonl`, or what a baseline says."""

    at: float
    account: str
    level: str
    says: str = ""


class Caught(Struct, frozen=True):
    """What became of one theft."""

    theft: Stolen
    at: float | None
    """When the account was stopped; None: never, or too late."""
    out: int
    """Recipients that the thief reached."""


class Wrong(Struct, frozen=True):
    """One account that was stopped without a theft."""

    account: str
    profile: str
    at: float
    level: str
    says: str


class Score(Struct, frozen=True):
    """What became of one log."""

    thefts: tuple[Caught, ...]
    wrong: tuple[Wrong, ...]
    account_days: int
    """Days of honest accounts on which they could be wronged."""


def read_detections(lines: Iterable[str | bytes], name: str) -> list[Detection]:
    """The lines of `gatepost replay --format jsonl`.

    Raises:
        SourceError: a line is none; names file and line.
    """
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_detection(msgspec.json.decode(line, type=_Line)))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            msg = f"{name}:{number} is no line of `gatepost replay --format jsonl`: {error}"
            raise SourceError(msg) from error
    return found


class _Proof(Struct):
    detector: str = ""
    says: str = ""
    points: float = 0.0


class _Line(Struct):
    time: datetime
    account: str
    level: str
    evidence: list[_Proof] = []


def _detection(line: _Line) -> Detection:
    says = " | ".join(f"{one.points:g} {one.detector}: {one.says}" for one in line.evidence)
    return Detection(line.time.timestamp(), line.account, line.level, says)


def score(truth: Truth, detections: Sequence[Detection], grace: float = 3.0) -> Score:
    """Compare with the truth.

    Args:
        truth: of the log.
        detections: what was said, in any order.
        grace: days from the beginning that do not count against honest accounts.
    """
    stops: dict[str, list[Detection]] = {}
    for one in sorted(detections, key=lambda one: one.at):
        if one.level in STOPPED:
            stops.setdefault(one.account, []).append(one)
    thefts = tuple(_caught(theft, stops.get(theft.account, ())) for theft in truth.thefts)
    since = truth.recipe.start + grace * DAY
    wrong = tuple(_wrong(truth, stops, since))
    days = (len(truth.accounts) - len(truth.stolen)) * max(0, truth.recipe.days - grace)
    return Score(thefts, wrong, int(days))


def _caught(theft: Stolen, stops: Sequence[Detection]) -> Caught:
    first = next((one.at for one in stops if int(theft.start) <= one.at <= theft.end + DAY), None)
    before = any(one.at < int(theft.start) for one in stops)
    if before:
        first = int(theft.start)
    out = sum(number for at, number in theft.sent if first is None or int(at) <= first)
    return Caught(theft, first, 0 if before else out)


def _wrong(truth: Truth, stops: Mapping[str, Sequence[Detection]], since: float) -> Iterable[Wrong]:
    begins = {theft.account: int(theft.start) for theft in truth.thefts}
    for account, found in stops.items():
        first = next((one for one in found if one.at >= since), None)
        if first is None or account not in truth.accounts or first.at >= begins.get(account, float("inf")):
            continue
        yield Wrong(account, truth.accounts[account], first.at, first.level, first.says)


class Row(Struct, frozen=True):
    """One line of the table of results; shares are of 1, None where nothing of the kind happened."""

    caught: float | None
    """Of all shapes but phish and those from the owner's own places."""
    phish: float | None
    own: float | None
    escaped: float | None
    """Recipients that got out, of all that the thieves of the first column wanted."""
    escaped_all: float | None
    """The same with phish and those from the owner's own places."""
    median_out: float | None
    """Recipients out before the stop, of thefts that were caught."""
    wrong: float | None
    """Accounts wrongly held or blocked, for 100,000 account-days."""


def summary(attacked: Sequence[Score], honest: Sequence[Score]) -> Row:
    """Several logs as one row: thefts from the first, wrong stops from the second."""
    thefts = [one for score_ in attacked for one in score_.thefts]
    strange = [one for one in thefts if one.theft.shape not in (PHISH, *OWN)]
    days = sum(one.account_days for one in honest)
    return Row(
        caught=_share(strange),
        phish=_share([one for one in thefts if one.theft.shape == PHISH]),
        own=_share([one for one in thefts if one.theft.shape in OWN]),
        escaped=_escaped(strange),
        escaped_all=_escaped(thefts),
        median_out=median([one.out for one in strange if one.at is not None] or [0]) if strange else None,
        wrong=100_000 * sum(len(one.wrong) for one in honest) / days if days else None,
    )


def _share(thefts: Sequence[Caught]) -> float | None:
    return sum(one.at is not None for one in thefts) / len(thefts) if thefts else None


def _escaped(thefts: Sequence[Caught]) -> float | None:
    whole = sum(one.theft.recipients for one in thefts)
    return sum(one.out for one in thefts) / whole if whole else None
