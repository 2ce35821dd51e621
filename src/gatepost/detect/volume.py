"""More recipients than is usual for this account, above all through strange access."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, Wakes, evidence, graded
from gatepost.ledger.measures import Count, Daily, Measure, Only
from gatepost.ledger.view import View

QUARTER, DAY = Seconds(6 * 3600), Seconds(86400)
AT_MOST = 15
"""Recipients of one message that count."""

PERSONS: Only = (("kind", ("consumer", "mobile", "tor", "unknown", "vpn")),)
"""Kinds of network in which people are, not servers."""

CIRCULAR = 25
"""The same of each further one: nobody writes one letter to everybody twice."""

EACH = 1.8
"""Recipients a message below which a program may have written them one by one."""

CLEAN = 12
"""Outcomes that make a share of failures."""


class Volume(Detector, frozen=True, kw_only=True):
    """More recipients than is usual for this account.

    Two comparisons, the stronger speaks. *Strange*: recipients the account never wrote to, within an hour through a
    network or program it has no habit of, as a multiple of how many it usually meets in a whole day; the first message
    counts as at most 15 of them, each further one as 25. People write from hotels and new telephones to people they
    know; thieves' lists are of strangers. Where the log does not name recipients all of them count. *Usual places*:
    recipients in 24 hours as a multiple of the usual day; this alone never reaches hold, because people do have busy
    days and shops have forms that strangers fill in.

    Blind spots: a thief on the owner's own network and program who stays near the owner's usual day, or who writes to
    the owner's own contacts; an owner who moves house, changes the program and writes to strangers on the same day.
    """

    family: ClassVar[Family] = Family.VOLUME
    on: ClassVar[tuple[str, ...]] = ("submission", "more")

    within: Seconds = Seconds(3600)  #: window for strange access
    least: int = 12  #: a usual day counts as at least this many recipients
    least_young: int = 50  #: the same while the account has no history of five clean days
    strangers: int = 5  #: a usual day counts as at least this many recipients never written to
    strangers_most: int = 25  #: where network and program are both strange, a usual day counts as no more than this
    strangers_young: int = 50  #: the same while the account has no history of five clean days
    contacts_most: int = 15  #: for recipients of any kind a usual day counts as no more than this there
    half: float = 0.9  #: weight of a recipient through half-strange access
    strange_points: Anchors = ((1.0, 12.0), (2.0, 30.0), (5.0, 41.0), (12.0, 75.0))  #: multiple of the usual
    contact_points: Anchors = (
        (1.5, 15.0),
        (2.5, 30.0),
        (3.0, 42.0),
        (6.0, 50.0),
    )  #: multiple of a usual day of any recipients
    usual_points: Anchors = ((5.0, 10.0), (15.0, 30.0), (60.0, 55.0))  #: multiple of a usual day, points
    young_most: float = 35  #: most points for strange access while the account has fewer than three clean days
    unknown_most: float = 24  #: the same on the account's first day
    begun_most: float = 48  #: the same when network and program both began after its first day
    clean: float = 0.05  #: share of failures up to which the last hour's mail went well; one more is ill luck
    failing: float = 0.08  #: share of failures above which it fails as a bought list does
    failing_most: float = 60  #: most points for strange access of a young account while it does
    clean_most: float = 40.0  #: most points for strange access while it did
    usual_least: int = 100  #: recipients in 24h below which the usual places raise nothing
    bulk: tuple[str, ...] = ()  #: accounts whose busy days through usual places say nothing (role = "bulk")

    def measures(self) -> tuple[Measure, ...]:
        """Strangers and messages by access, recipients, and the usual day of both."""
        usual = (self._usual, self._usual_strangers)
        return (*self._strange, *self._half, self._reached, self._all, self._resolved, self._suspect, *usual)

    def wakes(self) -> Wakes:
        """Half of what strange and half-strange access need together, each; or a busy day."""
        needed = self.strange_points[0][0] * min(self.strangers, self.strangers_young)
        strange, half = (self._strange[0], needed / 2), (self._half[0], needed / 2 / max(self.half, 1e-9))
        return (strange, half, self._to_contacts, (self._all, self.usual_least))

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """The strongest of the three comparisons."""
        told = (self._by_strangers(seen, ledger), self._by_contacts(seen, ledger), self._by_owner(seen, ledger))
        found = [proof for proof in told if proof]
        if found:
            return max(found, key=lambda proof: proof.points)
        return WITHDRAWN

    def wakes_young(self) -> Wakes:
        """The same against the usual day of an account without history."""
        needed = self.strange_points[0][0] * min(self.least, self.strangers_young)
        return (
            (self._strange[0], needed / 2),
            (self._half[0], needed / 2 / max(self.half, 1e-9)),
            self._to_contacts,
            (self._all, self.usual_least),
        )

    @cached_property
    def _to_contacts(self) -> tuple[Count, float]:
        return self._reached, self.contact_points[0][0] * self.least

    def _by_strangers(self, seen: Observation, ledger: View) -> Evidence | None:
        strange, half = (self._weighed(ledger, pair) for pair in (self._strange, self._half))
        if not strange and not half:
            return None
        begun = ledger.young and not ledger.unknown
        usual = self._usual_day(ledger, self._usual_strangers, self.strangers, self.strangers_young)
        if begun:
            usual = max(self.least, ledger.usual(self._usual_strangers, alone=True).value)
        known = ledger.usual(self._usual_strangers).mature
        times = strange / (min(usual, self.strangers_most) if known else usual) + self.half * half / usual
        points = graded(times, self.strange_points)
        if ledger.young:
            points = min(points, self._young_most(ledger, strange))
        if self._clean(ledger) or self._one_by_one(ledger):
            points = min(points, self.clean_most)
        if not points:
            return None
        count = ledger.count(self._strange[0]) + ledger.count(self._half[0])
        where = "a network and a program" if strange else "a network or a program"
        who = f"{count} recipients never written to in {spoken(self.within)}"
        says = f"{who} through {where} without habit, usual {usual:.0f} a day"
        return evidence(self, seen, says, points=points, measured=count, limit=usual, lasts=DAY)

    def _young_most(self, ledger: View, strange: int) -> float:
        if ledger.unknown:
            return self.unknown_most
        if strange:
            return self.begun_most
        return self.failing_most if self._fails(ledger) else self.young_most

    def _by_contacts(self, seen: Observation, ledger: View) -> Evidence | None:
        """Recipients known or not: a letter to all contacts, from where the account has never been.

        Not from a rented server: there a program of the owner's may write to all customers.
        """
        reached = _capped(ledger.count(self._reached), ledger.count(self._strange[1]))
        if reached < self.contact_points[0][0] * self.least:
            return None
        own = ledger.usual(self._usual, alone=True)
        usual = max(self.least, min(own.value, self.contacts_most)) if own.mature else max(2 * self.least, own.value)
        points = graded(reached / usual, self.contact_points)
        if ledger.young:
            points = min(points, self.clean_most)
        if not points:
            return None
        says = f"{reached} recipients in {spoken(self.within)} through a network and a program without habit"
        says += f", usual {usual:.0f} a day"
        return evidence(self, seen, says, points=points, measured=reached, limit=usual, lasts=DAY)

    def _by_owner(self, seen: Observation, ledger: View) -> Evidence | None:
        count = ledger.count(self._all)
        if count < self.usual_least or seen.event.account in self.bulk:
            return None
        usual = self._usual_day(ledger, self._usual, self.least, self.least_young)
        points = graded(count / usual, self.usual_points)
        if not points:
            return None
        says = f"{count} recipients in 24h, usual {usual:.0f} a day"
        return evidence(self, seen, says, points=points, measured=count, limit=usual, lasts=QUARTER, acted=False)

    def _clean(self, ledger: View) -> bool:
        """Whether nearly everything of the last hour arrived: nobody's bought list does."""
        return self._loses(ledger, self.clean) is False

    def _fails(self, ledger: View) -> bool:
        """Whether the last hour's mail fails as a bought list does."""
        return self._loses(ledger, self.failing) is True

    def _loses(self, ledger: View, share: float) -> bool | None:
        """Whether more than a share of the last hour's mail failed, one besides; None: that is too little to say."""
        resolved = ledger.count(self._resolved)
        return ledger.count(self._suspect) > 1 + share * resolved if resolved >= CLEAN else None

    def _one_by_one(self, ledger: View) -> bool:
        """Whether all of it comes from rented servers, one recipient a message: a newly connected program does so.

        Thieves may, too; then their list must fail before they are held.
        """
        strangers, messages = (ledger.count(one) for one in self._strange)
        return bool(messages) and strangers < EACH * messages and not ledger.count(self._reached)

    def _weighed(self, ledger: View, pair: tuple[Count, Count]) -> int:
        """Strangers, of each message at most so many."""
        strangers = ledger.count(pair[0])
        return strangers and _capped(strangers, ledger.count(pair[1]))

    def _usual_day(self, ledger: View, of: Daily, least: int, least_young: int) -> float:
        usual = ledger.usual(of)
        return max(usual.value, least if usual.mature else least_young)

    @cached_property
    def _strange(self) -> tuple[Count, Count]:
        return (
            Count("recipient.stranger", self.within, when="strange"),
            Count("message.accepted", self.within, when="strange"),
        )

    @cached_property
    def _half(self) -> tuple[Count, Count]:
        return (
            Count("recipient.stranger", self.within, when="half"),
            Count("message.accepted", self.within, when="half"),
        )

    @cached_property
    def _reached(self) -> Count:
        return Count("recipient.accepted", self.within, when="strange", only=PERSONS)

    @cached_property
    def _all(self) -> Count:
        return Count("recipient.accepted", DAY)

    @cached_property
    def _resolved(self) -> Count:
        return Count("delivery.resolved", self.within)

    @cached_property
    def _suspect(self) -> Count:
        return Count("delivery.suspect", self.within)

    @cached_property
    def _usual(self) -> Daily:
        return Daily("recipient.accepted")

    @cached_property
    def _usual_strangers(self) -> Daily:
        return Daily("recipient.stranger")


def _capped(recipients: int, messages: int) -> int:
    """Recipients, of each message at most so many: one letter to everybody is honest, the second one is not."""
    return min(recipients, AT_MOST + CIRCULAR * max(0, messages - 1))
