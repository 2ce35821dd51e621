"""One place that uses many accounts, to each of which it is strange."""

from typing import ClassVar

from msgspec.structs import replace

from gatepost.core.evidence import Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import spoken
from gatepost.detect.base import MAX_VALUES, Anchors, evidence, graded
from gatepost.detect.places import Shared, units
from gatepost.ledger.signals import place_of
from gatepost.ledger.view import View


class Crowd(Shared, frozen=True, kw_only=True):
    """One place (/24, IPv6 /56, a rented server) that uses several accounts with one class of program.

    Only access counts that is strange to its account: neither network nor program is a habit. So the neighbours behind
    one address, colleagues at a conference and the users of a web mail are no crowd, and nobody is a suspect for what
    others do at a place where he is at home. What is left that is honest is a new web mail, or a new office with new
    programs; their mail arrives. So a crowd alone stays at watch, and counts when recipients of several of the
    accounts do not exist or refuse the mail.

    Blind spots: a thief with a place of its own for each account; Postfix logs no greeting, so that a thief's program
    is often a habit there.
    """

    family: ClassVar[Family] = Family.ORIGIN

    points: Anchors = ((3.0, 19.0), (10.0, 24.0))  #: accounts of one place, points
    failing_points: Anchors = ((2.0, 24.0), (3.0, 40.0), (5.0, 58.0), (8.0, 70.0))  #: the same when its mail fails
    further: float = 8.0  #: added for each further such place that the account was used from
    most: float = 36.0  #: most points of all places together
    failing_most: float = 78.0  #: the same when the mail of the last one fails

    def _look(self, seen: Observation, ledger: View) -> Evidence | None:
        number = len(list(self._with_program(seen, ledger)))
        failing = self._failing(seen, ledger, number)
        anchors = self.failing_points if failing else self.points
        points = graded(units(seen, number), anchors)
        if not points or seen.origin is None:
            return None
        accounts = f"{number} or more" if number >= self._accounts.cap else number
        says = f"{accounts} accounts, each a stranger there, from {seen.origin.block} in {spoken(self.within)}"
        if failing:
            says += f"; of {failing} of them recipients do not exist or refused the mail"
        limit, values = anchors[0][0], (place_of(seen),)
        return evidence(self, seen, says, points=points, measured=number, limit=limit, lasts=self.within, values=values)

    def _besides(self, seen: Observation, found: Evidence, before: Evidence, ledger: View) -> Evidence | None:
        """One more such place is one more fact; a place that was counted is not counted again."""
        if found.values[0] in before.values:
            return found if found.points > before.points else None
        most, strongest = self._most(seen, ledger, found), max(found.points, before.points)
        points = 0.0 if self.shadow else max(strongest, min(most, strongest + self.further))
        values = (*found.values, *before.values)[:MAX_VALUES]
        return replace(found, points=points, values=values, says=f"{found.says}; {len(values)} such places")

    def _most(self, seen: Observation, ledger: View, found: Evidence) -> float:
        return self.failing_most if self._failing(seen, ledger, int(found.measured)) else self.most
