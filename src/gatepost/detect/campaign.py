"""A place from which other accounts were stolen."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from gatepost.core.events import Cursor, Finding
from gatepost.core.evidence import Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Account, spoken
from gatepost.detect.base import Anchors, evidence, graded, named
from gatepost.detect.places import Shared, units
from gatepost.ledger.signals import place_of
from gatepost.ledger.view import View


class Campaign(Shared, frozen=True, kw_only=True):
    """A strange access from a place, with a program, that accounts at hold or block were used from as well.

    Thieves use the same machines for many accounts. Once one of them is stopped, by evidence or by your word, the
    others are known: those that were used there within a day at once, all others at their first message. Only an act
    of its own that is strange to it, network and program, makes an account a suspect; a place where it is at home never
    does.

    One thief among the many users of a new web mail says little about the others: while few of the accounts are
    stopped and the place's mail arrives, it is a third of the points.

    Blind spots: the first of the accounts; machines that are used for one account only.
    """

    family: ClassVar[Family] = Family.HISTORY

    points: Anchors = ((1.0, 42.0), (2.0, 52.0), (4.0, 64.0))  #: stopped accounts of the same place, points
    few: float = 0.1  #: share of the place's accounts below which they count a third, unless its mail fails

    def expose(self, seen: Observation, ledger: View) -> Iterable[Finding]:
        """A stopped account was used here: the others that were are told, each once for each stopped account."""
        accounts = list(self._with_program(seen, ledger))
        stopped = [name for name in accounts if ledger.stopped(name)]
        points = 0.0 if self.shadow else self._weigh(seen, ledger, stopped, len(accounts))
        cursor, says = seen.event.cursor, self._says(seen, stopped)
        for name in (*accounts, *self._new_with_program(seen, ledger)) if points else ():
            if name not in stopped:
                yield Finding(
                    at=seen.event.at,
                    account=Account(name),
                    host=seen.event.host,
                    cursor=Cursor(f"finding {cursor.source}", cursor.generation, cursor.offset),
                    detector=self.name,
                    points=points,
                    text=says,
                )

    def _look(self, seen: Observation, ledger: View) -> Evidence | None:
        accounts = list(self._with_program(seen, ledger))
        found = [name for name in accounts if name != seen.event.account and ledger.stopped(name)]
        points = self._weigh(seen, ledger, found, len(accounts))
        if not points:
            return None
        limit, lasts, values = self.points[0][0], self.within, (place_of(seen), *found)
        says = self._says(seen, found)
        return evidence(self, seen, says, points=points, measured=len(found), limit=limit, lasts=lasts, values=values)

    def _weigh(self, seen: Observation, ledger: View, stopped: Sequence[str], accounts: int) -> float:
        """Points; one thief among many at a place whose mail arrives says little about the others."""
        points = graded(units(seen, len(stopped)), self.points)
        many = accounts >= self._accounts.cap or len(stopped) < self.few * accounts
        return points / 3 if many and not self._failing(seen, ledger, accounts) else points

    def _says(self, seen: Observation, found: list[str]) -> str:
        noun = "account that is" if len(found) == 1 else "accounts that are"
        place = seen.origin.block if seen.origin is not None else ""
        return f"{place} used {len(found)} {noun} stopped, in {spoken(self.within)}: {named(found, 3)}"
