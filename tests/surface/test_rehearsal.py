"""--dry-run: what an order would do, and that it does nothing."""

from pathlib import Path

import pytest
from tests.surface.desk import Desk

ANN, BEN = "ann@example.org", "ben@example.org"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A gatepost that enforces and does not run; ANN is blocked."""
    desk = Desk(tmp_path)
    desk.run("block", ANN, "--reason", "phone call")
    return desk


def left(desk: Desk) -> tuple[object, ...]:
    """Everything that an order could change."""
    return desk.denied, desk.run("audit").out, desk.run("incidents", "--all", "--format", "json").out


@pytest.mark.parametrize(
    "words",
    [
        ("block", BEN, "--because", "x"),
        ("release", ANN, "--honest"),
        ("release", f"{ANN}#1", "--password-changed", "--because", "she came by"),
        ("confirm", ANN),
        ("exempt", BEN, "--for", "2d", "--reason", "x"),
    ],
    ids=lambda words: words[0],
)
def test_nothing_is_done(desk: Desk, words: tuple[str, ...]) -> None:
    """No table, no row, no incident changes, and the exit code is 0."""
    before = left(desk)
    said = desk.run(*words, "--dry-run")
    assert (said.code, said.out.splitlines()[0]) == (0, "dry run, nothing is done; this is what would be:")
    assert left(desk) == before


def test_it_says_what_would_be(desk: Desk) -> None:
    """Each action that would act, and each measure that would be taken back."""
    block = desk.run("block", BEN, "--reason", "x", "--dry-run", "--format", "json").json
    assert (block["dry_run"], block["complete"], block["incident"]["level"]) == (True, False, "block")
    assert [(row["order"], row["state"]) for row in block["orders"]] == [(f"{BEN}#1/blocked/1", "would")]
    release = desk.run("release", ANN, "--honest", "--dry-run", "--format", "json").json
    assert release["incident"]["state"] == "released"
    assert [row["order"] for row in release["orders"]] == [f"{ANN}#1/blocked/1"]
    assert release["orders"][0]["note"].startswith("would be taken back; now: done")


def test_what_could_not_be_obeyed_is_said(desk: Desk) -> None:
    """As without --dry-run."""
    said = desk.run("release", f"{ANN}#7", "--honest", "--dry-run")
    assert said.code != 0 and f"what stands now is {ANN}#1" in said.err
