"""What is wrong with the settings of letters to customers."""

from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.config.mistakes import Found, shown
from gatepost.core.units import DAY, Seconds


def check(given: Mapping[str, Any]) -> Iterator[Found]:
    """A letter is about something, and a refusal counts when it is a day old.

    Args:
        given: the block [letter], as TOML values.
    """
    at, within = given.get("at"), given.get("within")
    if isinstance(at, int) and not isinstance(at, bool) and at < 1:
        yield Found(("letter", "at"), f"{at} dead addresses are no reason for a letter", "write 1 or more")
    if isinstance(within, str) and _short(within):
        remedy = 'write at least "2d": refusals count when they are a day old'
        yield Found(("letter", "within"), f"{shown(within)} ends before refusals count", remedy)


def _short(text: str) -> bool:
    try:
        return Seconds.parse(text) < 2 * DAY
    except ValueError:
        return False
