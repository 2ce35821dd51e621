"""Compares measures; one question per file."""

from gatepost.detect.base import Detector
from gatepost.detect.campaign import Campaign
from gatepost.detect.complaints import Complaints
from gatepost.detect.crowd import Crowd
from gatepost.detect.guessing import Guessing
from gatepost.detect.identity import Identity
from gatepost.detect.letterhead import Letterhead
from gatepost.detect.novelty import Novelty
from gatepost.detect.probe import Probe
from gatepost.detect.quota import Quota
from gatepost.detect.recipients import Recipients
from gatepost.detect.refusals import Refusals
from gatepost.detect.rule import Rule
from gatepost.detect.spread import Spread
from gatepost.detect.takeover import Takeover
from gatepost.detect.volume import Volume

BUILT_IN: tuple[type[Detector], ...] = (
    Quota,
    Volume,
    Spread,
    Recipients,
    Refusals,
    Complaints,
    Identity,
    Letterhead,
    Guessing,
    Novelty,
    Takeover,
    Probe,
    Crowd,
    Campaign,
)
"""On by default, each with its own defaults."""

_ALL: tuple[type[Detector], ...] = (*BUILT_IN, Rule)

KINDS: dict[str, type[Detector]] = {kind.kind(): kind for kind in _ALL}
"""What a [[detector]] block may name as its kind."""
