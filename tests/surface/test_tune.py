"""gatepost tune: thresholds on one's own logs."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.runtime.scene import ANN, BEN, NIGHT, habits, theft
from tests.surface.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ann and ben are robbed after fourteen days; ann's theft is in the state."""
    desk = Desk(tmp_path)
    desk.learn([*habits((ANN, BEN)), *theft(NIGHT, ANN), *theft(NIGHT + 60, BEN)])
    return desk


def tune(desk: Desk, wish: str, *words: str) -> Any:
    """Thresholds on that log."""
    log = str(desk.folder / "old.log")
    return desk.run("tune", log, "--false-blocks-per-month", wish, "--zone", "UTC", *words)


def test_what_the_operator_said_decides(desk: Desk) -> None:
    """Two stops that nobody judged are two wrong ones; a confirmed one is a theft that is caught."""
    found = tune(desk, "9", "--format", "json").json
    rows = {one["hold"]: one for one in found["rows"]}
    assert rows[60]["unsaid"] == [ANN, BEN] and rows[60]["thefts"] == 0
    with patch("gatepost.runtime.mode.FRESH", float("inf")):
        assert desk.run("confirm", ANN).code == 0
    found = tune(desk, "9", "--format", "json").json
    rows = {one["hold"]: one for one in found["rows"]}
    assert rows[60]["unsaid"] == [BEN] and rows[60]["thefts"] == 1 and rows[60]["missed"] == 0
    assert rows[60]["out"] <= rows[95]["out"] or rows[95]["missed"] == 1
    assert found["now"] == found["proposed"] == 60 and found["promised"] is False


def test_a_fragment_is_printed_and_nothing_is_written(desk: Desk) -> None:
    """The table, how little the log says, and levels to copy."""
    before = desk.config.read_text()
    said = tune(desk, "9")
    assert said.code == 0, said.err
    assert f"Nobody said what these were, so they count as wrong: {ANN}, {BEN}." in said.out
    assert "days count; the 3 before them only teach." in said.out
    assert "    [levels]\n    throttle = 40\n    hold = 60\n    block = 80\n" in said.out
    assert "That is no promise of 9 a month: it would take 10 days" in said.out
    assert desk.config.read_text() == before


def test_a_wish_that_nothing_keeps_is_exit_one(desk: Desk) -> None:
    """Two thefts that nobody judged stay wrong at every threshold."""
    said = tune(desk, "0.01")
    assert "Judge them first" in said.out
    assert said.code == 1 and "keeps 0.01 wrong stops a month" in said.out and "[levels]" not in said.out


def test_what_cannot_be_tuned_is_said(desk: Desk) -> None:
    """A short log, a log that is not there, a wish of nothing."""
    short = desk.log([*habits((ANN,), days=2)], "short.log")
    said = desk.run("tune", short, "--false-blocks-per-month", "1", "--zone", "UTC")
    assert said.code == 3 and "logs of a week" in said.err
    assert desk.run("tune", "/nonexistent/log", "--false-blocks-per-month", "1").code == 3
    assert tune(desk, "0").code == 2
