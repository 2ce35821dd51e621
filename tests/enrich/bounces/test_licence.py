"""Nothing of the labelled texts is in the package: no shared run of forty characters."""

import csv
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILE = Path(os.environ.get("GATEPOST_SHARED", ROOT.parent / "shared")) / "data" / "bounces" / "dev.tsv"
RUN = 40

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
