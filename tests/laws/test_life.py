"""The life of an account before, in and after an incident (contracts 1 to 3, 14)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.build import (
    ANN,
    HOME,
    START,
    House,
    delivered,
    failure,
    habits,
    in_order,
    login,
    own,
    submission,
    theft,
    told,
)
from tests.runtime import scene

from gatepost.core.evidence import Level
from gatepost.core.facts import BounceClass, Observation
from gatepost.core.units import DAY, iso
from gatepost.runtime.replay import Replay
from gatepost.runtime.timeline import Day, Witness

NIGHT = START + 14 * DAY + 3 * 3600
HOUR = 3600.0


def botnet(at: float) -> list[Observation]:
    """Twenty networks, three of ten recipients do not exist."""
    return theft(at)


def hosting(at: float) -> list[Observation]:
    """One address in a far network."""
    return theft(at, networks=1, messages=40)


def careful(at: float) -> list[Observation]:
    """Twenty networks, good addresses only."""
    return theft(at, bad=0.0, messages=40)


Attack = Callable[[float], list[Observation]]
ATTACKS: tuple[Attack, ...] = (botnet, hosting, careful)
HOWS = ("honest", "password-changed")


def released(attack: Attack, how: str) -> House:
    """Robbed in the night, released an hour later."""
    house = House()
    house.see(*habits(), *attack(NIGHT))
    assert house.page().level >= Level.HOLD
    house.see(told(NIGHT + HOUR, "release", how=how))
    assert house.page().level is Level.CLEAR
    return house


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_after_either_release_an_honest_day_raises_nothing(attack: Attack, how: str) -> None:
    """From the minute of the release on, and on the days that follow."""
    house = released(attack, how)
    before = len(house.changes)
    day = [seen for seen in habits(days=2, start=START + 14 * DAY) if seen.event.at > NIGHT + HOUR]
    house.see(*day, *habits(days=5, start=START + 16 * DAY))
    assert house.changes[before:] == []


@pytest.mark.parametrize("again", [2 * HOUR, 3 * DAY, 20 * DAY])
@pytest.mark.parametrize("attack", ATTACKS)
def test_after_a_theft_the_same_attack_is_caught_at_least_as_early(attack: Attack, again: float) -> None:
    """Recipients out before the first hold: never more than the first time."""
    house = released(attack, "password-changed")
    first = house.page().incident
    then = NIGHT + HOUR + again
    house.see(*(seen for seen in habits(days=30, start=START + 15 * DAY) if seen.event.at < then), *attack(then))
    second = house.page().incident
    assert first is not None and second is not None and second.number == first.number + 1
    assert second.peak >= first.peak
    assert second.out_before <= first.out_before


@pytest.mark.parametrize("how", HOWS)
def test_what_came_before_the_release_counts_in_no_window(how: str) -> None:
    """A late line of the theft, read after the release, is history."""
    house = released(botnet, how)
    before = len(house.changes)
    house.see(
        *(submission(NIGHT + HOUR - 60 + n, f"198.{60 + n}.7.9", 10, print_="bare/plain/login") for n in range(20))
    )
    assert house.changes[before:] == []


@settings(max_examples=40)
@given(
    refused=st.lists(st.floats(0, 6 * HOUR), max_size=60),
    stolen=st.sampled_from((2, 4, 20)),
)
def test_what_gatepost_refused_never_raises_a_level(refused: list[float], stolen: int) -> None:
    """The same retries after a throttle, a hold or a block: counted, never evidence (contracts 2)."""
    house, silent = House(), House()
    for one in (house, silent):
        one.see(*habits(), *theft(NIGHT, messages=stolen))
    after = NIGHT + stolen
    house.see(*(own(after + at) for at in sorted(refused)))
    for one in (house, silent):
        one.see(delivered(after + 7 * HOUR))
    assert house.levels() == silent.levels()
    incident = house.page().incident
    if incident is not None and incident.peak >= Level.HOLD:
        assert incident.refused == len(refused)


GUESSERS = st.lists(st.tuples(st.floats(0, 7 * DAY), st.integers(0, 250)), max_size=150)


@settings(max_examples=25)
@given(guesses=GUESSERS, dead=st.integers(0, 300), new_place=st.booleans())
def test_what_strangers_cause_raises_at_most_throttle(
    guesses: list[tuple[float, int]], dead: int, new_place: bool
) -> None:
    """Failed logins from anywhere, bounces of mail that a form sent through the owner's usual place, a journey."""
    start = START + 14 * DAY
    failed = [login(start + at, f"10.{net}.1.1", ok=False) for at, net in sorted(guesses)]
    journey = [submission(start + 6.5 * DAY + n * HOUR, "203.0.113.9") for n in range(3)] if new_place else []
    form = [submission(start + 3 * DAY + n * 10, HOME, 1) for n in range(dead)]
    bounces = [failure(start + 3 * DAY + n * 10 + 1, BounceClass.INVALID_RECIPIENT) for n in range(dead)]
    house = House()
    house.see(*habits(), *in_order(habits(days=7, start=start), failed, journey, form, bounces))
    assert max([Level.CLEAR, *(change.level for change in house.changes)]) <= Level.THROTTLE


def test_who_did_not_send_is_at_most_watched() -> None:
    """A thousand guesses from a hundred networks against an owner who is on holiday."""
    house = House()
    house.see(*habits(), *(login(NIGHT + 60 * n, f"10.{n % 100}.1.1", ok=False) for n in range(1000)))
    assert max([Level.CLEAR, *(change.level for change in house.changes)]) <= Level.WATCH


# Recipients, counted by hand (contracts 3)

QUEUE = "1zzzzz-000001-00"


def stamp(at: float) -> str:
    """As Exim writes it, in UTC."""
    return f"{iso(at)[:10]} {iso(at)[11:19]}"


def arrival(at: float, queue_id: str = QUEUE, recipients: str = "") -> str:
    """ann hands in a message; `+received_recipients` names whom it is for."""
    named = f" for {recipients}" if recipients else ""
    return f"{stamp(at)} {queue_id} <= {ANN} H=(desk.example.org) [{HOME}] P=esmtpa A=plain:{ANN} S=400{named}"


def outcome(at: float, address: str, arrow: str = "=>", queue_id: str = QUEUE) -> str:
    """What became of a recipient."""
    rest = "R=dnslookup T=remote_smtp H=mx.example.net [203.0.113.5]"
    if arrow == "==":
        rest = "R=dnslookup T=remote_smtp defer (-44): SMTP error after RCPT TO: 451 4.7.1 greylisted, try again later"
    if arrow == "**":
        rest += f": SMTP error from remote mail server after RCPT TO:<{address}>: 550 5.1.1 no such user"
    return f"{stamp(at)} {queue_id} {arrow} {address} {rest}"


def completed(at: float, queue_id: str = QUEUE) -> str:
    """The message left the queue."""
    return f"{stamp(at)} {queue_id} Completed"


def log_of(folder: Path, lines: list[str]) -> Path:
    """A log with these lines."""
    log = folder / "mainlog"
    log.write_text("".join(f"{line}\n" for line in lines))
    return log


def days(tmp_path: Path, lines: list[str]) -> dict[str, Day]:
    """What ann's days hold."""
    run = Replay([str(log_of(tmp_path, lines))], zone="UTC", pipeline=Witness)
    assert isinstance(run.pipeline, Witness)
    run.pipeline.account, run.pipeline.days = ANN, {}
    list(run.changes())
    return run.pipeline.days


def test_without_named_recipients_the_first_outcomes_are_counted(tmp_path: Path) -> None:
    """Default selectors: two delivered, one that does not exist: three, on the day they were handed in."""
    lines = [
        arrival(START + 100),
        outcome(START + 101, "a@example.net"),
        outcome(START + 101, "b@example.net", "->"),
        outcome(START + 102, "c@example.net", "**"),
        completed(START + 102),
    ]
    (day,) = days(tmp_path, lines).values()
    assert (day.messages, day.recipients, dict(day.refused)) == (1, 3, {"invalid_recipient": 1})


@pytest.mark.parametrize("named", [True, False])
def test_an_alias_of_fifty_is_one_recipient(tmp_path: Path, named: bool) -> None:
    """The last address in brackets is the original one."""
    alias = "team@example.org"
    lines = [arrival(START, recipients=alias if named else "")]
    lines += [outcome(START + n, f"member{n}@example.net <{alias}>", "=>" if n == 0 else "->") for n in range(50)]
    (day,) = days(tmp_path, [*lines, completed(START + 60)]).values()
    assert (day.messages, day.recipients) == (1, 1)


def test_a_queue_flushed_after_hours_counts_when_it_was_handed_in(tmp_path: Path) -> None:
    """Ten messages before midnight, delivered six hours later: yesterday's."""
    evening = START + DAY - 600
    ids = [f"1zzzzz-{n:06d}-00" for n in range(10)]
    lines = [arrival(evening + n, queue_id) for n, queue_id in enumerate(ids)]
    for n, queue_id in enumerate(ids):
        later = evening + 6 * HOUR + n
        lines += [outcome(later, f"x{n}@example.net", queue_id=queue_id), completed(later, queue_id)]
    found = days(tmp_path, lines)
    assert {day: (one.messages, one.recipients) for day, one in found.items() if one.recipients} == {
        iso(evening)[:10]: (10, 10)
    }


@pytest.mark.parametrize("named", [True, False])
def test_twenty_deferrals_are_one_recipient(tmp_path: Path, named: bool) -> None:
    """Tried again for hours, then delivered: one recipient, nothing refused."""
    address = "slow@example.net"
    lines = [arrival(START, recipients=address if named else "")]
    lines += [outcome(START + n * 900, address, "==") for n in range(1, 21)]
    lines += [outcome(START + 20000, address), completed(START + 20000)]
    found = days(tmp_path, lines)
    assert sum(day.recipients for day in found.values()) == 1
    assert not any(day.refused for day in found.values())


# The tag

TAG = "[gatepost] sending is stopped for this account: please ask your postmaster"


def levels(tmp_path: Path, lines: list[str]) -> list[tuple[str, str, float]]:
    """Every change of level of a log."""
    log = tmp_path / "mainlog"
    log.write_text("".join(f"{line}\n" for line in lines))
    return [
        (iso(change.at), change.level.word, change.verdict.score) for change in Replay([str(log)], zone="UTC").changes()
    ]


def robbed(reply: str) -> list[str]:
    """A life, then a theft whose failed recipients get this reply from the other side."""
    lines = [*scene.habits((scene.ANN,)), *scene.theft()]
    return [line.replace("550 5.1.1 ", f"550 5.1.1 {reply} ") for line in lines]


def test_the_tag_in_a_remote_reply_means_nothing(tmp_path: Path) -> None:
    """Or a thief could hide behind a server of his own."""
    assert levels(tmp_path, robbed(TAG)) == levels(tmp_path, robbed("so sorry")) != []


def test_the_tag_in_our_own_refusal_counts_for_nothing(tmp_path: Path) -> None:
    """Three hundred refused attempts from forty networks change no level."""
    lines = robbed("so sorry")
    last = lines[-1][:19]
    refused = [
        f"{last} H=(bot.example.net) [10.{20 + n % 40}.7.9] F=<{ANN}> A=plain:{ANN}"
        f" rejected RCPT <v{n}@example.net>: {TAG}"
        for n in range(300)
    ]
    assert levels(tmp_path, [*lines, *refused]) == levels(tmp_path, lines)
    run = Replay([str(log_of(tmp_path, [*lines, *refused]))], zone="UTC")
    list(run.changes())
    assert run.incidents[-1].refused == 300
