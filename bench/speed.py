"""Whole-path speed beside programs everybody knows, in one run on one log."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bench import peers, traffic
from bench.measure import Cost, own, run
from bench.traffic import Server, Truth

ACCOUNTS = 2000
LISTS = 40
"""Servers of mailing lists: so many that about 60 % of the lines are deliveries."""


PEERS: dict[Server, tuple[str, Callable[[], list[str]], tuple[str, ...]]] = {
    "exim": ("eximstats -nr -nt", peers.eximstats, ("-nr", "-nt")),
    "postfix": ("pflogsumm", peers.pflogsumm, ()),
}
"""Whom we race on each server's log: name, command, arguments."""


class Log(Struct, frozen=True):
    """The log that is read."""

    path: Path
    truth: Truth
    octets: int
    server: Server = "exim"


class Row(Struct, frozen=True):
    """One program's run."""

    name: str
    cost: Cost | None
    why: str = ""
    """Why it did not run."""


def make(lines: int, seed: int, server: Server = "exim") -> Log:
    """Write the log into a folder of this process; Exim's with 16-character ids, which every eximstats can read."""
    path = own() / f"{'mainlog' if server == 'exim' else 'maillog'}-{lines}"
    small = max(40, min(ACCOUNTS, lines // 100))
    with path.open("w") as out:
        truth = traffic.write(
            out, seed=seed, accounts=small, days=10, lines=lines, lists=small * LISTS // ACCOUNTS, short_ids=True,
            attacks=("blast", "botnet", "slow", "washed"), server=server,
        )  # fmt: skip
    return Log(path, truth, path.stat().st_size, server)


def race(log: Log) -> Iterator[Row]:
    """Run each program over the log, one after the other."""
    yield Row("gatepost replay --format jsonl", replay("jsonl", log.path))
    yield Row("its reading and joining alone", run((sys.executable, "-m", "bench.joined", str(log.path))))
    name, command, arguments = PEERS[log.server]
    try:
        yield Row(name, run([*command(), *arguments, str(log.path)]))
    except peers.Missing as missing:
        yield Row(name, None, str(missing))
    grep, word = shutil.which("grep"), " => " if log.server == "exim" else "status=sent"
    yield Row("grep -c", run([grep, "-c", word, str(log.path)]) if grep else None, "no grep on this machine")


def counts(log: Log) -> tuple[int, int, int]:
    """What a replay says of the log: lines, unread lines, outcomes without a message."""
    totals = json.loads(replay("json", log.path).said)["totals"]
    return totals["lines"], sum(totals["unread"].values()), totals["unjoined"]


def replay(form: str, log: Path) -> Cost:
    """Run gatepost over a log with an empty configuration, so that none of the machine's own is found."""
    config = own() / "defaults.toml"
    config.write_text("")
    command = (sys.executable, "-m", "gatepost", "replay", "--zone", "UTC", "--config", str(config), "--format", form)
    return run([*command, str(log)])


def table(rows: Sequence[Row], log: Log) -> Iterator[str]:
    """The race as text; speed is in processor time, gatepost being 1."""
    mix = ", ".join(f"{number / log.truth.lines:.1%} {kind}" for kind, number in _ranked(log))
    yield f"{log.truth.lines:,} lines, {log.octets / 1e6:,.0f} MB, seed {log.truth.seed}: {mix}"
    names = f"{'wall s':>8} {'cpu s':>8} {'lines/s wall':>12} {'lines/s cpu':>12} {'speed':>8} {'MB':>6}"
    yield f"{'program':<32} {names}"
    ours = rows[0].cost
    for row in rows:
        if row.cost is None or ours is None:
            yield f"{row.name:<32} skipped: {row.why}"
            continue
        cost, number = row.cost, log.truth.lines
        per_wall, per_cpu = number / cost.wall, number / max(cost.cpu, 1e-3)
        ratio = ours.cpu / max(cost.cpu, 1e-3)
        figures = f"{cost.wall:>8.2f} {cost.cpu:>8.2f} {per_wall:>12,.0f} {per_cpu:>12,.0f} {ratio:>7.1f}x"
        yield f"{row.name:<32} {figures} {cost.peak_octets / 1e6:>6.0f}"


def _ranked(log: Log) -> list[tuple[str, int]]:
    return sorted(log.truth.kinds.items(), key=lambda pair: -pair[1])
