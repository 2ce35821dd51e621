"""Pieces of a TOML tree, whatever is in their place."""

from collections.abc import Mapping
from typing import Any

Block = Mapping[str, Any]


def table(block: object, name: str) -> Block:
    """A table by name; empty when there is none."""
    value = block.get(name) if isinstance(block, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def tables(root: Block, name: str) -> list[tuple[int, Block]]:
    """The tables of a list, each with its number."""
    value = root.get(name)
    items = value if isinstance(value, list) else []
    return [(number, item) for number, item in enumerate(items) if isinstance(item, Mapping)]
