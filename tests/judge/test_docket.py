"""The life of an incident (contracts 1)."""

import pytest
from msgspec.structs import replace
from tests.build import ANN, START, House, delivered, habits, login, own, submission, theft, tick, told

from gatepost.core.events import Login, Submission
from gatepost.core.evidence import Level
from gatepost.core.incident import STANDING, State
from gatepost.core.units import DAY
from gatepost.judge import docket

NIGHT = START + 14 * DAY + 3 * 3600


def robbed() -> House:
    """An account with habits, then stolen and blocked."""
    house = House()
    house.see(*habits(), *theft(NIGHT))
    return house


def test_a_theft_opens_one_incident_that_rises() -> None:
    """One incident, numbered 1, a step a level, notified from hold on."""
    house = robbed()
    orders = [order.key for change in house.changes for order in change.orders]
    assert house.page().level == Level.BLOCK
    assert orders[-2:] == ["ann@example.org#1/blocked/3", "ann@example.org#1/notified/3"]
    assert house.page().number == 1


def test_block_never_falls_by_itself() -> None:
    """All evidence expired, a month later: still blocked, no order."""
    house = robbed()
    before = len(house.changes)
    house.see(tick(NIGHT + 40 * DAY))
    assert house.page().level == Level.BLOCK
    assert not any(change.orders for change in house.changes[before:])


def test_block_ends_after_what_the_configuration_says() -> None:
    """With hold_ends_after the incident ends at its own time and is undone."""
    house = House(hold_ends_after=2 * DAY)
    house.see(*habits(), *theft(NIGHT))
    house.see(tick(NIGHT + 3 * DAY))
    assert house.changes[-1].level == Level.CLEAR
    assert [order.ensure for order in house.changes[-1].orders] == ["released"]
    assert house.changes[-1].at < NIGHT + 2 * DAY + 60


def test_throttle_falls_with_its_evidence() -> None:
    """Two small messages from new networks throttle; a day later nothing stands and it is undone."""
    house = House()
    house.see(*habits(), *theft(NIGHT, messages=2, each=3, bad=0.0))
    assert house.page().level == Level.THROTTLE
    house.see(tick(NIGHT + 3 * DAY))
    assert house.page().level == Level.CLEAR
    incident = house.page().incident
    assert incident is not None and incident.state == State.EXPIRED
    assert house.changes[-1].orders == () or house.changes[-1].orders[-1].ensure == "released"


@pytest.mark.parametrize("how", ["honest", "password-changed"])
def test_after_a_release_an_honest_day_raises_nothing(how: str) -> None:
    """Either release starts the account clean."""
    house = robbed()
    house.see(told(NIGHT + 3600, "release", how=how))
    assert house.page().level == Level.CLEAR
    before = len(house.changes)
    house.see(*habits(days=3, start=START + 15 * DAY))
    assert house.changes[before:] == []


def test_after_password_changed_the_same_attack_is_caught_at_least_as_early() -> None:
    """Networks of the theft stay hostile."""
    house = robbed()
    first = house.page().incident
    house.see(told(NIGHT + 3600, "release", how="password-changed"))
    house.see(*theft(NIGHT + 5 * DAY))
    second = house.page().incident
    assert first is not None and second is not None
    assert second.number == 2
    assert second.peak == Level.BLOCK
    assert second.out_before <= first.out_before


def test_after_honest_the_same_networks_raise_nothing() -> None:
    """What was wrongly blamed is habit; new values still speak."""
    house = robbed()
    house.see(told(NIGHT + 3600, "release", how="honest"))
    before = len(house.changes)
    house.see(*(submission(NIGHT + DAY + n * 600, f"198.{18 + n}.7.9", 1, print_="bare/plain/login") for n in range(5)))
    assert house.changes[before:] == []
    house.see(*(submission(NIGHT + 2 * DAY + n, f"198.{60 + n}.7.9", 10, print_="x/plain/x") for n in range(6)))
    assert house.page().level >= Level.HOLD


def test_what_gatepost_refused_is_counted_and_never_evidence() -> None:
    """Retries after a block are counted for the incident and change nothing else."""
    house = robbed()
    before = len(house.changes)
    house.see(*(own(NIGHT + 60 + n) for n in range(312)))
    assert house.changes[before:] == []
    incident = house.page().incident
    assert incident is not None and incident.refused == 312


def test_what_an_acl_kept_is_taken_back_and_no_more() -> None:
    """Recipients of frozen mail are out neither before the incident, nor in it, nor after the block."""
    house = robbed()
    incident = house.page().incident
    assert incident is not None
    house.see(submission(NIGHT + 70, "203.0.113.9", 10), own(NIGHT + 71, kept=10))
    after = house.page().incident
    assert after is not None and (after.out_after, after.refused) == (incident.out_after, incident.refused + 1)
    house.see(own(NIGHT + 72, kept=10_000))
    assert (found := house.page().incident) is not None and found.out_after == 0
    quiet = House()
    quiet.see(own(NIGHT, kept=5))
    assert quiet.page().out == 0


def test_recipients_out_are_counted_before_and_after() -> None:
    """What got out before the first hold or block, and after it."""
    house = robbed()
    incident = house.page().incident
    assert incident is not None
    assert incident.out_before == 20
    assert incident.out_before + incident.out_after == 200


def test_an_operators_block_stands_until_his_release() -> None:
    """block opens an incident at block; release ends it."""
    house = House()
    house.see(told(START, "block", reason="phone call"))
    assert house.levels() == ["block"]
    house.see(tick(START + 400 * DAY))
    assert house.page().level == Level.BLOCK
    house.see(told(START + 401 * DAY, "release", how="honest"))
    assert house.levels() == ["block", "clear"]


def test_a_confirmed_incident_stands() -> None:
    """confirm marks a true theft; the measures stay."""
    house = robbed()
    house.see(told(NIGHT + 60, "confirm"))
    incident = house.page().incident
    assert incident is not None
    assert incident.state == State.CONFIRMED
    assert incident.state in STANDING


def test_what_the_operator_confirmed_ends_by_his_release_alone() -> None:
    """With hold_ends_after, a confirmed incident stands for a year; another one would have ended on the second day."""
    house = House(hold_ends_after=2 * DAY)
    house.see(*habits(), *theft(NIGHT), told(NIGHT + DAY, "confirm"), tick(NIGHT + 365 * DAY))
    assert house.page().level == Level.BLOCK
    house.see(told(NIGHT + 366 * DAY, "release", how="honest"))
    assert house.page().level == Level.CLEAR


def test_a_pardoned_account_is_watched_only_until_it_ends() -> None:
    """exempt caps the level at watch, with who and until when in the words."""
    house = House()
    house.see(*habits(), told(NIGHT - 60, "exempt", until=NIGHT + 600, reason="migration"))
    house.see(*theft(NIGHT))
    assert house.page().level == Level.WATCH
    assert "exempt by root" in house.changes[-1].verdict.spared
    house.see(delivered(NIGHT + 700), submission(NIGHT + 701, "198.90.7.9", 10, account=ANN))
    assert house.page().level == Level.BLOCK


def test_a_new_spelling_of_a_blocked_account_is_ordered_at_once() -> None:
    """The deny table needs every spelling (contracts 16)."""
    house = robbed()
    seen = submission(NIGHT + 600, recipients=1)
    assert isinstance(seen.event, Submission)
    outcome = house.see(replace(seen, event=replace(seen.event, spelling="ANN@Example.org")))
    assert [order.key for order in outcome.orders] == ["ann@example.org#1/blocked/4"]


def test_a_block_asked_for_again_is_ordered_again() -> None:
    """The first order may only have been noted: the operator's word is a step of its own, with his reason."""
    house = robbed()
    outcome = house.see(told(NIGHT + 3600, "block", reason="he rang"))
    assert [order.key for order in outcome.orders] == ["ann@example.org#1/blocked/4"]
    incident = house.page().incident
    assert incident is not None and incident.state == State.OPEN
    assert incident.verdict.because[-1].says == "blocked by root: he rang"
    assert {proof.detector for proof in incident.verdict.because} > {"operator"}
    again = house.see(submission(NIGHT + 3700, recipients=1))
    assert again.orders == ()


def test_a_confirmed_throttle_stands_though_its_evidence_is_gone() -> None:
    """Until the release; new evidence still raises it."""
    house = House()
    house.see(*habits(), *theft(NIGHT, messages=2, each=3, bad=0.0), told(NIGHT + 60, "confirm"))
    house.see(tick(NIGHT + 3 * DAY))
    incident = house.page().incident
    assert incident is not None and incident.state == State.CONFIRMED
    house.see(*theft(NIGHT + 4 * DAY))
    assert house.page().level == Level.BLOCK
    house.see(told(NIGHT + 5 * DAY, "release", how="password-changed"))
    assert house.page().level == Level.CLEAR


def test_a_spelling_reopens_what_was_contained() -> None:
    """Its order is not done yet."""
    house = robbed()
    assert docket.contain(house.page(), f"{ANN}#1") is not None
    seen = submission(NIGHT + 600, recipients=1)
    assert isinstance(seen.event, Submission)
    house.see(replace(seen, event=replace(seen.event, spelling="ANN@Example.org")))
    incident = house.page().incident
    assert incident is not None and incident.state == State.OPEN


@pytest.mark.parametrize("verb", ["release", "confirm"])
def test_without_an_incident_there_is_nothing_to_end_or_to_confirm(verb: str) -> None:
    """And nothing is opened by it."""
    house = House()
    house.see(*habits(days=2), told(NIGHT, verb, how="honest" if verb == "release" else ""))
    assert (house.changes, house.page().number) == ([], 0)


def test_orders_are_the_measure_first_and_a_letter_from_hold_on() -> None:
    """Keys follow from the incident alone."""
    incident = robbed().page().incident
    assert incident is not None
    assert [order.key for order in docket.orders_of(incident)] == [
        "ann@example.org#1/blocked/3",
        "ann@example.org#1/notified/3",
    ]
    throttled = replace(incident, peak=Level.THROTTLE)
    assert [order.ensure for order in docket.orders_of(throttled)] == ["throttled"]


def test_a_new_theft_after_a_release_is_the_next_incident() -> None:
    """Numbers go on, keys never come back."""
    house = robbed()
    house.see(told(NIGHT + 3600, "release", how="password-changed"), *theft(NIGHT + DAY))
    keys = [order.key for change in house.changes for order in change.orders]
    assert len(keys) == len(set(keys))
    assert {key.partition("/")[0] for key in keys} == {"ann@example.org#1", "ann@example.org#2"}


def test_strangers_cannot_spell_an_account() -> None:
    """A failed login orders nothing, however it writes the name, and pushes out no spelling the owner uses."""
    house = robbed()
    before = len(house.changes)
    for number in range(100):
        name = "".join(char.upper() if number >> place & 1 else char for place, char in enumerate("ann@example.org"))
        failed = login(NIGHT + 600 + number, "203.0.113.9", ok=False)
        assert isinstance(failed.event, Login)
        house.see(replace(failed, event=replace(failed.event, claimed=name)))
    assert house.changes[before:] == []
    assert list(house.page().spellings) == [ANN]
