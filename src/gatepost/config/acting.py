"""The actions beside the deny table and the letter: what is wrong with their settings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatepost.config import locks, measures, tellers
from gatepost.config.mistakes import Found

Others = tellers.TellerSettings | locks.Settings | measures.Settings


def check(blocks: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Found]:
    """What is wrong with [[action]] blocks of these kinds; values of the wrong kind are passed over."""
    yield from tellers.check(blocks)
    yield from locks.check(blocks)
    yield from measures.check(blocks)
