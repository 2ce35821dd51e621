"""The experiment in small: every shape of theft is noticed, no honest account is blocked (contracts 26)."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from gatepost.core.errors import SourceError
from gatepost.lab import report, tables
from gatepost.lab.baselines import TOGETHER
from gatepost.lab.generate import generate
from gatepost.lab.report import GATEPOST, Log
from gatepost.lab.score import Detection, read_detections, score, summary
from gatepost.lab.stealth import CAMPAIGN, OWN, SHAPES
from gatepost.lab.truth import Recipe, Truth

SEED = 12
UNSEEN = ("phish", *OWN)
"""Shapes that one day of history cannot show: from the owner's place, or to the owner's friends."""


@cache
def made(folder: Path, attacks: tuple[str, ...]) -> tuple[Truth, Sequence[Detection]]:
    """A small log and what gatepost says about it."""
    truth = generate(Recipe(seed=SEED, accounts=300, days=2, clean=1, attacks=attacks, each=1), "exim", folder)
    return truth, read_detections(report.replay(folder, "exim", None), "replay")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the logs of this file."""
    return tmp_path_factory.mktemp("lab")


def test_every_shape_is_noticed(folder: Path) -> None:
    """At least one theft of every shape raises its account's level after a single clean day."""
    truth, said = made(folder / "attacked", (*SHAPES, CAMPAIGN))
    noticed = {
        theft.shape
        for theft in truth.thefts
        for one in said
        if one.account == theft.account and one.at >= int(theft.start) and one.level != "clear"
    }
    assert noticed >= {*SHAPES, CAMPAIGN} - {*UNSEEN}


def test_no_honest_account_is_blocked(folder: Path) -> None:
    """Thirty-six honest profiles live two days, nothing known about them, and nobody is blocked."""
    truth, said = made(folder / "honest", ())
    blocked = [one for one in said if one.level == "block" and one.account in truth.accounts]
    assert blocked == []


def test_gatepost_finds_more_than_any_of_todays_rules(folder: Path) -> None:
    """On the same small story it catches more than the best single rule, and wrongs fewer than all of them do."""
    truth, said = made(folder / "attacked", (*SHAPES, CAMPAIGN))
    ours = summary([score(truth, said, 1)], [score(truth, said, 1)])
    rivals = {who: summary([found], [found]) for who, found in report.rivals(truth, 1).items()}
    together = rivals.pop(TOGETHER)
    assert ours.caught is not None and ours.wrong is not None and together.wrong is not None
    assert ours.caught > max(one.caught or 0 for one in rivals.values())
    assert ours.wrong < together.wrong


def test_a_log_of_the_experiment_is_run_from_its_recipe_alone() -> None:
    """Make, replay and score: everybody who speaks is scored on the same thefts."""
    recipe = Recipe(seed=1, accounts=60, days=2, clean=1, attacks=("blast", "botnet"), each=1)
    found = report.run(Log("cold", recipe, 1), "postfix", None)
    assert {*found.scores} == {GATEPOST, *report.RIVALS}
    assert {len(one.thefts) for one in found.scores.values()} == {2}
    assert [row[0] for row in tables.shapes([found.scores[GATEPOST]])] == ["shape", "blast", "botnet"]


def test_a_replay_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    """What gatepost said on standard error reaches whoever runs the experiment."""
    with pytest.raises(SourceError, match=r"domains\.json"):
        report.replay(tmp_path, "exim", None)


def test_the_experiment_has_three_logs_for_each_seed() -> None:
    """Attacked, honest and cold, the honest one longest and without a theft."""
    found = list(report.logs([1, 2], 5000, 3))
    assert [(one.kind, one.recipe.days, bool(one.recipe.attacks)) for one in found[:3]] == [
        ("attacked", 10, True), ("honest", 14, False), ("cold", 3, True),
    ]  # fmt: skip
    assert [replace(one, recipe=replace(one.recipe, seed=1)) for one in found[3:]] == found[:3]
