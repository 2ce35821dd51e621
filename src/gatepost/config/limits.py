"""Numbers and durations: those that stop everything, that do nothing, or that do not go together."""

from collections.abc import Iterator

from msgspec.structs import asdict

from gatepost.config.blocks import Block, table
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path
from gatepost.core.units import Seconds
from gatepost.judge.score import Levels


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def levels(given: Block) -> Iterator[Found]:
    """They ascend, between 0 and 100."""
    defaults = asdict(Levels())
    scores = {name: _number(given.get(name, score)) for name, score in defaults.items()}
    below, before = 0.0, ""
    for name, score in scores.items():
        if score is None:
            return
        key = ("levels", name if name in given else before or name)
        if not 0 < score <= 100:
            yield Found(("levels", name), f"{score:g} is no score", "write a number above 0, at most 100")
        elif score <= below:
            remedy = "raise it, or lower the other: watch < throttle < hold < block"
            yield Found(key, f"{name} = {score:g} is not above {before} = {below:g}", remedy)
        below, before = score, name


def numbers(root: Block) -> Iterator[Found]:
    """Numbers and durations that must not be nothing."""
    breaker = table(root, "breaker")
    blocks, share = _number(breaker.get("blocks_per_hour")), _number(breaker.get("share"))
    if blocks is not None and blocks < 1:
        remedy = 'write 1 or more; to block nobody, leave mode = "observe"'
        yield Found(("breaker", "blocks_per_hour"), f"{blocks:g} blocks an hour stop every block", remedy)
    if share is not None and not 0 <= share <= 1:
        yield Found(("breaker", "share"), f"{share:g} is no share", "write 0.01 for one account in a hundred")
    sooner = _number(table(root, "life").get("after_theft"))
    if sooner is not None and sooner < 0:
        yield Found(("life", "after_theft"), f"{sooner:g} points would come later", "write 0 for no difference")
    kept = [
        ("state", name, "would forget at once", 'write at least "1d"') for name in ("pages", "incidents", "addresses")
    ]
    ends = ("life", "hold_ends_after", "would end every hold at once", "leave it out for never")
    held = ("life", "hold_keep", "keeps no held mail", 'write how long you need to look at it, such as "14d"')
    for part, name, trouble, remedy in (*kept, ends, held):
        text = table(root, part).get(name)
        if isinstance(text, str) and _nothing(text):
            yield Found((part, name), f"{shown(text)} {trouble}", remedy)


def _nothing(text: str) -> bool:
    try:
        return not Seconds.parse(text)
    except ValueError:
        return False


def quota(block: Block, key: Path) -> Iterator[Found]:
    """At least one recipient, and a day holds more than an hour."""
    quota = table(block, "quota")
    hour, day = _number(quota.get("hour", 500)), _number(quota.get("day", 2000))
    for name, number in (("hour", hour), ("day", day)):
        if number is not None and number < 1:
            yield Found((*key, "quota", name), f"{number:g} recipients stop the account", "write 1 or more")
    if quota and hour is not None and day is not None and 1 <= day < hour:
        message = f"hour = {hour:g} cannot be reached, the limit of 24 hours is {day:g}"
        yield Found((*key, "quota"), message, f"write day = {hour:g} or more")
