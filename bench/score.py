"""How good: thieves caught, what they got out, and honest people stopped.

`python -m bench.score --seeds 1 2 3` makes logs of several seeds, replays each, and prints one row for each shape of
theft and one for each honest profile that met a measure, with the evidence of every mistake.
"""

import argparse
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from bench import traffic
from bench.plain import Plain
from bench.thefts import SHAPES
from bench.traffic import Stolen, Truth
from gatepost.core.events import AnyEvent, Submission
from gatepost.core.evidence import Level
from gatepost.core.units import iso
from gatepost.lab.people import LOCAL


class Step(Struct, frozen=True):
    """One change of an account's level."""

    at: float
    account: str
    level: Level
    score: float
    out: int
    """Recipients the thief had reached."""
    words: tuple[str, ...]
    """What each piece of evidence says, with its points."""


class Score(Struct):
    """What became of one log."""

    truth: Truth
    steps: dict[str, list[Step]]

    def peak(self, account: str) -> Level:
        """The highest level an account reached."""
        return max((step.level for step in self.steps.get(account, ())), default=Level.CLEAR)

    def stopped(self, theft: Stolen, level: Level = Level.HOLD) -> Step | None:
        """The first step to a level after a thief began; a log tells whole seconds."""
        steps = self.steps.get(theft.account, ())
        return next((step for step in steps if step.level >= level and step.at >= int(theft.start)), None)


class Loot:
    """Counts what thieves got out, by the second and size of their messages."""

    def __init__(self, thefts: Iterable[Stolen]) -> None:
        self._sent = {theft.account: Counter((int(at), number) for at, number in theft.sent) for theft in thefts}
        self.out: Counter[str] = Counter()

    def see(self, event: AnyEvent) -> None:
        """Count a message when it is a thief's."""
        if not isinstance(event, Submission) or event.account not in self._sent:
            return
        mark = (int(event.at), event.recipients or 0)
        if self._sent[event.account][mark] > 0:
            self._sent[event.account][mark] -= 1
            self.out[event.account] += event.recipients or 0


def steps_of(lines: Iterable[str], truth: Truth, path: Plain) -> Iterator[Step]:
    """Replay lines and tell every change."""
    loot = Loot(truth.thefts)
    for event in path.events(lines):
        loot.see(event)
        for change in path.observe(event):
            words = tuple(f"{proof.points:g} {proof.detector}: {proof.says}" for proof in change.verdict.because)
            out = loot.out[change.account]
            yield Step(change.at, change.account, change.level, change.verdict.score, out, words)


def run(seed: int, accounts: int, days: int, attacks: Sequence[str]) -> Score:
    """Make a log and replay it."""
    text = io.StringIO()
    truth = traffic.write(text, seed=seed, accounts=accounts, days=days, attacks=attacks)
    steps: dict[str, list[Step]] = defaultdict(list)
    for step in steps_of(text.getvalue().splitlines(), truth, Plain(LOCAL)):
        steps[step.account].append(step)
    return Score(truth, steps)


def thefts_table(scores: Sequence[Score]) -> Iterator[str]:
    """One row for each shape."""
    yield f"{'theft':<10} {'number':>6} {'held':>5} {'blocked':>7} {'out: median':>11} {'most':>6} {'of':>6}"
    for shape in SHAPES:
        pairs = [(score, theft) for score in scores for theft in score.truth.thefts if theft.shape == shape]
        if not pairs:
            continue
        out = sorted(step.out if (step := score.stopped(theft)) else theft.recipients for score, theft in pairs)
        held = sum(score.stopped(theft) is not None for score, theft in pairs)
        blocked = sum(score.stopped(theft, Level.BLOCK) is not None for score, theft in pairs)
        whole = max(theft.recipients for _, theft in pairs)
        yield f"{shape:<10} {len(pairs):>6} {held:>5} {blocked:>7} {out[len(out) // 2]:>11} {out[-1]:>6} {whole:>6}"


def honest_table(scores: Sequence[Score]) -> Iterator[str]:
    """One row for each profile: how many accounts reached which level."""
    reached: dict[str, list[Level]] = defaultdict(list)
    for score in scores:
        for account, profile in score.truth.accounts.items():
            if account not in score.truth.stolen:
                reached[profile].append(score.peak(account))
    yield f"{'honest':<10} {'accounts':>8} {'watch':>6} {'throttle':>8} {'hold':>5} {'block':>6}"
    for profile, levels in reached.items():
        counts = [levels.count(level) for level in (Level.WATCH, Level.THROTTLE, Level.HOLD, Level.BLOCK)]
        yield f"{profile:<10} {len(levels):>8} {counts[0]:>6} {counts[1]:>8} {counts[2]:>5} {counts[3]:>6}"


def mistakes(scores: Sequence[Score], at_least: Level) -> Iterator[str]:
    """Every honest account that was stopped, and every thief who was not, with the evidence."""
    for score in scores:
        for account, profile in score.truth.accounts.items():
            if account not in score.truth.stolen and score.peak(account) >= at_least:
                step = max(score.steps[account], key=lambda one: one.level)
                yield f"seed {score.truth.seed} honest {profile} {account}: {_told(step)}"
        for theft in score.truth.thefts:
            yield from _wronged(score, theft)


def _wronged(score: Score, theft: Stolen) -> Iterator[str]:
    """A theft that was missed, and a victim who was stopped before it."""
    steps = score.steps.get(theft.account, ())
    after = [step for step in steps if step.at >= int(theft.start)]
    who = f"seed {score.truth.seed} {theft.shape} {theft.account}"
    if score.stopped(theft) is None:
        best = max(after, key=lambda step: step.score, default=None)
        yield f"{who}: missed: {_told(best) if best else 'nothing'}"
    if any(step.level >= Level.HOLD for step in steps if step not in after):
        yield f"{who}: held before the theft"


def _told(step: Step) -> str:
    return f"{step.level.word} {step.score:g} at {iso(step.at)} | " + " | ".join(step.words)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--days", type=int, default=12)
    parser.add_argument("--each", type=int, default=2, help="thefts of each shape")
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--throttled", action="store_true", help="also tell why honest accounts were throttled")
    asked = parser.parse_args()
    scores = [run(seed, asked.accounts, asked.days, tuple(asked.shapes) * asked.each) for seed in asked.seeds]
    for table in (thefts_table(scores), honest_table(scores)):
        print("\n".join(table), end="\n\n")
    print("\n".join(mistakes(scores, Level.THROTTLE if asked.throttled else Level.HOLD)))


if __name__ == "__main__":
    main()
