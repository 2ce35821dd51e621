"""Verdict to level: exemptions, protected accounts, pardons."""

from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.events import Instruction
from gatepost.core.evidence import Evidence, Family, Level, Verdict
from gatepost.core.units import Account, Instant, iso
from gatepost.judge.score import Levels, ranked, weigh
from gatepost.ledger.measures import STOLEN
from gatepost.ledger.page import Page
from gatepost.ledger.proofs import CACHED, whole


class Policy(Struct, frozen=True):
    """What the operator decided beforehand."""

    levels: Levels = Levels()
    exempt: frozenset[str] = frozenset()
    """Accounts that are never measured against."""
    protected: frozenset[str] = frozenset()
    """Accounts that are reported, never stopped."""
    sooner: float = 10.0
    """Points by which hold and block come sooner while a theft is remembered."""

    def verdict(self, page: Page, account: Account, at: Instant) -> Verdict:
        """All that stands on a page at one moment, and the level it carries."""
        because, score, level, spared = self._weighed(page, at)
        verdict = Verdict(account=account, at=at, score=score, level=level, because=because, spared=spared)
        most, why = self._most(page, account, at)
        if level > most and not _operator(because):
            return replace(verdict, level=most, spared=why)
        return verdict

    def _weighed(self, page: Page, at: Instant) -> "Weighed":
        """Evidence, score, level, and why it is another than the score's."""
        weighed = _weighed(page.standing.octets, self.levels)
        if self.sooner and page.hostile.get(STOLEN, 0.0) > at:
            because, score, level, _ = weighed
            again = _weighed(page.standing.octets, self.levels.sooner(self.sooner))[2]
            if again > level:
                why = f"stolen within the last 30 days: hold and block come {self.sooner:g} points sooner"
                return because, score, again, why
        return weighed

    def _most(self, page: Page, account: Account, at: Instant) -> tuple[Level, str]:
        pardon = page.pardon
        if pardon is not None and (pardon.until is None or pardon.until > at):
            end = f" until {iso(pardon.until)}" if pardon.until is not None else ""
            return Level.WATCH, f"exempt by {pardon.by}{end}: {pardon.reason}"
        if account in self.exempt:
            return Level.WATCH, "exempt by configuration"
        if account in self.protected:
            return Level.WATCH, "protected account: reported, never stopped"
        return Level.BLOCK, ""


Weighed = tuple[tuple[Evidence, ...], float, Level, str]
"""Evidence, strongest first, its score, its level, and the guard that lowered it."""


@lru_cache(maxsize=CACHED)
def _weighed(octets: tuple[str | bytes, ...], levels: Levels) -> Weighed:
    because = ranked(whole(octets))
    return because, *weigh(because, levels)


def _operator(because: tuple[Evidence, ...]) -> bool:
    """Whether the operator himself asked for a block."""
    return any(proof.detector == OPERATOR for proof in because)


OPERATOR = "operator"
"""The detector name under which an operator's own block stands."""

FOREVER = Instant(4102444800.0)
"""2100-01-01: the end of evidence that only an operator ends."""


def by_operator(told: Instruction) -> Evidence:
    """The operator's own block, as evidence."""
    return Evidence(
        detector=OPERATOR,
        family=Family.HISTORY,
        points=0.0,
        since=told.at,
        until=FOREVER,
        says=f"blocked by {told.by}: {told.reason}" if told.reason else f"blocked by {told.by}",
        measured=1.0,
        limit=1.0,
        demands=Level.BLOCK,
        cites=(told.cursor,),
    )
