"""Trouble at receivers: for an hour or so one of them refuses everybody of ours."""

from random import Random

from msgspec import Struct
from msgspec.structs import replace

from gatepost.lab.mail import Mail
from gatepost.lab.people import BIG
from gatepost.lab.world import DAY, HOUR


class Incident(Struct, frozen=True):
    """A receiver that refuses our server's mail for a while."""

    domain: str
    start: float
    end: float


class Receivers:
    """Changes what becomes of recipients while their receiver refuses us."""

    def __init__(self, incidents: tuple[Incident, ...]) -> None:
        """Remember the incidents."""
        self.incidents = incidents

    def judge(self, mail: Mail) -> Mail:
        """The message with the outcomes it meets: what would have arrived is refused because we are listed."""
        bad = {one.domain for one in self.incidents if one.start <= mail.at < one.end}
        if not bad or not any(to.rpartition("@")[2] in bad for to, _ in mail.recipients):
            return mail
        fates = tuple(
            (to, "listed" if fate in ("ok", "later") and to.rpartition("@")[2] in bad else fate)
            for to, fate in mail.recipients
        )
        return replace(mail, recipients=fates)


def trouble(seed: int, days: int, start: float) -> Receivers:
    """An incident every other day or so, at one of the big receivers, for half an hour to three hours."""
    rng, found = Random(f"{seed}/receivers"), []
    for day in range(days):
        if rng.random() < 0.5:
            begin = start + day * DAY + rng.uniform(6 * HOUR, 20 * HOUR)
            found.append(Incident(rng.choice(BIG), begin, begin + rng.uniform(0.5, 3) * HOUR))
    return Receivers(tuple(found))
