"""Which causes of refusals count, for which detector: the page and the program say the same."""

import re
from pathlib import Path

import pytest

from gatepost.core.facts import BounceClass
from gatepost.detect.recipients import Recipients
from gatepost.detect.refusals import Refusals
from gatepost.ledger.signals import SIGNALS

PAGE = (Path(__file__).parents[2] / "docs" / "bounces.md").read_text("utf-8")
COUNTS = dict(re.findall(r"^\| `([a-z_]+)` \| .* \| (?:\[`([a-z]+)`\]\([^)]*\)|nothing) \|$", PAGE, re.MULTILINE))
"""Cause to the detector that the page names; "" for nothing."""


@pytest.mark.parametrize("cause", BounceClass)
def test_a_cause_counts_for_the_detector_that_the_page_names(cause: BounceClass) -> None:
    """Dead addresses feed recipients, refusals of content and sender feed refusals, everything else nothing."""
    by = {kind.__name__.lower() for kind in (Recipients, Refusals) if f"failed.{cause.value}" in kind.on}
    signals = {
        kind.__name__.lower()
        for kind in (Recipients, Refusals)
        if any(f"failed.{cause.value}" in SIGNALS[signal].cases for signal in kind.signals)
    }
    assert by == signals == {COUNTS[cause.value]} - {""}


def test_the_page_names_every_cause() -> None:
    """No cause is left out, and the two detectors have theirs."""
    assert set(COUNTS) == {cause.value for cause in BounceClass}
    assert set(COUNTS.values()) == {"", "recipients", "refusals"}
