"""A thief on a real Exim, with gatepost reading its log: how many recipients got out.

`python -m bench.theft` plays the scene of tests/live/scene.py once for each row: the shipped defaults plus paths, 14
days of learnt history, 2,000 recipients in messages of ten over 20 connections, and honest look-alikes in the same
minutes. Counted at the sink. Needs the Exim that `make live` unpacks, and root.
"""

import argparse
import itertools
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from tests.live.exim import start_exim, where
from tests.live.page import rules
from tests.live.ports import until
from tests.live.scene import BOTNET, EMPLOYEE, FRESH, HOSTING, NEWS, THIEF, Theft, Watch, honest, out_of, set_up
from tests.live.world import World, start_world

MESSAGES = 200
"""Of ten recipients each."""


class Row(Struct, frozen=True):
    """One play of the scene."""

    pace: float
    """Messages a second."""
    bad: float
    """Share of recipients that do not exist."""
    clients: Sequence[str]
    known: bool = True
    """Whether there is a history to learn."""


class Result(Struct, frozen=True):
    """What came of it."""

    out: int
    tried: int
    level: str
    honest: str
    """Honest accounts refused, held or blocked; "none" is what it should be."""


def table(paces: Sequence[float], shares: Sequence[float]) -> Iterator[Row]:
    """Every row: by pace, share and origin, and one without any history."""
    for pace, bad, clients in itertools.product(paces, shares, (BOTNET, HOSTING)):
        yield Row(pace, bad, clients)
    yield Row(paces[0], shares[0], HOSTING, known=False)


def play(row: Row, live: Path, world: World, folder: Path) -> Result:
    """One row."""
    place = Path(tempfile.mkdtemp(prefix="theft-", dir=folder))
    place.chmod(0o755)
    deny = place / "deny"
    deny.mkdir()
    exim = start_exim(live, world.port, rules(deny, "dsearch", "refuse"))
    watch = set_up(place / "state", exim, world, deny, "dsearch", known=row.known)
    try:
        watch.start()
        theft = Theft(exim.port, row.clients, MESSAGES, row.pace, row.bad)
        theft.start()
        failed = honest(exim.port)
        theft.join()
        until(lambda: not exim.queue() or watch.dead, "the queue is empty", 60)
        levels = watch.levels(THIEF)
        return Result(
            out_of(world, theft.started), 10 * MESSAGES, levels[-1] if levels else "clear", hurt(watch, failed)
        )
    finally:
        watch.stop()
        exim.stop()


def hurt(watch: Watch, failed: dict[str, int]) -> str:
    """Honest accounts that were refused, held or blocked, or "none"."""
    found = [name for name, number in failed.items() if number]
    found += [name for name in (NEWS, EMPLOYEE, FRESH) if {"hold", "block"} & set(watch.levels(name))]
    return ", ".join(dict.fromkeys(found)) or "none"


@contextmanager
def staged(server: str = "exim") -> Iterator[tuple[Path, Path, World]]:
    """Where the unpacked servers are, a folder of one's own, and a sink; the last two are gone at the end.

    Raises:
        SystemExit: there are no such servers here; with the reason.
    """
    live, reason = where(server)
    if live is None:
        raise SystemExit(reason)
    folder = Path(tempfile.mkdtemp(prefix="gatepost-theft-"))
    folder.chmod(0o755)
    world = start_world(folder / "sink")
    try:
        yield live, folder, world
    finally:
        world.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.theft", description=__doc__)
    parser.add_argument("--paces", nargs="+", type=float, default=[4.0, 20.0], help="messages a second")
    parser.add_argument("--shares", nargs="+", type=float, default=[0.3, 0.02], help="share of dead recipients")
    wanted = parser.parse_args()
    with staged() as (live, folder, world):
        print(
            "| messages a second | dead | from | history | recipients out | of | level | honest hurt |\n"
            + "| --- " * 8
            + "|"
        )
        for row in table(wanted.paces, wanted.shares):
            found = play(row, live, world, folder)
            origin = f"{len(row.clients)} networks" if len(row.clients) > 1 else "one hosting address"
            known = "14 days" if row.known else "none"
            print(
                f"| {row.pace:g} | {row.bad:.0%} | {origin} | {known} | {found.out} | {found.tried} | {found.level}"
                f" | {found.honest} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
