"""Nothing of the labelled texts is in the package: no shared run of forty characters."""

import csv
import os
from pathlib import Path

import pytest

from gatepost.core.facts import BounceClass
from gatepost.enrich.bounces import classifier

ROOT = Path(__file__).parents[3]
FILE = Path(os.environ.get("GATEPOST_SHARED", ROOT.parent / "shared")) / "data" / "bounces" / "dev.tsv"
RUN = 40
REFUSED = {"spam_content", "reputation_blocklist", "policy_auth"}

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the labelled texts are not here: set GATEPOST_SHARED")


def labelled() -> list[dict[str, str]]:
    """The labelled texts."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def runs(text: str) -> set[str]:
    """All runs of a text, without regard to case."""
    folded = text.lower()
    return {folded[at : at + RUN] for at in range(len(folded) - RUN + 1)}


def test_no_run_is_shared() -> None:
    """The rule files are written by us, not taken from the labelled texts."""
    theirs = set[str]().union(*(runs(row["diagnostic_text"]) for row in labelled()))
    ours = [*(ROOT / "src" / "gatepost").rglob("*.toml"), *(ROOT / "src" / "gatepost" / "enrich").rglob("*.py")]
    ours += [*(ROOT / "tests" / "enrich" / "bounces").glob("*.tsv"), ROOT / "docs" / "bounces.md"]
    found = {file.name: sorted(runs(file.read_text("utf-8")) & theirs)[:3] for file in ours}
    assert {name: shared for name, shared in found.items() if shared} == {}


def test_how_good_it_is() -> None:
    """Causes are right as often as the docs say, and a refusal is hardly ever taken for an unknown user."""
    pairs = [(row["our_label"], classifier().explain(row["diagnostic_text"]).cause.value) for row in labelled()]
    right = sum(label == found for label, found in pairs) / len(pairs)
    called = [label for label, found in pairs if found == BounceClass.INVALID_RECIPIENT.value]
    dead = [found for label, found in pairs if label == BounceClass.INVALID_RECIPIENT.value]
    refused = [found for label, found in pairs if label in REFUSED]
    assert right >= 0.93
    assert called.count("invalid_recipient") / len(called) >= 0.95
    assert dead.count("invalid_recipient") / len(dead) >= 0.92
    assert refused.count("invalid_recipient") <= 2
    assert sum(found in REFUSED for found in refused) / len(refused) >= 0.9
