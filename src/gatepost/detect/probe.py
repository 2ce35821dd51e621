"""Somebody tries the password from a strange place, and sends nothing, or one tiny mail."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.events import Submission
from gatepost.core.evidence import Answer, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds
from gatepost.detect.base import Detector, evidence
from gatepost.ledger.measures import CONTACTS, Count, Measure
from gatepost.ledger.plan import STRANGE
from gatepost.ledger.view import View


class Probe(Detector, frozen=True, kw_only=True):
    """A login without mail, or one tiny mail to one stranger, from a network and with a program without habit.

    Who buys passwords tries them first, hours or days before the mail. People do the same when they set up a new
    telephone, so a probe alone says nothing: it is remembered for days, and makes the next strange access, from
    wherever it comes, count earlier.

    Blind spots: servers whose log does not show logins without mail (Exim's shows them by default); a thief who tries
    with the owner's program or from the owner's provider.
    """

    family: ClassVar[Family] = Family.CREDENTIALS
    on: ClassVar[tuple[str, ...]] = ("login.ok", "submission")
    strange: ClassVar[bool] = True

    tiny: int = 1000  #: octets up to which one mail to one stranger is a test
    login_points: float = 14.0  #: points of a login without mail
    mail_points: float = 10.0  #: points of a tiny mail
    within: Seconds = Seconds(3 * 86400)  #: how long a probe is remembered
    session: Seconds = Seconds(600)  #: how long the mail of a login may take

    def measures(self) -> tuple[Measure, ...]:
        """Strange logins and mail, of days and of now, and whom the account ever wrote to."""
        return (*self._logins, *self._mail, CONTACTS)

    def wakes(self) -> tuple[()]:
        """Only strange access wakes it."""
        return ()

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """Speaks of the strongest probe that stands."""
        origin = seen.origin
        if ledger.strangeness != STRANGE or origin is None or origin.kind in ("own", "local"):
            return None
        logins = self._without_mail(ledger)
        points, says = (self.login_points, _told(logins)) if logins > 0 else self._tiny(seen, ledger)
        before = ledger.said(self.name)
        if not points or ledger.spared(origin.network) or (before is not None and before.points >= points):
            return None
        says += " through a network and with a program without habit"
        return evidence(self, seen, says, points=points, measured=max(1, logins), limit=1, lasts=self.within)

    def _without_mail(self, ledger: View) -> int:
        """Strange logins more than strange messages, those of now left out: their mail may still come."""
        logins, mail = (ledger.count(days) - ledger.count(now) for days, now in (self._logins, self._mail))
        return logins - mail

    def _tiny(self, seen: Observation, ledger: View) -> tuple[float, str]:
        event = seen.event
        if not isinstance(event, Submission) or event.recipients != 1 or not 0 < event.size <= self.tiny:
            return 0.0, ""
        if event.addresses and not ledger.is_new(CONTACTS, event.addresses[0]):
            return 0.0, ""
        return self.mail_points, f"one mail of {event.size} octets to one stranger"

    @cached_property
    def _logins(self) -> tuple[Count, Count]:
        return self._counts("login.ok")

    @cached_property
    def _mail(self) -> tuple[Count, Count]:
        return self._counts("message.accepted")

    def _counts(self, signal: str) -> tuple[Count, Count]:
        days, now = (Count(signal, window, when="strange") for window in (self.within, self.session))
        return days, now


def _told(number: int) -> str:
    return "a login without mail" if number == 1 else f"{number} logins without mail"
