"""Trouble at receivers: for an hour one of them refuses all of our mail; another takes somebody's letters for spam."""

from random import Random

from msgspec import Struct
from msgspec.structs import replace

from gatepost.lab.mail import Fate, Mail
from gatepost.lab.people import BIG
from gatepost.lab.world import DAY, HOUR, drawn

MANY = 20
"""Recipients of one letter from which on a receiver has an opinion of it."""

DISLIKED = 10
"""One account of so many writes letters to many that one of the big receivers takes for spam, from first to last."""


class Incident(Struct, frozen=True):
    """A receiver that refuses our server's mail for a while."""

    domain: str
    start: float
    end: float


class Receivers:
    """Changes what becomes of recipients while their receiver refuses us."""

    def __init__(self, incidents: tuple[Incident, ...], seed: int = 0) -> None:
        """Remember the incidents; the seed draws whose letters are disliked."""
        self.incidents, self._seed = incidents, seed

    def dislike(self, mail: Mail) -> Mail:
        """An honest message with the outcomes it meets: one receiver may take a letter to many for spam."""
        chance = drawn(f"{self._seed}/disliked/{mail.account}")
        if len(mail.recipients) < MANY or chance % DISLIKED:
            return mail
        domain = BIG[chance // DISLIKED % len(BIG)]
        return _refused(mail, {domain}, "spam")

    def judge(self, mail: Mail) -> Mail:
        """The message with the outcomes it meets: what would have arrived is refused because we are listed."""
        bad = {one.domain for one in self.incidents if one.start <= mail.at < one.end}
        if not bad or not any(to.rpartition("@")[2] in bad for to, _ in mail.recipients):
            return mail
        return _refused(mail, bad, "listed")


def _refused(mail: Mail, domains: set[str], why: Fate) -> Mail:
    """The message with what would have arrived in these domains refused."""
    fates = tuple(
        (to, why if fate in ("ok", "later") and to.rpartition("@")[2] in domains else fate)
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
    return Receivers(tuple(found), seed)
