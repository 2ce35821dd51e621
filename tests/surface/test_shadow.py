"""gatepost report shadow: what detectors in shadow would have done."""

from pathlib import Path
from typing import Any

import pytest
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, habits, mail, theft
from tests.surface.desk import Desk

from gatepost.config.whatif import awake
from gatepost.detect.spread import Spread
from gatepost.detect.volume import Volume

RULE = """
[levels]
hold = 80
block = 95
[[detector]]
kind = "rule"
name = "any"
count = "recipient.accepted"
family = "identity"
at_least = 10
within = "1h"
points = {points}
shadow = true
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ann is robbed; ben writes to twelve friends."""
    desk = Desk(tmp_path)
    friends = [f"friend{n}@partner1.example.net" for n in range(12)]
    desk.log([*habits((ANN, BEN)), *theft(NIGHT, ANN), *mail(NIGHT + 60, BEN, HOME[BEN], friends)])
    return desk


def shadow(desk: Desk, more: str, *words: str) -> Any:
    """The report with these detectors."""
    desk.configure(more=more)
    return desk.run("report", "shadow", str(desk.folder / "old.log"), "--zone", "UTC", *words)


def test_a_detector_in_shadow_changes_nothing_and_its_report_says_what_it_would(desk: Desk) -> None:
    """A rule would have stopped ann sooner, who is stopped anyway, and throttled ben."""
    said = shadow(desk, RULE.format(points=50), "--format", "json")
    assert said.code == 0, said.err
    (one,) = said.json["detectors"]
    assert one["detector"] == "any" and one["risen"] == len(one["accounts"]) == 2
    found = {each["account"]: each for each in one["accounts"]}
    assert found[BEN]["here"] is None and found[BEN]["there"]["level"] == "throttle"
    assert found[ANN]["here"]["level"] == "block" and found[ANN]["stopped_by"] == "both"
    assert found[ANN]["there"]["reached"] < found[ANN]["here"]["reached"]
    assert (one["stopped"], one["stopped_anyway"]) == (1, 1)
    assert any(proof["detector"] == "any" and proof["points"] == 50 for proof in found[BEN]["there"]["evidence"])


def test_the_report_is_told_in_words(desk: Desk) -> None:
    """A sentence a detector, and a table of those it would have brought further."""
    said = shadow(desk, RULE.format(points=50))
    assert "any: with its points 2 accounts would have risen higher or earlier." in said.out
    assert "To hold or block: 1, of these stopped anyway: 1." in said.out
    assert "with any" in said.out and "as it is" in said.out and "nothing" in said.out
    said = shadow(desk, RULE.format(points=1))
    assert "any: no account would have risen with its points." in said.out


def test_each_detector_in_shadow_is_judged_alone(desk: Desk) -> None:
    """Two in shadow are two reports; neither has the other's points."""
    more = RULE.format(points=50) + RULE.format(points=45).partition("block = 95\n")[2].replace('"any"', '"other"')
    found = shadow(desk, more, "--format", "json").json["detectors"]
    assert [one["detector"] for one in found] == ["any", "other"]
    levels = [{each["there"]["level"] for each in one["accounts"] if each["account"] == BEN} for one in found]
    assert levels == [{"throttle"}, {"throttle"}]


def test_what_is_missing_is_said(desk: Desk) -> None:
    """No detector in shadow is a wrong use; a log that is not there, an input that could not be read."""
    said = shadow(desk, "")
    assert said.code == 2 and "shadow = true" in said.err
    desk.configure(more=RULE.format(points=50))
    assert desk.run("report", "shadow", "/nonexistent/log").code == 3
    said = desk.run("report", "shadow")
    assert said.code == 2 and "name a log" in said.err


def test_only_the_named_detector_wakes() -> None:
    """The others stay as they are."""
    asleep = [Spread(shadow=True), Volume(shadow=True)]
    assert [one.shadow for one in awake("spread")(asleep)] == [False, True]
