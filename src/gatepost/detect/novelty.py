"""A program without habit in a network that has one: somebody else among the owner's neighbours."""

from functools import cached_property
from typing import ClassVar

from gatepost.core.evidence import WITHDRAWN, Answer, Evidence, Family
from gatepost.core.facts import Observation
from gatepost.core.units import Seconds, spoken
from gatepost.detect.base import Anchors, Detector, evidence, graded
from gatepost.ledger.measures import NETWORKS, Distinct, Measure
from gatepost.ledger.view import View


class Novelty(Detector, frozen=True, kw_only=True):
    """A program the account never used, in a network it does use; the more blocks of it, the stranger.

    A thief who rents proxies inside the victim's own provider has the right network and the wrong program. People get
    new programs too, so one alone is hardly a fact; but a new program stays where it is, while proxies show another
    block (/24, /56) with every message. A new network is `spread`'s fact, and said there.

    Blind spots: a thief who copies the owner's program; a new telephone that changes towers.
    """

    family: ClassVar[Family] = Family.NOVELTY
    on: ClassVar[tuple[str, ...]] = ("login.ok", "submission")
    strange: ClassVar[bool] = True

    within: Seconds = Seconds(3600)  #: window of event time
    points: Anchors = ((1.0, 8.0), (3.0, 18.0), (8.0, 34.0))  #: blocks with an unknown program, points

    def measures(self) -> tuple[Measure, ...]:
        """Blocks through which half-strange access came."""
        return (self._blocks, NETWORKS)

    def wakes(self) -> tuple[()]:
        """Only strange access of an account that has habits wakes it."""
        return ()

    def inspect(self, seen: Observation, ledger: View) -> Answer:
        """Speaks while network is habit and program is not."""
        if ledger.young or ledger.strangeness != 1 or seen.origin is None or seen.origin.kind in ("own", "local"):
            return None
        network = seen.origin.network
        if not ledger.is_habit(NETWORKS, network) or ledger.spared(network):
            return None
        blocks = [block for block in ledger.distinct(self._blocks) if block.startswith(f"{network} ")]
        points = graded(len(blocks), self.points)
        return self._proof(seen, network, blocks, points) if points else WITHDRAWN

    def _proof(self, seen: Observation, network: str, blocks: list[str], points: float) -> Evidence:
        noun = "block" if len(blocks) == 1 else "blocks"
        says = f"a program without habit from {len(blocks)} {noun} of {network} in {spoken(self.within)}"
        limit = self.points[0][0]
        lasts = Seconds(6 * 3600)
        return evidence(self, seen, says, points=points, measured=len(blocks), limit=limit, lasts=lasts, values=blocks)

    @cached_property
    def _blocks(self) -> Distinct:
        return Distinct("block", self.within, cap=8, when="half")
