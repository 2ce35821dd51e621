"""Evidence to score and level.

The score is the sum over families of the strongest evidence in each, at most 100: facts inside one family are the
same fact seen twice. Guards (contracts 6, 14): one family alone needs 90 points for block; at least half of the
points that hold or block needs must come from facts that only an authenticated act can cause, so that strangers cannot
push an owner over the edge.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.evidence import Evidence, Family, Level

ALONE = 90.0
"""Points one family needs for block when no other speaks."""


class Levels(Struct, frozen=True, forbid_unknown_fields=True):
    """Score needed for each level."""

    watch: float = 20.0
    throttle: float = 40.0
    hold: float = 60.0
    block: float = 80.0

    def of(self, score: float) -> Level:
        """The level of a score."""
        if score < self.throttle:
            return Level.WATCH if score >= self.watch else Level.CLEAR
        if score < self.hold:
            return Level.THROTTLE
        return Level.BLOCK if score >= self.block else Level.HOLD

    def sooner(self, points: float) -> "Levels":
        """The same with hold and block that many points earlier, though never before throttle."""
        return replace(self, hold=max(self.throttle, self.hold - points), block=max(self.throttle, self.block - points))

    def needed(self, level: Level) -> float:
        """The score of a level."""
        return (0.0, self.watch, self.throttle, self.hold, self.block)[level]


def ranked(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Strongest first; equal points by name, so that the order never depends on history."""
    return tuple(sorted(evidence, key=lambda proof: (-proof.points, proof.detector)))


def counted(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The strongest of each family, strongest first."""
    best: dict[Family, Evidence] = {}
    for proof in ranked(evidence):
        if proof.points > 0:
            best.setdefault(proof.family, proof)
    return tuple(best.values())


def weigh(evidence: Sequence[Evidence], levels: Levels) -> tuple[float, Level, str]:
    """Score, level, and the guard that lowered it ("" when none did)."""
    carrying = counted(evidence)
    score = min(100.0, round(sum(proof.points for proof in carrying), 1))
    level, spared = levels.of(score), ""
    if level == Level.BLOCK and len(carrying) == 1 and score < ALONE:
        level, spared = Level.HOLD, f"one family alone needs {ALONE:.0f} for block"
    acted = sum(proof.points for proof in carrying if proof.acted)
    while level >= Level.HOLD and 2 * acted < levels.needed(level):
        level, spared = Level(level - 1), "strangers without the password can cause most of this"
    demanded = max((proof.demands for proof in evidence), default=Level.CLEAR)
    return score, max(level, demanded), spared
