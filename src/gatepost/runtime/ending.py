"""The end of tasks: each is told until it has ended."""

import asyncio
from collections.abc import Iterable

AGAIN = 1.0
"""Seconds until a task that goes on is told again."""


async def ended(tasks: Iterable[asyncio.Task[None]], again: float = AGAIN) -> None:
    """Cancel tasks until each has ended.

    Once is not enough: what waits by `asyncio.wait_for`, as libraries do, loses a cancellation that comes together
    with what it waits for (before Python 3.12), and its task would go on for ever.

    Args:
        tasks: of this loop; what they raise is left in them.
        again: seconds until one that goes on is told again.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again)
