"""What `[network."name"]` blocks mean: something is in them, and it can be looked up."""

from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.config import words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path

MOST = (1 << 32) - 1
"""The largest AS number (RFC 6793)."""


def check(blocks: Mapping[str, Any], asn: object) -> Iterator[Found]:
    """Every mistake in meaning; values of the wrong kind are passed over.

    Args:
        blocks: the TOML value of `network`.
        asn: the TOML value of `data.asn`.
    """
    for name, block in blocks.items():
        key: Path = ("network", name)
        if (wrong := words.name(name)) is not None:
            yield Found(key, *wrong)
        if isinstance(block, Mapping):
            yield from _block(block, key, asn)


def _block(block: Mapping[str, Any], key: Path, asn: object) -> Iterator[Found]:
    addresses, numbers = (_list(block.get(part, [])) for part in ("addresses", "asns"))
    if not addresses and not numbers:
        yield Found(key, "no address belongs to it", 'set addresses = ["192.0.2.0/24"] or asns = [64500]')
    for place, text in enumerate(addresses):
        if isinstance(text, str) and (wrong := words.network(text)) is not None:
            yield Found((*key, "addresses", place), *wrong)
    for place, number in enumerate(numbers):
        if isinstance(number, int) and not 0 < number <= MOST:
            yield Found((*key, "asns", place), f"{shown(number)} is no AS number", f"write 1 to {MOST}")
    if numbers and asn == "none":
        yield Found((*key, "asns"), "without a table no AS number is known", 'set data.asn = "bundled", or addresses')


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
