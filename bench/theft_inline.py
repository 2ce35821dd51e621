"""A thief on a real Postfix that asks gatepost in the dialogue: how many recipients got out.

`python -m bench.theft_inline` plays the scene of tests/live/scene.py once for each row: the shipped defaults plus paths
and a door, 14 days of learnt history, 20 connections as fast as Postfix takes them, honest look-alikes in the same
minutes. He tries for two minutes. Counted at the sink. Needs the servers that `make live` unpacks, and root.
"""

import argparse
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from msgspec import Struct
from tests.live.dovecot import own_folder, start_dovecot
from tests.live.ports import until
from tests.live.postfix import Cuts, send, start_postfix
from tests.live.scene import BOTNET, EMPLOYEE, FRESH, HOSTING, NEWS, THIEF, Theft, honest, out_of
from tests.live.scene_postfix import ask_at, watch_door
from tests.live.world import World

from bench.theft import staged

CROWD = tuple(f"10.{number}.{number}.9" for number in range(50, 200))
"""A botnet of 150 addresses."""

LASTS = 120.0
"""Seconds the thief goes on: who is slowed would need an hour for his list."""


class Row(Struct, frozen=True):
    """One play of the scene."""

    name: str
    goal: int
    bad: float = 0.0
    spam: float = 0.0
    size: int = 10
    clients: Sequence[str] = BOTNET
    recipients: int = 3000


ROWS = (
    Row("30% dead", 40, bad=0.3),
    Row("10% dead", 60, bad=0.1),
    Row("2% dead", 150, bad=0.02),
    Row("30% refused as spam after DATA", 150, spam=0.3),
    Row("50 recipients a message", 60, bad=0.1, size=50),
    Row("botnet of 150, 5 a message, 3% dead", 100, bad=0.03, size=5, clients=CROWD),
    Row("one hosting address, 30% dead", 0, bad=0.3, clients=HOSTING),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.theft_inline", description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=list(range(len(ROWS))), help="which, from 0")
    wanted = parser.parse_args()
    with staged("servers") as (tree, _, world):
        print(
            "| the thief's list | recipients out | goal | tried | messages refused | level | honest hurt |\n"
            + "| --- " * 7
            + "|"
        )
        for number in wanted.rows:
            print(play(ROWS[number], tree, world), flush=True)


def play(row: Row, tree: Path, world: World) -> str:
    """One row of the table."""
    with ExitStack() as stack:
        place = own_folder(tree, "g-")
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        dovecot = start_dovecot(tree, relay=world.port)
        stack.callback(dovecot.stop)
        postfix = start_postfix(tree, world.port, dovecot, Cuts(ask_at(place / "policy")))
        stack.callback(postfix.stop)
        watch = watch_door(place / "state", postfix, world, place / "policy")
        stack.callback(watch.stop)
        watch.start()
        (place / "policy").chmod(0o666)  # Postfix's group is known in the servers' folder only
        theft = Theft(postfix.port, row.clients, row.recipients // row.size, 1000, row.bad, send)
        theft.size, theft.spam, theft.lasts = row.size, row.spam, LASTS
        theft.start()
        failed = honest(postfix.port, send)
        theft.join()
        with suppress(AssertionError):  # what is left is said
            until(lambda: not postfix.queue() - postfix.queue(held=True) or watch.dead, "the queue is empty", 60)
        left = len(postfix.queue() - postfix.queue(held=True))
        levels = watch.levels(THIEF)
        hurt = ", ".join(_hurt(failed, {name: watch.levels(name) for name in (NEWS, EMPLOYEE, FRESH)})) or "none"
        tried = row.size * theft.tried
        goal = f"{row.goal}" if row.goal else "-"
        out, level = out_of(world, theft.started), levels[-1] if levels else "clear"
        queued = f" ({left} still queued)" if left else ""
        return f"| {row.name} | {out}{queued} | {goal} | {tried} | {theft.refused} | {level} | {hurt} |"


def _hurt(failed: dict[str, int], levels: dict[str, list[str]]) -> Iterator[str]:
    """Honest accounts that were refused, held or blocked."""
    for name, found in levels.items():
        if failed[name] or {"hold", "block"} & set(found):
            yield f"{name} ({failed[name]} refused, {found[-1] if found else 'clear'})"


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} s")
