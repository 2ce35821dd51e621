"""A thief on a real Exim that asks gatepost at every recipient: what got out, and what honest people wait.

`python -m bench.dialogue` plays the scene of tests/live/scene.py once for each kind of thief, with the access control
of docs/doors/exim.md and no deny table: the shipped defaults plus paths, 14 days of learnt history, honest look-alikes
in the same minutes. Counted at the sink. Then it times RCPT at the client, on an Exim that asks and on one that does
not, turn by turn. Needs the Exim that `make live` unpacks, and root.
"""

import argparse
import contextlib
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

from msgspec import Struct
from tests.live.client import letter, log_in
from tests.live.exim import ACCOUNTS, Exim, Rules, start_exim
from tests.live.ports import until
from tests.live.scene import BOTNET, HOSTING, THIEF, Theft, honest, out_of
from tests.live.scene_door import asked
from tests.live.world import World

from bench.theft import hurt, staged

MANY = tuple(f"10.{number}.8.9" for number in range(50, 200))
"""150 addresses in 150 networks."""


class Row(Struct, frozen=True):
    """One kind of thief."""

    name: str
    clients: Sequence[str] = BOTNET
    messages: int = 300
    size: int = 10
    bad: float = 0.0
    spam: float = 0.0
    goal: int = 0
    """Recipients that may get out; 0 is no goal."""
    known: bool = True
    """Whether there is a history to learn."""


ROWS = (
    Row("30 % dead", bad=0.3, goal=40),
    Row("10 % dead", bad=0.1, goal=60),
    Row("2 % dead", bad=0.02, goal=150),
    Row("30 % of messages refused as spam", messages=100, spam=0.3, goal=150),
    Row("50 recipients a message, 30 % dead", messages=60, size=50, bad=0.3, goal=60),
    Row("150 addresses, 5 recipients a message, 3 % dead", MANY, messages=200, size=5, bad=0.03, goal=100),
    Row("one hosting address, 30 % dead", HOSTING, bad=0.3, goal=40),
    Row("one hosting address, 2 % dead", HOSTING, bad=0.02, goal=150),
    Row("no history, one hosting address, 30 % dead", HOSTING, bad=0.3, known=False),
)


class Result(Struct, frozen=True):
    """What came of it."""

    out: int
    tried: int
    level: str
    hurt: str
    """Honest accounts refused, held or blocked; "none" is what it should be."""


def play(row: Row, pace: float, live: Path, world: World, folder: Path) -> Result:
    """One thief.

    Args:
        row: what he does.
        pace: messages a second he tries to hand in.
        live: the unpacked Exim.
        world: where mail goes.
        folder: for all files.
    """
    with asked(live, world, folder, known=row.known) as here:
        port = here.exim.port
        theft = Theft(port, row.clients, row.messages, pace, row.bad, size=row.size, spam=row.spam)
        theft.start()
        failed = honest(port)
        theft.join()
        until(lambda: not _moving(here.exim) or here.watch.dead, "the queue is empty", 120)
        levels = here.watch.levels(THIEF)
        out = out_of(world, theft.started)
        return Result(out, row.messages * row.size, levels[-1] if levels else "clear", hurt(here.watch, failed))


def _moving(exim: Exim) -> set[str]:
    """Messages that wait and are not kept."""
    return exim.queue() - exim.queue(frozen=True)


def waits(port: int, account: str, size: int = 10) -> Iterator[float]:
    """Seconds from RCPT to its answer, for each recipient of one message that is sent."""
    with contextlib.closing(log_in(port, account)) as program:
        program.mail(account)
        for turn in range(size):
            begun = time.perf_counter()
            code, _ = program.rcpt(f"friend{turn}@partner{turn % 4}.example.net")
            yield time.perf_counter() - begun
            assert code == 250
        program.data(letter(account, account))


def times(rounds: int, live: Path, world: World, folder: Path) -> Iterator[tuple[str, list[float]]]:
    """RCPT with and without questions, turn by turn, so that other work on the machine meets both."""
    plain, guarded = list[float](), list[float]()
    bare = start_exim(live, world.port, Rules())
    try:
        with asked(live, world, folder) as here:
            for account in islice(cycle(ACCOUNTS[10:]), rounds):
                plain += waits(bare.port, account)
                guarded += waits(here.exim.port, account)
    finally:
        bare.stop()
    yield "asks nobody", plain
    yield "asks gatepost", guarded


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.dialogue", description=__doc__)
    parser.add_argument("--pace", type=float, default=20.0, help="messages a second")
    parser.add_argument("--rows", nargs="*", type=int, default=range(1, len(ROWS) + 1), help="which thieves, from 1")
    parser.add_argument("--rounds", type=int, default=90, help="of ten recipients each, for the times")
    wanted = parser.parse_args()
    with staged() as (live, folder, world):
        print("| thief | out | goal | of | level | honest hurt |\n" + "| --- " * 6 + "|")
        for row in (ROWS[number - 1] for number in wanted.rows):
            found = play(row, wanted.pace, live, world, folder)
            goal = row.goal or "none"
            print(f"| {row.name} | {found.out} | {goal} | {found.tried} | {found.level} | {found.hurt} |", flush=True)
        if wanted.rounds:
            _print_times(times(wanted.rounds, live, world, folder))


def _print_times(found: Iterator[tuple[str, list[float]]]) -> None:
    print("\n| Exim | RCPT p50, ms | p99, ms |\n" + "| --- " * 3 + "|")
    for name, seconds in found:
        print(f"| {name} | {1000 * median(seconds):.2f} | {1000 * quantiles(seconds, n=100)[98]:.2f} |")


if __name__ == "__main__":
    main()
