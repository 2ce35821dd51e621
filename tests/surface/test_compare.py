"""gatepost replay --compare: what another configuration would have done otherwise."""

import pytest
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, habits, mail, theft
from tests.surface.desk import Desk

EXEMPT = f'[exempt]\naccounts = ["{ANN}"]\n'
LATER = "[levels]\nhold = 90\nblock = 95\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Ann and ben are robbed one after the other."""
    desk = Desk(tmp_path_factory.mktemp("compare"))
    robbed = [*theft(NIGHT, ANN), *theft(NIGHT + 60, BEN)]
    desk.log([*habits((ANN, BEN)), *robbed, *mail(NIGHT + 120, BEN, HOME[BEN], ["friend1@partner1.example.net"])])
    (desk.folder / "exempt.toml").write_text(EXEMPT)
    (desk.folder / "later.toml").write_text(LATER)
    return desk


def words(desk: Desk, other: str, *more: str) -> tuple[str, ...]:
    """A comparison with one of the other configurations."""
    return ("replay", str(desk.folder / "old.log"), "--zone", "UTC", "--compare", str(desk.folder / other), *more)


def test_only_accounts_that_differ_are_shown(desk: Desk) -> None:
    """Ann is exempt there; ben is stopped alike and counted."""
    said = desk.run(*words(desk, "exempt.toml"))
    assert said.code == 0, said.err
    assert ANN in said.out and BEN not in said.out and "nothing" in said.out
    assert "2 by " in said.out and "1 by both, 1 of them alike" in said.out


def test_the_difference_for_programs_has_both_sides(desk: Desk) -> None:
    """Levels, times, recipients and evidence of each; null where nothing was done."""
    found = desk.run(*words(desk, "exempt.toml", "--format", "json")).json
    (ann,) = found["accounts"]
    assert (ann["account"], ann["stopped_by"], ann["there"]) == (ANN, "here", None)
    assert ann["here"]["level"] == "block" and ann["here"]["evidence"]
    assert found["stopped"] == {"both": 1, "here": 1, "there": 0}
    later = desk.run(*words(desk, "later.toml", "--format", "json")).json
    assert {one["account"] for one in later["accounts"]} == {ANN, BEN}
    for one in later["accounts"]:
        assert one["there"] is None or one["there"]["out_before"] > one["here"]["out_before"]


def test_the_same_configuration_differs_in_nothing(desk: Desk) -> None:
    """And says so."""
    said = desk.run(*words(desk, "gatepost.toml"))
    assert said.code == 0 and "Both stop the same accounts at the same times." in said.out


def test_what_cannot_be_compared_is_said(desk: Desk) -> None:
    """A wrong file, a form without a meaning, a log that is not there: each with its code."""
    (desk.folder / "wrong.toml").write_text("levles = {}\n")
    assert desk.run(*words(desk, "wrong.toml")).code == 2
    assert desk.run(*words(desk, "none.toml")).code == 2
    said = desk.run(*words(desk, "later.toml", "--format", "jsonl"))
    assert said.code == 2 and "text or json" in said.err
    said = desk.run(*words(desk, "later.toml"), "/nonexistent/log")
    assert said.code == 3 and said.err.count("/nonexistent/log") == 1
