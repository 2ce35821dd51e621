"""Made traffic is deterministic, complete and true."""

import io
import re
from collections import Counter
from typing import Any

import pytest
from bench import traffic
from bench.people import SHARES
from bench.thefts import SHAPES

ARRIVAL = re.compile(r"^\S+ \S+ (\S{6}-\S{11}-\S{4}) <= (\S+) .* A=plain_login:(\S+) .* for (.+)$")
OUTCOME = re.compile(r"^\S+ \S+ (\S{6}-\S{11}-\S{4}) (=>|->|\*\*) ")


def made(**changes: Any) -> tuple[list[str], traffic.Truth]:
    """A small log as lines, and its truth."""
    out = io.StringIO()
    wanted: dict[str, Any] = {"seed": 5, "accounts": 30, "days": 8, "attacks": ("blast", "slow"), **changes}
    truth = traffic.write(out, **wanted)
    return out.getvalue().splitlines(), truth


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    """Equal arguments give equal lines; the seed is the only source of chance."""
    assert made() == made()
    assert made()[0] != made(seed=6)[0]


def test_lines_are_in_order_of_time_and_all_counted() -> None:
    """A log never goes back in time, and the truth counts every line of it."""
    lines, truth = made(connections=True)
    assert [line[:19] for line in lines] == sorted(line[:19] for line in lines)
    assert len(lines) == truth.lines == sum(truth.kinds.values())


def test_so_many_lines_are_written_as_were_asked_for() -> None:
    """A number of lines is kept to the line, also when the days are over before."""
    lines, truth = made(lines=30_000, days=7, lists=1)
    assert len(lines) == truth.lines == 30_000


def test_every_recipient_of_every_message_has_exactly_one_outcome() -> None:
    """Delivered or failed, once each, under the queue id of its message."""
    lines, _ = made()
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for line in lines:
        if arrival := ARRIVAL.match(line):
            wanted[arrival[1]] = len(arrival[4].split())
        elif outcome := OUTCOME.match(line):
            found[outcome[1]] += 1
    assert wanted
    assert {queue_id: found[queue_id] for queue_id in wanted} == dict(wanted)


def test_the_truth_about_thieves_is_what_the_log_shows() -> None:
    """The victim's log lines hold the thief's messages, at the times and with the recipients the truth names."""
    lines, truth = made(attacks=("botnet",), seed=9)
    theft = truth.thefts[0]
    arrivals = [found for line in lines if (found := ARRIVAL.match(line)) and found[3] == theft.account]
    big = [len(found[4].split()) for found in arrivals if len(found[4].split()) == 10]
    assert len(big) >= theft.messages == len(theft.sent) == 300
    assert theft.recipients == sum(number for _, number in theft.sent) == 3000
    assert theft.networks == 150


@pytest.mark.parametrize("shape", list(SHAPES))
def test_every_shape_robs_somebody_after_a_week(shape: str) -> None:
    """Each shape of theft can be asked for, begins after days of habit, and has a victim of its own."""
    _, truth = made(days=12, attacks=(shape, "blast"))
    assert len(truth.stolen) == 2
    assert all(theft.start >= traffic.START + 6 * 86400 for theft in truth.thefts)
    assert all(theft.end <= traffic.START + 12.5 * 86400 for theft in truth.thefts)


def test_every_profile_is_there_and_has_an_account_of_its_own() -> None:
    """Thirty accounts are enough for one of each profile; no two share a name."""
    _, truth = made(accounts=30)
    assert set(truth.accounts.values()) == set(SHARES)
    assert len(truth.accounts) == 30


def test_what_cannot_be_made_is_refused_with_the_reason() -> None:
    """An unknown shape, or more thefts than accounts to rob, is an error that says what there is."""
    with pytest.raises(ValueError, match="there are these shapes: blast"):
        made(attacks=("burglary",))
    with pytest.raises(ValueError, match="thefts of"):
        made(attacks=("blast",) * 40)


def test_the_truth_survives_saving() -> None:
    """Truth as JSON is the same truth."""
    _, truth = made()
    assert traffic.load(traffic.save(truth)) == truth
