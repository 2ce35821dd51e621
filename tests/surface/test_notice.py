"""gatepost notice --desk: what the abuse desk would read."""

from pathlib import Path

from tests.surface.desk import Desk

ANN = "ann@example.org"
NOTIFY = """
[[action]]
kind = "notify"
to = ["abuse@example.org"]
from = "gatepost@example.org"
templates = "texts"
"""


def test_the_letter_to_the_desk_in_the_operators_words(tmp_path: Path) -> None:
    """With the operator's text where there is one; nothing is sent, and a mistake in it is said."""
    (tmp_path / "texts").mkdir()
    desk = Desk(tmp_path, "observe", NOTIFY)
    desk.run("block", ANN, "--reason", "phone call")
    ours = desk.run("notice", ANN, "--desk")
    assert ours.code == 0 and "To: abuse@example.org" in ours.out and "gatepost release" in ours.out
    (tmp_path / "texts" / "notice.txt").write_text("Dear colleague, $account: $done")
    assert "Dear colleague, ann@example.org:" in desk.run("notice", ANN, "--desk").out
    (tmp_path / "texts" / "notice.txt").write_text("$nothing")
    said = desk.run("notice", ANN, "--desk")
    assert said.code == 2 and "$nothing means nothing" in said.err


def test_without_such_an_action_it_says_which(tmp_path: Path) -> None:
    """Which block is missing."""
    desk = Desk(tmp_path)
    desk.run("block", ANN, "--reason", "phone call")
    said = desk.run("notice", ANN, "--desk")
    assert said.code == 2 and 'kind = "notify"' in said.err
