"""The whole experiment: made logs of several seeds, replayed as an operator would, in one table.

Three kinds of log for each seed: ten days of which seven are clean, then every shape of theft; fourteen honest days;
and a cold log of three days, one of them clean. `gatepost replay` reads them as a process of its own with its shipped
configuration; the baselines see the same stories.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from gatepost.core.errors import SourceError
from gatepost.lab import baselines
from gatepost.lab.generate import DOMAINS, WRITERS, generate
from gatepost.lab.score import Score, read_detections, score
from gatepost.lab.stealth import CAMPAIGN, SHAPES
from gatepost.lab.story import Story
from gatepost.lab.truth import Recipe, Truth

GATEPOST = "gatepost"
ALL = (*SHAPES, CAMPAIGN)
RIVALS = (*baselines.RULES, baselines.TOGETHER)


class Log(Struct, frozen=True):
    """One made log of the experiment."""

    kind: str
    """attacked, honest or cold."""
    recipe: Recipe
    grace: float
    """Days that do not count against honest accounts."""


class Result(Struct, frozen=True):
    """What everybody said about one log."""

    log: Log
    scores: dict[str, Score]
    """By who said it: `GATEPOST`, the baselines."""


def logs(seeds: Sequence[int], accounts: int, each: int) -> Iterator[Log]:
    """The logs of the experiment."""
    for seed in seeds:
        yield Log("attacked", Recipe(seed=seed, accounts=accounts, days=10, clean=7, attacks=ALL, each=each), 3)
        yield Log("honest", Recipe(seed=seed, accounts=accounts, days=14), 3)
        yield Log("cold", Recipe(seed=seed, accounts=accounts, days=3, clean=1, attacks=ALL, each=each), 1)


def experiment(
    wanted: Sequence[Log], mta: str, workers: int, *, config: Path | None = None, tell: Callable[[str], None]
) -> list[Result]:
    """Make, replay and score every log.

    Args:
        wanted: which logs.
        mta: a key of `WRITERS`.
        workers: processes at a time.
        config: a configuration to replay with in place of the shipped defaults.
        tell: is called with a line for each finished log.

    Raises:
        ConfigError: a recipe cannot be told.
        SourceError: `gatepost replay` failed; with its words.
    """
    found = []
    with ProcessPoolExecutor(workers) as pool:
        for result in pool.map(run, wanted, [mta] * len(wanted), [config] * len(wanted)):
            tell(f"seed {result.log.recipe.seed} {result.log.kind}: done")
            found.append(result)
    return found


def run(log: Log, mta: str, config: Path | None) -> Result:
    """Make, replay and score one log."""
    with TemporaryDirectory(prefix="gatepost-lab-") as name:
        folder = Path(name)
        truth = generate(log.recipe, mta, folder)
        said = read_detections(replay(folder, mta, config), "replay")
        return Result(log, {GATEPOST: score(truth, said, log.grace)} | rivals(truth, log.grace))


def rivals(truth: Truth, grace: float) -> dict[str, Score]:
    """What today's rules make of the same story."""
    return {who: score(truth, said, grace) for who, said in baselines.run(Story(truth.recipe).days()).items()}


def replay(folder: Path, mta: str, config: Path | None) -> list[bytes]:
    """What `gatepost replay` says about a made log, line by line."""
    options = ["--config", str(config)] if config else ["--domains", str(folder / DOMAINS)]
    command = [sys.executable, "-m", "gatepost", "replay", "--format", "jsonl", *options]
    done = subprocess.run([*command, str(folder / WRITERS[mta].name)], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        msg = f"gatepost replay failed on the made log: {done.stderr.decode(errors='replace').strip()[-500:]}"
        raise SourceError(msg)
    return done.stdout.splitlines()
