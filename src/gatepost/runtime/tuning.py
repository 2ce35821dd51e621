"""What other thresholds would have cost on an operator's own logs, and which he is proposed.

A stop is wrong until somebody says that it was a theft: what nobody judged counts against the threshold. How little a
short log says is said in numbers: the largest rate under which so few wrong stops would still happen once in twenty
logs.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import exp, inf
from typing import Literal

from msgspec import Struct

from gatepost.core.events import Instruction
from gatepost.core.evidence import Level
from gatepost.core.incident import Incident, State
from gatepost.core.units import DAY, Account
from gatepost.judge.score import Levels, counted, weigh
from gatepost.runtime.differences import Side, sides

LEARNING = 3.0
"""Days from the beginning of the log that are not judged: nothing is known of anybody yet."""

MONTH = 30.0
STEP = 5
HIGHEST = 95
DOUBT = 0.05
"""One log in twenty."""

Said = Literal["theft", "honest", ""]


class Word(Struct, frozen=True):
    """What the operator said of an incident in the state."""

    account: Account
    since: float
    until: float
    said: Said

    def about(self, account: Account, at: float) -> bool:
        """Whether a stop at this time is that incident: a threshold may come to it up to a day earlier."""
        return account == self.account and self.since - DAY <= at <= self.until


class Row(Struct, frozen=True):
    """One threshold, and what it would have cost."""

    levels: Levels
    days: float
    """That count."""
    confirmed: tuple[Side, ...]
    """Stops that the operator called a theft."""
    honest: tuple[Account, ...]
    """Stops that he called wrong."""
    unsaid: tuple[Account, ...]
    """Stops that nobody judged."""
    missed: int
    """Thefts he knows of that it does not stop."""
    doubtful: tuple[Side, ...]
    """The stops of both kinds that are not confirmed."""
    early: int = 0
    """Accounts stopped while it was learning."""

    @property
    def wrong(self) -> int:
        """Stops that are not known to be thefts."""
        return len(self.doubtful)

    @property
    def monthly(self) -> float:
        """These in thirty days."""
        return self.wrong * MONTH / self.days

    @property
    def at_most(self) -> float:
        """The most a month that such a log does not contradict, with 95 % confidence."""
        return most(self.wrong) * MONTH / self.days

    @property
    def out(self) -> int:
        """Recipients that the confirmed thieves reached before they were stopped."""
        return sum(side.out_before for side in self.confirmed)


def most(happened: int) -> float:
    """The largest mean of a Poisson distribution under which so few happen in one case of twenty; of 0 it is 3.0.

    Source: F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936); for 0, the rule of three.
    """
    low, high = float(happened), 2.0 * happened + 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(happened, middle) > DOUBT else (low, middle)
    return high


def _chance(most_of: int, mean: float) -> float:
    """The chance of at most so many."""
    term = total = exp(-mean)
    for number in range(1, most_of + 1):
        term *= mean / number
        total += term
    return total


def candidates(present: Levels) -> list[Levels]:
    """The present levels, and others with hold in steps above throttle and block as far behind it, ascending."""
    behind = present.block - present.hold
    steps = range(int(present.throttle // STEP + 1) * STEP, HIGHEST + 1, STEP)
    found = {float(hold): min(100.0, hold + behind) for hold in steps} | {present.hold: present.block}
    return [
        Levels(present.watch, present.throttle, hold, block) for hold, block in sorted(found.items()) if hold < block
    ]


def words(incidents: Iterable[Incident], told: Iterable[Instruction]) -> list[Word]:
    """What the operator said: `confirm` and `--password-changed` of thefts, `--honest` of wrong ones."""
    releases = {(one.account, one.at): one.how for one in told if one.verb == "release"}
    return [
        Word(one.account, one.hostile_since or one.opened, _until(one), said)
        for one in incidents
        if (said := _said(one, releases.get((one.account, one.changed), "")))
    ]


def _until(incident: Incident) -> float:
    return incident.changed if incident.state is State.RELEASED else inf


def _said(incident: Incident, how: str) -> Said:
    if incident.state is State.CONFIRMED or how == "password-changed":
        return "theft"
    return "honest" if how == "honest" else ""


def row(levels: Levels, incidents: Iterable[Incident], said: Sequence[Word], first: float, last: float) -> Row:
    """What one threshold would have cost.

    Args:
        levels: the threshold.
        incidents: of a replay with it.
        said: what the operator said.
        first: the time of the first line.
        last: that of the last; later than the days of learning.
    """
    begins = first + LEARNING * DAY
    stopped = {account: side for account, side in sides(incidents).items() if side.stopped}
    judged = {account: side for account, side in stopped.items() if side.reached >= begins}
    meant = {account: _meant(account, side, said) for account, side in judged.items()}
    thefts = {one.account for one in said if one.said == "theft" and begins <= one.since <= last}
    by = {word: tuple(account for account, one in meant.items() if one == word) for word in ("theft", "honest", "")}
    return Row(
        levels=levels,
        days=(last - begins) / DAY,
        confirmed=tuple(judged[account] for account in by["theft"]),
        honest=by["honest"],
        unsaid=by[""],
        missed=len(thefts - stopped.keys()),
        doubtful=tuple(judged[account] for account in chain(by["honest"], by[""])),
        early=len(stopped) - len(judged),
    )


def _meant(account: Account, side: Side, said: Sequence[Word]) -> Said:
    return next((one.said for one in said if one.about(account, side.reached)), "")


class Tuned(Struct, frozen=True):
    """Every threshold that was tried, ascending, and the wish."""

    rows: tuple[Row, ...]
    present: Levels
    """Those in force; one of the rows is theirs."""
    wish: float
    """Wrong stops in thirty days that can be borne."""

    @property
    def now(self) -> Row:
        """The row of the present levels."""
        return next(one for one in self.rows if one.levels == self.present)

    @property
    def proposal(self) -> Row | None:
        """The lowest row that keeps the wish; None when none does.

        Above the present threshold it is enough that the wish was kept in this log. Below it the log must be long
        enough to say so with confidence: nothing is made stricter because a short log had no mishap.
        """
        for one in self.rows:
            figure = one.monthly if one.levels.hold >= self.present.hold else one.at_most
            if figure <= self.wish:
                return one
        return None

    @property
    def undecided(self) -> bool:
        """Whether the present levels break the wish only by stops that nobody judged."""
        now = self.now
        return now.monthly > self.wish >= len(now.honest) * MONTH / now.days

    @property
    def needed(self) -> float:
        """Days without one wrong stop after which a log promises the wish, by the rule of three."""
        return most(0) * MONTH / self.wish


def without(one: Row) -> Mapping[str, tuple[int, int]]:
    """By detector: how many doubtful and how many confirmed stops would not have been without its points."""
    names = {proof.detector for side in (*one.doubtful, *one.confirmed) for proof in counted(side.verdict.because)}
    found = {name: (_fewer(name, one.doubtful, one.levels), _fewer(name, one.confirmed, one.levels)) for name in names}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1][0], pair[1][1], pair[0])))


def _fewer(name: str, found: Sequence[Side], levels: Levels) -> int:
    rests = ([proof for proof in side.verdict.because if proof.detector != name] for side in found)
    return sum(weigh(rest, levels)[1] < Level.HOLD for rest in rests)
