"""Too many recipients who complained."""

from typing import ClassVar

from gatepost.core.evidence import Family
from gatepost.detect.base import Anchors
from gatepost.detect.failing import Failing


class Complaints(Failing, frozen=True, kw_only=True):
    """Recipients who complained, by the feedback you were given.

    Of honest mail one recipient in a thousand complains, of a thief's many times more, even though few people press the
    button. Complaints about mail through the owner's usual network and program are about his list, not about a theft:
    they are shown and weigh next to nothing (at most 4 points), or a stranger who forges them could add them to the
    failures that he forges.

    Blind spots: without feedback loops nobody complains; complaints come late, and are weighed against the mail of the
    day on which they come: after a pause few are already much.
    """

    family: ClassVar[Family] = Family.REPUTATION
    on: ClassVar[tuple[str, ...]] = ("complained",)
    signals: ClassVar[tuple[str, ...]] = ("delivery.complained",)
    noun: ClassVar[str] = "complained"

    honest: float = 0.001  #: share of complaints about honest mail
    thief: float = 0.02  #: share of complaints about a thief's mail
    least: int = 2  #: complaints below which nothing is said
    points: Anchors = ((3.0, 15.0), (8.0, 42.0), (25.0, 80.0))  #: log-likelihood ratio, points
    habitual_most: float = 4.0  #: most points for complaints about mail through the owner's usual network and program
