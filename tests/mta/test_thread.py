"""The lines of one queue id joined into events with an account (contracts 3, 10)."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.accounts import Accounts
from gatepost.core.events import AnyEvent, Cursor, Delivery, Login, Own, Submission
from gatepost.core.units import Instant
from gatepost.mta.base import Record
from gatepost.mta.early import MOST as EARLY
from gatepost.mta.thread import Thread

ANN = "Ann@example.org"
ID = "1wAAAA-0001aB-2c"


def arrival(
    queue_id: str = ID, at: float = 100.0, to: Sequence[str] | None = None, account: str | None = ANN
) -> Record:
    """A message taken in from an authenticated client."""
    return Record(
        kind="submission", time=Instant(at), account=ANN, client="192.0.2.1", queue_id=queue_id,
        envelope_sender="ann@example.org", recipients=None if to is None else tuple(to),
    )  # fmt: skip


def outcome(result: str, address: str, queue_id: str = ID, at: float = 200.0) -> Record:
    """What became of one recipient."""
    return Record(kind="delivery", time=Instant(at), queue_id=queue_id, address=address, result=result)  # type: ignore[arg-type]


def completed(queue_id: str = ID, at: float = 300.0) -> Record:
    """The message left the queue."""
    return Record(kind="part", part="completed", time=Instant(at), queue_id=queue_id)


def feed(thread: Thread, *records: Record) -> list[AnyEvent]:
    """What records mean, in order."""
    found: list[AnyEvent] = []
    for number, record in enumerate(records):
        found += thread.feed(record, Cursor("log", 0, 1000 * number))
    return found


def accepted(found: Sequence[AnyEvent]) -> list[tuple[float, int | None, bool]]:
    """Time, recipients and whether it is a further part, of each submission."""
    return [(event.at, event.recipients, event.more) for event in found if isinstance(event, Submission)]


def outcomes(found: Sequence[AnyEvent]) -> list[tuple[str, str, int]]:
    """Result, address and number of each delivery."""
    return [(event.result, event.address, event.count) for event in found if isinstance(event, Delivery)]


def test_recipients_that_the_arrival_names_are_counted_there() -> None:
    """With `for a b` the submission says two, and no more follow."""
    found = feed(
        Thread("mx1"), arrival(to=["a@example.net", "b@example.net"]), outcome("delivered", "a@example.net"),
        outcome("bounced", "b@example.net"), completed(),
    )  # fmt: skip
    assert accepted(found) == [(100.0, 2, False)]
    assert outcomes(found) == [("delivered", "", 1), ("bounced", "b@example.net", 1)]


def test_unknown_recipients_are_told_as_more_with_the_time_of_the_submission() -> None:
    """Volume counts when mail was handed in, never when the queue ran."""
    late = 6 * 3600.0
    found = feed(
        Thread("mx1"), arrival(), *(outcome("delivered", f"r{number}@example.net", at=late) for number in range(3)),
        completed(at=late),
    )  # fmt: skip
    assert accepted(found) == [(100.0, None, False), (100.0, 3, True)]
    assert outcomes(found) == [("delivered", "", 3)]


def test_an_alias_with_fifty_members_is_one_recipient() -> None:
    """The original recipient counts once, whatever it expands to."""
    found = feed(Thread("mx1"), arrival(), *[outcome("delivered", "list@example.org")] * 50, completed())
    assert accepted(found)[1:] == [(100.0, 1, True)]
    assert outcomes(found) == [("delivered", "", 1)]


def test_a_message_deferred_twenty_times_is_deferred_once() -> None:
    """Retries are no new facts; the delivery at the end is one."""
    tries = [outcome("deferred", "a@example.net", at=200.0 + number) for number in range(20)]
    found = feed(Thread("mx1"), arrival(), *tries, outcome("delivered", "a@example.net"), completed())
    assert accepted(found)[1:] == [(100.0, 1, True)]
    assert outcomes(found) == [("deferred", "a@example.net", 1), ("delivered", "", 1)]


def test_each_event_of_a_line_has_a_cursor_of_its_own() -> None:
    """One line that tells of three things gives three places, in order."""
    found = feed(Thread("mx1"), arrival(), outcome("delivered", "a@example.net"), outcome("bounced", "b@example.net"))
    places = [event.cursor.offset for event in found]
    assert places == [0, 2000, 2001, 2002]


def test_a_login_without_a_message_and_our_own_refusal() -> None:
    """Logins carry the name as given; own refusals need an account."""
    thread = Thread("mx1", accounts=Accounts("example.org"))
    login = Record(kind="login", time=Instant(1.0), account="ANN", ok=False, client="192.0.2.1")
    own = Record(kind="own", time=Instant(2.0), account="ann", client="192.0.2.1")
    found = feed(thread, login, own, Record(kind="own", time=Instant(3.0)))
    assert [(type(event), event.account) for event in found] == [(Login, "ann@example.org"), (Own, "ann@example.org")]
    assert isinstance(found[0], Login) and found[0].claimed == "ANN"


KEPT = Record(kind="own", part="kept", time=Instant(99.0), queue_id=ID)
FROZEN = Record(kind="part", part="kept", time=Instant(101.0), queue_id=ID)


def test_a_message_that_gatepost_keeps_is_no_submission() -> None:
    """Warned of, taken in and frozen, it is one own answer, before and after a restart; what follows is nobody's."""
    for restarted in (False, True):
        thread = Thread("mx1")
        feed(thread, KEPT)
        if restarted:
            before, thread = thread, Thread("mx1")
            thread.load(before.save()[0])
        found = feed(thread, arrival(to=["a@example.net"]), FROZEN, outcome("delivered", "a@example.net"), completed())
        assert [(type(each), each.account) for each in found if each.account] == [(Own, "ann@example.org")]
        assert isinstance(found[0], Own) and not found[0].kept and thread.open == {}


def test_a_message_that_an_acl_froze_is_not_out() -> None:
    """Without our words, the freezing takes back the recipients that the arrival counted; it counts nothing else."""
    found = feed(Thread("mx1"), arrival(to=["a@example.net", "b@example.net"]), FROZEN)
    assert [event.kept for event in found if isinstance(event, Own)] == [2] and len(accepted(found)) == 1
    assert [event.kept for event in feed(Thread("mx1"), arrival(), FROZEN) if isinstance(event, Own)] == [0]
    assert feed(Thread("mx1"), FROZEN) == []


def test_a_tampered_outcome_does_not_take_the_message_away() -> None:
    """Whoever forges one outcome of his message hides none of the others."""
    forged = Record(kind="unread", why="tampered", queue_id=ID, time=Instant(150.0))
    found = feed(Thread("mx1"), arrival(to=["a@example.net"]), forged, outcome("bounced", "a@example.net"))
    assert outcomes(found) == [("bounced", "a@example.net", 1)]


@pytest.mark.parametrize("part", ["received", "local"])
def test_incoming_mail_and_bounces_are_nobodys(part: str) -> None:
    """What becomes of mail that nobody authenticated for is charged to nobody, and is not called unjoined."""
    thread = Thread("mx1")
    begun = Record(kind="part", part=part, time=Instant(1.0), queue_id=ID)  # type: ignore[arg-type]
    assert feed(thread, begun, outcome("bounced", "a@example.net"), completed()) == []
    assert thread.early.unjoined == 0
    assert not thread.open


def test_a_tampered_arrival_is_nobodys() -> None:
    """Outcomes of a message that could be two people's are charged to neither (contracts 13)."""
    line = Record(kind="unread", time=Instant(1.0), queue_id=ID, candidates=("ann@example.org", "bob@example.org"))
    assert feed(Thread("mx1"), line, outcome("bounced", "a@example.net")) == []


def test_an_outcome_without_its_arrival_is_counted() -> None:
    """The log that held the arrival was not read: nobody is charged, the number is told."""
    thread = Thread("mx1")
    assert feed(thread, outcome("bounced", "a@example.net"), outcome("delivered", "b@example.net")) == []
    assert thread.early.unjoined == 2


def test_a_cutthrough_delivery_before_the_arrival_is_joined() -> None:
    """`>>` stands before `<=`: it is kept until the arrival is read."""
    thread = Thread("mx1")
    found = feed(thread, outcome("delivered", "a@example.net"), arrival(to=["a@example.net"]), completed())
    assert accepted(found) == [(100.0, 1, False)]
    assert outcomes(found) == [("delivered", "", 1)]
    assert thread.early.unjoined == 0


def test_early_deliveries_are_bounded() -> None:
    """Whoever writes outcomes of messages that never come fills no memory, and hides no later message."""
    thread = Thread("mx1")
    feed(thread, *(outcome("delivered", "a@example.net", f"q{number}") for number in range(3 * EARLY)))
    feed(thread, *[outcome("delivered", "a@example.net", "one")] * (3 * EARLY))
    assert sum(map(len, thread.early._records.values())) <= EARLY
    found = feed(thread, outcome("delivered", "b@example.net"), arrival(), completed())
    assert outcomes(found) == [("delivered", "", 1)]


def test_a_message_goes_on_in_the_next_file() -> None:
    """Rotation changes the cursor, nothing else."""
    thread = Thread("mx1")
    thread.feed(arrival(), Cursor("log", 0, 99_000))
    found = thread.feed(outcome("bounced", "a@example.net"), Cursor("log", 1, 0))
    assert [event.account for event in found] == ["ann@example.org", "ann@example.org"]
    assert [event.cursor.generation for event in found] == [1, 1]


def test_beyond_the_limit_the_oldest_message_is_closed() -> None:
    """Memory is bounded; what comes for a closed message later is counted as unjoined."""
    thread = Thread("mx1", limit=10)
    feed(thread, *(arrival(f"q{number}") for number in range(11)))
    assert len(thread.open) == 10
    assert feed(thread, outcome("bounced", "a@example.net", "q0")) == []
    assert thread.early.unjoined == 1
    assert feed(thread, outcome("bounced", "a@example.net", "q1"))


def test_only_what_changed_is_saved() -> None:
    """A save names the messages that changed since the last one, and those that are closed."""
    thread = Thread("mx1")
    feed(thread, arrival("q1"), arrival("q2"), Record(kind="part", part="received", time=Instant(1.0), queue_id="q3"))
    changed, _ = thread.save()
    assert {queue_id for queue_id, _ in changed} == {"q1", "q2"}
    assert thread.save() == ([], [])
    feed(thread, outcome("deferred", "a@example.net", "q1"), completed("q2"))
    assert thread.skim("q1", "b@example.net")
    changed, closed = thread.save()
    assert ([queue_id for queue_id, _ in changed], closed) == (["q1"], ["q2"])


def test_a_replay_notes_nothing_to_save() -> None:
    """Without a save or a load nothing is kept but the open messages."""
    thread = Thread("mx1")
    feed(thread, arrival(), outcome("delivered", "a@example.net"), completed())
    assert not thread.touched
    assert not thread.open


ADDRESSES = ("a@example.net", "b@example.net", "c@example.com")
records = st.lists(
    st.one_of(
        st.builds(
            outcome, st.sampled_from(["delivered", "deferred", "bounced"]), st.sampled_from(ADDRESSES), st.just(ID)
        ),
        st.just(completed()),
        st.builds(arrival, st.just(ID), to=st.sampled_from([None, ADDRESSES[:1], ADDRESSES])),
    ),
    max_size=25,
)


@given(records, st.integers(0, 25), st.sampled_from([None, ADDRESSES[:1], ADDRESSES]))
def test_saving_and_loading_in_the_middle_makes_no_difference(
    life: list[Record], middle: int, to: Sequence[str] | None
) -> None:
    """A crash that keeps what was saved loses and doubles no event (contracts 10)."""
    life = [arrival(to=to), *life]
    whole, first, second = Thread("mx1", key=b"k"), Thread("mx1", key=b"k"), Thread("mx1", key=b"k")
    expected = [told for record in life for told in whole.feed(record, Cursor("log", 0, 0))]
    found = [told for record in life[:middle] for told in first.feed(record, Cursor("log", 0, 0))]
    saved, closed = first.save()
    assert not set(closed) & {queue_id for queue_id, _ in saved}
    second.load(saved)
    second.early = first.early
    found += [told for record in life[middle:] for told in second.feed(record, Cursor("log", 0, 0))]
    assert found == expected


@given(records)
def test_skimming_is_feeding(life: list[Record]) -> None:
    """A delivered line that is skimmed leads to the events that reading it leads to."""
    fed, skimmed = Thread("mx1"), Thread("mx1")
    for number, record in enumerate([arrival(), *life]):
        cursor = Cursor("log", 0, number)
        expected = fed.feed(record, cursor)
        if record.result == "delivered" and skimmed.skim(record.queue_id, record.address):
            assert expected == []
        else:
            assert skimmed.feed(record, cursor) == expected
