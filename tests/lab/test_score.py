"""Scores: what counts as caught, as escaped, as wrong."""

import pytest

from gatepost.core.errors import SourceError
from gatepost.lab.score import Detection, read_detections, score, summary
from gatepost.lab.truth import Recipe, Stolen, Truth

START = 1_772_409_600.0
DAY = 86400
THEFT = Stolen(
    account="ann@example.org", profile="light", shape="blast", start=START + 8 * DAY, end=START + 8 * DAY + 90,
    sent=tuple((START + 8 * DAY + 10 * n, 5) for n in range(10)), clients=1,
)  # fmt: skip
TRUTH = Truth(
    recipe=Recipe(accounts=3, days=10),
    accounts={"ann@example.org": "light", "ben@example.org": "heavy", "cleo@example.org": "club"},
    thefts=(THEFT,),
    lines=1,
)


def stop(account: str, at: float, level: str = "block") -> Detection:
    """One account is stopped."""
    return Detection(at, account, level, "why")


def test_what_was_sent_until_the_stop_got_out() -> None:
    """Stopped at the third message, fifteen recipients are out of fifty."""
    found = score(TRUTH, [stop("ann@example.org", THEFT.start + 20)])
    assert [(one.at, one.out) for one in found.thefts] == [(THEFT.start + 20, 15)]
    row = summary([found], [found])
    assert (row.caught, row.escaped, row.median_out, row.wrong) == (1.0, 0.3, 15, 0.0)


def test_a_thief_who_is_only_watched_is_not_caught() -> None:
    """Watch and throttle stop nobody: everything gets out."""
    found = score(TRUTH, [stop("ann@example.org", THEFT.start + 20, level) for level in ("watch", "throttle")])
    assert (found.thefts[0].at, found.thefts[0].out) == (None, 50)
    assert summary([found], [found]).caught == 0.0


def test_a_stop_long_after_the_theft_is_none() -> None:
    """A day after his last message the thief has had all he wanted."""
    found = score(TRUTH, [stop("ann@example.org", THEFT.end + DAY + 1)])
    assert found.thefts[0].at is None


def test_a_stop_before_the_theft_is_wrong() -> None:
    """A victim who is stopped in advance was an honest customer then."""
    found = score(TRUTH, [stop("ann@example.org", THEFT.start - DAY)])
    assert [(one.account, one.says) for one in found.wrong] == [("ann@example.org", "why")]
    assert found.thefts[0].out == 0


def test_honest_accounts_are_wronged_once_each_after_the_grace() -> None:
    """The first days do not count; an account that is held and then blocked is one."""
    said = [stop("ben@example.org", START + DAY), *(stop("cleo@example.org", START + n * DAY) for n in (4, 5, 6))]
    found = score(TRUTH, said, grace=3)
    assert [one.account for one in found.wrong] == ["cleo@example.org"]
    assert found.account_days == 2 * 7
    assert summary([found], [found]).wrong == 100_000 / 14


def test_lines_of_replay_are_read_and_others_named() -> None:
    """What replay prints is read with its evidence; a line that is none is named with its number."""
    line = (
        '{"time":"2026-03-02T10:00:00Z","account":"ann@example.org","level":"hold","score":61.0,"incident":"x",'
        '"evidence":[{"detector":"spread","says":"4 networks","points":45.0}]}'
    )
    (found,) = read_detections([line, ""], "d.jsonl")
    assert found == Detection(START + 10 * 3600, "ann@example.org", "hold", "45 spread: 4 networks")
    with pytest.raises(SourceError, match=r"^d.jsonl:2 is no line of"):
        read_detections([line, "what"], "d.jsonl")
