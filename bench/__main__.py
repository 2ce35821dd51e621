"""`make bench`: speed beside peers, where the time goes, and what an account weighs.

`python -m bench` makes a log of a million lines and prints every figure of docs/benchmarks.md but the million
accounts, which `python -m bench --memory` prints. `--smoke` does speed and memory on a small scale in seconds.
"""

import argparse
import platform
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from bench import bounces, flush, listen, million, sizes, speed, steps
from bench.measure import own
from bench.steps import Took

SAMPLE = 200_000
"""Lines measured one by one."""
FLUSHES = 6
"""Times ten seconds of a busy server."""
MANY = 22_000
"""Accounts of the smoke run: more than are kept hot, so that pages are stored and come back."""


def main() -> int:
    """Print the tables; 1 when a replay did not read what was written."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the log")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", action="store_true", help="replay very many accounts instead")
    parser.add_argument("--accounts", type=int, default=1_000_000, help="how many, with --memory")
    parser.add_argument("--smoke", action="store_true", help="20,000 lines and 22,000 accounts")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {_processor()}")
    if asked.smoke:
        return max(_speed(20_000, asked.seed), _memory(MANY), _listen(5_000, 2, asked.seed))
    if asked.memory:
        return _memory(asked.accounts)
    _flush(100_000, FLUSHES, asked.seed)
    return max(_speed(asked.lines, asked.seed), _listen(listen.RATE, listen.SECONDS, asked.seed))


def _processor() -> str:
    """The processor's own name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or "unknown processor"


def _speed(lines: int, seed: int) -> int:
    log = speed.make(lines, seed)
    whole = _race("Whole path, one process, one after the other", log)
    whole &= _race("The same on a Postfix log", speed.make(lines, seed, "postfix"))
    with log.path.open() as text:
        sample = [line.rstrip("\n") for line in islice(text, SAMPLE)]
    _times("Whole path by class of line, microseconds of processor", steps.lines(sample))
    _times("Engine by case of observation, microseconds of processor", steps.observations(sample))
    _weights(sizes.measure(sample))
    print("\nRefusals classified, texts in a second of processor")
    print("\n".join(bounces.table(lines // 10)))
    return 0 if whole else 1


def _race(title: str, log: speed.Log) -> bool:
    """Print a race; whether the replay read what was written."""
    print(f"\n{title}")
    print("\n".join(speed.table(list(speed.race(log)), log)))
    read, unread, unjoined = speed.counts(log)
    print(f"replay read {read:,} lines, {unread} unread, {unjoined} outcomes without a message")
    return (read, unread, unjoined) == (log.truth.lines, 0, 0)


def _listen(rate: int, seconds: float, seed: int) -> int:
    print(f"\nSyslog from another host, {rate:,} lines/s offered for {seconds:g} s, whole path on one core")
    rows, failed = listen.table(rate, seconds, seed)
    print("\n".join(rows))
    return 1 if failed else 0


def _times(title: str, rows: Sequence[Took]) -> None:
    print(f"\n{title}\n{'class':<32} {'number':>9} {'mean':>8}")
    for row in rows:
        print(f"{row.name:<32} {row.number:>9,} {row.mean:>8.2f}")


def _weights(found: sizes.Sizes) -> None:
    print(f"\nOctets of the pages of {found.accounts:,} accounts{'':<5} {'median':>9} {'95 %':>9} {'largest':>9}")
    for name, values in (("encoded", found.encoded), ("hot", found.hot)):
        print(f"{name:<40} {values[0]:>9,} {values[1]:>9,} {values[2]:>9,}")
    print(f"{'SQLite file, an account':<40} {found.in_sqlite:>9,.0f}")
    print(f"{'by kind, mean':<40} {'encoded':>9} {'hot':>9}")
    for kind, coded, hot in found.kinds:
        print(f"  {kind:<38} {coded:>9,.0f} {hot:>9,.0f}")


def _flush(accounts: int, flushes: int, seed: int) -> None:
    """What is written to disk."""
    try:
        found = flush.measure(accounts, flushes, seed)
    except OSError as error:
        print(f"\nWritten to disk: skipped: this system does not tell what a process writes ({error})")
        return
    print(f"\nWritten to disk at {flush.RATE:,} lines/s over {found.accounts:,} accounts,", end=" ")
    print(f"{found.seconds:.0f} s: {found.rate:,.0f} bytes/s, {found.pages:,} pages; goal {flush.MOST:,} bytes/s")


def _memory(accounts: int) -> int:
    path = own() / f"accounts-{accounts}"
    lines = million.write(path, accounts)
    cost = speed.replay("jsonl", path)
    print(f"\n{accounts:,} accounts, two messages each, {lines:,} lines:", end=" ")
    print(f"{cost.peak_octets / 1e6:,.0f} MB at most, {lines / cost.wall:,.0f} lines/s, {cost.wall:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
