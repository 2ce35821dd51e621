"""Outcomes told before the log says them: early, never twice, never more than throttle."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runtime.scene import ANN, BEN, BOTNET, HOME, NIGHT, habits, theft
from tests.runtime.test_doors import QUIET, Answering, left

from gatepost.core.asked import Outcome, Question
from gatepost.core.events import Cursor, Delivery, Result
from gatepost.core.units import Account
from gatepost.runtime.outcomes import MAX_ACCOUNTS, MAX_EACH, MAX_LOGGED, Outcomes


def outcome(
    account: Account, number: int, result: Result = "bounced", queue_id: str = "1x-2-3", client: str = BOTNET[0]
) -> Outcome:
    """What became of one recipient."""
    reply = "550 5.1.1 unknown user" if result == "bounced" else ""
    return Outcome(
        login=account,
        queue_id=queue_id,
        recipient=f"v{number}@prey.example.net",
        result=result,
        client=client,
        helo="win",
        mechanism="plain",
        reply=reply,
        status="5.1.1" if reply else "",
    )


def logged(account: Account, queue_id: str = "1x-2-3", address: str = "", result: Result = "bounced") -> Delivery:
    """The log tells of a message's outcome."""
    cursor = Cursor("mx1:mainlog", 0, 1)
    return Delivery(
        at=NIGHT, account=account, host="mx1", cursor=cursor, queue_id=queue_id, address=address, result=result
    )


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Answering]:
    """Fourteen days of habits; three in the morning."""
    made = Answering(tmp_path)
    made.read(habits())
    yield made
    made.close()


def test_what_the_log_has_told_is_not_taken_again() -> None:
    """The line came first; another message of the same account is taken."""
    outcomes = Outcomes()
    outcomes.logged(logged(ANN))
    assert outcomes.add(ANN, outcome(ANN, 1), NIGHT) is None
    assert outcomes.add(ANN, outcome(ANN, 1, queue_id="1y-2-3"), NIGHT) is not None


def test_the_log_takes_the_place_of_what_was_told() -> None:
    """All outcomes of that message, whichever the line is about; those of another stay."""
    outcomes = Outcomes()
    for number in range(3):
        outcomes.add(ANN, outcome(ANN, number), NIGHT)
    outcomes.add(ANN, outcome(ANN, 7, queue_id="1y-2-3"), NIGHT)
    outcomes.logged(logged(ANN, address="v1@prey.example.net"))
    assert [told.said.queue_id for told in outcomes.of(ANN)] == ["1y-2-3"]


def test_a_refusal_at_rcpt_takes_the_place_of_its_own_recipient_only() -> None:
    """Before there is a queue id, an address is all there is."""
    outcomes = Outcomes()
    for number in range(2):
        outcomes.add(ANN, outcome(ANN, number, "refused", ""), NIGHT)
    outcomes.logged(logged(ANN, "", "V1@prey.example.net", "refused"))
    assert [told.said.recipient for told in outcomes.of(ANN)] == ["v0@prey.example.net"]


def test_nothing_counts_twice_and_nothing_grows_without_end() -> None:
    """The same outcome again; many of one account, many accounts, many messages."""
    outcomes = Outcomes()
    assert outcomes.add(ANN, outcome(ANN, 1), NIGHT) is not None
    assert outcomes.add(ANN, outcome(ANN, 1), NIGHT) is None
    for number in range(2 * MAX_EACH):
        outcomes.add(ANN, outcome(ANN, number), NIGHT)
    assert len(list(outcomes.of(ANN))) == MAX_EACH
    for number in range(MAX_ACCOUNTS):
        outcomes.add(Account(f"u{number}@example.org"), outcome(ANN, 1), NIGHT)
    assert list(outcomes.of(ANN)) == []
    for number in range(MAX_LOGGED + 1):
        outcomes.logged(logged(BEN, f"{number}"))
    assert outcomes.add(BEN, outcome(BEN, 1, queue_id="0"), NIGHT) is not None
    assert outcomes.add(BEN, outcome(BEN, 1, queue_id="1"), NIGHT) is None


def test_what_the_log_never_says_is_forgotten() -> None:
    """And it is known whose it was."""
    outcomes = Outcomes()
    outcomes.add(ANN, outcome(ANN, 1), NIGHT)
    assert outcomes.forget(NIGHT) == [] and outcomes.forget(NIGHT + 1) == [ANN]
    assert list(outcomes.of(ANN)) == []


def test_dead_recipients_slow_an_account_before_the_log_says_a_word(here: Answering) -> None:
    """One message that bounces, from a place without habit; no incident, nobody else, and it ends with ten minutes."""
    assert here.asks(ANN, BOTNET[0]) == "pass"
    for number in range(12):
        here.doors.tell(outcome(ANN, number))
    assert here.asks(ANN, BOTNET[0]) in ("slow", "defer")
    assert here.asks(BEN, HOME[BEN]) == "pass" and here.incidents() == []
    here.clock.at += 601
    here.doors.look()
    assert here.asks(ANN, BOTNET[0]) == "pass"


def test_recipients_that_exim_could_not_verify_slow_an_account(here: Answering) -> None:
    """They are no recipients of the message, and never more than throttle."""
    answers = [
        here.doors.answer(
            here.settings.door[0],
            Question(
                stage="rcpt",
                login=ANN,
                client=BOTNET[0],
                sender=ANN,
                recipient=f"v{number}@prey.example.net",
                helo="win",
                message="m1",
                unknown=True,
            ),
        ).act
        for number in range(20)
    ]
    assert answers[:3] == ["pass"] * 3 and "slow" in answers and set(answers) <= {"pass", "slow", "defer"}
    assert here.incidents() == []


def test_a_relays_network_waits_and_is_no_incident(here: Answering) -> None:
    """An account without login, page or log: one dead recipient in ten is too many within ten minutes, then it may."""
    relay = "relay/198.51.100.0/24@mx1"
    answers = [
        here.doors.answer(
            here.settings.door[0],
            Question(
                stage="rcpt",
                login=relay,
                client="198.51.100.9",
                recipient=f"v{number}@prey.example.net",
                message=f"m{number // 10}",
                unknown=number % 10 == 0,
            ),
        ).act
        for number in range(60)
    ]
    assert set(answers[:30]) == {"pass"} and answers[-1] != "pass" and "deny" not in answers and here.incidents() == []
    here.clock.at += 601
    here.doors.look()
    assert here.asks(relay, "198.51.100.9") == "pass"


def test_a_newsletter_with_a_few_dead_readers_is_not_slowed(here: Answering) -> None:
    """Delivered ones are told too, from the usual place: 5 % of 60."""
    for number in range(60):
        here.doors.tell(outcome(ANN, number, "bounced" if number % 20 == 0 else "delivered", client=HOME[ANN]))
    assert here.asks(ANN, HOME[ANN]) == "pass"


def test_the_logs_own_deliveries_take_their_place(here: Answering) -> None:
    """Also where the engine only counts them: what is told of a message that was logged is not taken."""
    lines = theft(NIGHT, ANN, 2)
    here.read(lines)
    ids = dict.fromkeys(line.split()[2] for line in lines if " => " in line)
    assert ids
    for queue_id in ids:
        here.doors.tell(outcome(ANN, 99, "delivered", queue_id))
    assert list(here.doors.attempts._outcomes.of(ANN)) == []


def test_who_has_no_login_is_told_of_in_vain(here: Answering) -> None:
    """Bounces and mail from outside are nobody's."""
    here.doors.tell(outcome(Account(""), 1))
    assert list(here.doors.attempts._outcomes._of) == []


TOLD = st.lists(
    st.tuples(
        st.sampled_from([ANN, BEN]),
        st.integers(0, 19),
        st.sampled_from(["delivered", "bounced", "deferred"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TOLD, min_size=4, max_size=4))
def test_no_outcome_changes_what_the_log_says(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[Account, int, Result, bool]]]
) -> None:
    """Any outcomes between the lines, true or false, in any order: pages and incidents are those of the log alone."""

    def tell(here: Answering, told: tuple[Account, int, Result, bool]) -> None:
        account, number, result, asks = told
        here.doors.tell(outcome(account, number, result))
        if asks:
            here.asks(account, BOTNET[number], f"m{number}")

    told = left(tmp_path_factory.mktemp("told"), rounds, tell)
    assert told == left(tmp_path_factory.mktemp("told"), QUIET, tell)
