"""Questions and answers at a door, as the record of a host of which no log is read."""

import pytest

from gatepost.core.asked import PASS, Act, Answer, Outcome, Question, Stage
from gatepost.core.events import AnyEvent, Cursor, Delivery, Own, Submission
from gatepost.core.units import Instant
from gatepost.mta import witness
from gatepost.mta.noted import BROKEN, Noted, line
from gatepost.mta.thread import Thread
from gatepost.mta.witness import Witness

NOON = Instant(1_773_576_000.0)
ANN = "ann@example.org"


class Told:
    """A witness, and the events that become of what it says."""

    def __init__(self, *, exim: bool = False, local_users: bool = False) -> None:
        self.witness = Witness(holds_at_once=not exim, tells=exim, local_users=local_users)
        self.thread = Thread("mx1")
        self.events: list[AnyEvent] = []

    def asks(self, stage: Stage, act: Act = "pass", **more: object) -> None:
        """A question, and what it is answered."""
        known: dict[str, object] = {"login": ANN, "client": "192.0.2.10", "message": "m1", "sender": ANN} | more
        record = self.witness.asked(Question(stage=stage, **known), Answer(act), NOON)  # type: ignore[arg-type]
        self.read(line(record)) if record is not None else None

    def tells(self, **more: object) -> None:
        """An outcome."""
        told: dict[str, object] = {"login": ANN, "queue_id": "Q1", "recipient": "v@example.net"} | more
        self.read(line(self.witness.told(Outcome(**told), NOON)))  # type: ignore[arg-type]

    def read(self, text: bytes) -> None:
        """A line is read again."""
        cursor = Cursor("door:x", 1, 1000 * len(self.events))
        self.events += [event for event in self.thread.feed(Noted().read(text.decode()), cursor) if event.account]

    @property
    def accepted(self) -> list[int | None]:
        """Recipients of each message that was handed in."""
        return [event.recipients for event in self.events if isinstance(event, Submission)]

    @property
    def own(self) -> int:
        """What gatepost itself refused or kept."""
        return sum(isinstance(event, Own) for event in self.events)


def test_a_message_counts_at_its_end_with_the_number_the_server_states() -> None:
    """RCPT named three, one of which the server refused after us; nothing counts before the end."""
    told = Told()
    for name in ("a", "B", "b"):
        told.asks("rcpt", recipient=f"{name}@example.net")
    told.asks("data", recipients=2)
    assert told.events == []
    told.asks("end", recipients=2, size=4321, queue_id="Q1")
    (event,) = told.events
    assert isinstance(event, Submission) and event.account == ANN and event.host == "mx1"
    assert (event.recipients, event.size, event.queue_id) == (2, 4321, "Q1")
    assert event.addresses == ("a@example.net", "b@example.net")
    assert not told.thread.open, "Postfix tells no outcome: the message is over"


@pytest.mark.parametrize("act", ["pass", "slow", "route"])
def test_who_had_to_wait_has_sent(act: Act) -> None:
    """The message went out."""
    told = Told()
    told.asks("rcpt", act, recipient="a@example.net")
    told.asks("end", recipients=1)
    assert told.accepted == [1] and not told.own


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
@pytest.mark.parametrize("act", ["deny", "defer"])
def test_what_was_refused_is_our_own(stage: Stage, act: Act) -> None:
    """Counted for the incident, never as sent."""
    told = Told()
    told.asks(stage, act, recipient="a@example.net" if stage == "rcpt" else "")
    assert told.accepted == [] and told.own == 1


def test_what_is_kept_is_our_own() -> None:
    """Postfix keeps a message as soon as we said so once; Exim only when we say so at its end."""
    postfix, exim = Told(), Told(exim=True)
    for told in (postfix, exim):
        told.asks("rcpt", "hold", recipient="a@example.net")
        told.asks("end", recipients=1, queue_id="Q1")
    assert (postfix.accepted, postfix.own) == ([], 1) and (exim.accepted, exim.own) == ([1], 0)
    exim.asks("end", "hold", message="m2", queue_id="Q2", recipients=1)
    exim.tells(queue_id="Q2", result="bounced")
    assert (exim.accepted, exim.own) == ([1], 1)


def test_an_end_that_is_asked_about_twice_counts_once() -> None:
    """A second list of Postfix's, or a connection that broke; the next message of the session counts."""
    told = Told()
    for message in ("m1", "m1", "m2"):
        told.asks("end", message=message, recipients=1)
    assert told.accepted == [1, 1]


def test_exim_tells_what_became_of_recipients() -> None:
    """Joined to the account by queue id; the message is over when every recipient is done."""
    told = Told(exim=True)
    told.asks("end", recipients=2, queue_id="Q1")
    told.tells(recipient="a@example.net", result="delivered")
    told.tells(recipient="b@example.net", result="bounced", status="5.1.1", reply="550 no such user")
    found = [event for event in told.events if isinstance(event, Delivery)]
    assert {(event.account, event.result, event.count) for event in found} == {
        (ANN, "delivered", 1),
        (ANN, "bounced", 1),
    }
    assert not told.thread.open


def test_a_recipient_that_does_not_exist_is_a_refusal() -> None:
    """As its line in the log would be; it is no recipient of the message."""
    told = Told(exim=True)
    told.asks("rcpt", recipient="gone@example.net", unknown=True)
    told.asks("rcpt", recipient="a@example.net")
    told.asks("end", recipients=1)
    refused, sent = told.events
    assert isinstance(refused, Delivery) and (refused.result, refused.status) == ("refused", "5.1.1")
    assert isinstance(sent, Submission) and sent.addresses == ("a@example.net",)


def test_only_a_message_without_a_client_is_a_local_users() -> None:
    """Who logs in under such a name is another; where local users are not asked about there are none."""
    for local, client, account in (
        (True, "", "local/web12@mx1"),
        (True, "192.0.2.10", "login:local/web12@mx1"),
        (False, "", "login:local/web12@mx1"),
    ):
        told = Told(exim=True, local_users=local)
        told.asks("end", login="local/web12@mx1", client=client, recipients=1)
        assert [event.account for event in told.events] == [account]


def test_a_relay_by_network_is_charged_with_nothing() -> None:
    """It has no login."""
    told = Told(exim=True)
    told.asks("end", login="relay/192.0.2.0/24@mx1", recipients=1)
    assert told.events == []


def test_messages_that_never_end_are_bounded() -> None:
    """The oldest is forgotten; its end still counts what the server states."""
    told = Told()
    for number in range(witness.MAX_MESSAGES + 1):
        told.asks("rcpt", message=f"m{number}", recipient="a@example.net")
    told.asks("end", message="m0", recipients=7)
    (event,) = told.events
    assert isinstance(event, Submission) and (event.recipients, event.addresses) == (7, ())


def test_no_text_of_a_stranger_can_be_a_line() -> None:
    """Quotes and line ends in whatever he chooses come back as they were; half a line is unread."""
    odd = 'x"\n{"kind":"submission","account":"ben@example.org"}\u2028\x00é'
    record = Witness(holds_at_once=True, tells=False).asked(
        Question(stage="end", login=odd, client=odd, helo=odd, sender=odd, queue_id=odd), PASS, NOON
    )
    assert record is not None and b"\n" not in line(record)
    assert Noted().read(line(record).decode()) == record
    assert Noted().read(line(record).decode()[:-1]).why == BROKEN and Noted().skim("") is None
