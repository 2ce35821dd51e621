"""A door that owns its host's facts: what is asked there is the record, once, also through a crash."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runtime.running import Running
from tests.runtime.scene import ANN, BEN, BOTNET, HOME, NIGHT, Fixed, Machine, configured, habits

from gatepost.config.load import load
from gatepost.core.asked import PASS, Asked, Outcome, Question, Stage
from gatepost.core.errors import ConfigError
from gatepost.core.events import AnyEvent, Delivery, Submission
from gatepost.core.units import Account
from gatepost.runtime import daemon
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.source.spool import Spool

LISTEN = "unix:/run/gatepost/policy"
DOOR = f'[[door]]\nkind = "{{}}"\nlisten = "{LISTEN}"\nowns = "mx2"\n'


class Owned(Machine):
    """A machine with one door that owns mx2, beside the log of mx1."""

    def __init__(self, folder: Path, kind: str = "postfix") -> None:
        super().__init__(configured(folder, more=DOOR.format(kind)))
        self.doors = Doors(self.house, Desk(self.house), lambda: True)
        self.events: list[AnyEvent] = []
        forget = self.house.pipeline.saw

        def saw(event: AnyEvent) -> None:
            self.events.append(event)
            if forget is not None:
                forget(event)

        self.house.pipeline.saw = saw

    def asks(self, account: str, client: str, message: str, stage: Stage, recipients: int = 0, number: int = 0) -> str:
        """What one question is answered, as at the socket."""
        question = Question(
            stage=stage,
            login=account,
            client=client,
            sender=account,
            recipient=f"v{number}@prey{number}.example.net" if stage == "rcpt" else "",
            message=message,
            queue_id=f"Q{message}" if stage == "end" else "",
            recipients=recipients,
        )
        return self.hears(question)

    def hears(self, asked: Asked) -> str:
        """What is asked or told at the socket, and the answer."""
        return self.doors._answer_at(LISTEN, asked).act

    def notice(self, *, write: bool = True) -> None:
        """What was noted is read, and written down."""
        (source,) = self.doors.followed
        assert isinstance(source.tail, Spool)
        while (lines := source.tail._next()) is not None:
            self.changes += source.read(lines)
        if write:
            self.house.settle(self.changes)
            self.carry()

    @property
    def accepted(self) -> Counter[Account]:
        """Recipients handed in at the host of the door, by account, as the engine saw them."""
        found = Counter[Account]()
        for event in self.events:
            if isinstance(event, Submission) and event.host == "mx2":
                found[event.account] += event.recipients or 0
        return found


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Owned]:
    """Fourteen days of habits at mx1; three in the morning."""
    made = Owned(tmp_path)
    made.read(habits())
    yield made
    made.close()


def test_a_thief_is_blocked_without_a_log(here: Owned) -> None:
    """Twelve messages from as many places, all of them accepted while nobody looked: the next recipient is refused."""
    for number, client in enumerate(BOTNET[:12]):
        for stage, recipients in (("rcpt", 0), ("data", 40), ("end", 40)):
            here.asks(ANN, client, f"m{number}", stage, recipients, number)  # type: ignore[arg-type]
    here.notice()
    assert here.incidents(ANN) and here.asks(ANN, BOTNET[0], "m99", "rcpt") in ("deny", "hold")
    assert here.asks(BEN, HOME[BEN], "m100", "rcpt") == "pass"


def test_what_was_noted_takes_the_place_of_the_attempt(here: Owned) -> None:
    """As a line of the log does."""
    here.asks(ANN, HOME[ANN], "m1", "end", 1)
    assert len(here.doors.attempts) == 1
    here.notice()
    assert len(here.doors.attempts) == 0 and here.accepted == {ANN: 1}


def test_what_is_told_of_a_recipient_is_the_accounts(tmp_path: Path) -> None:
    """Exim's delivery events; the account is that of the message, not the one that is said."""
    here = Owned(tmp_path, "exim")
    here.asks(ANN, HOME[ANN], "m1", "end", 1)
    here.hears(Outcome(login=BEN, queue_id="Qm1", recipient="v@example.net", result="bounced", status="5.1.1"))
    here.notice()
    failed = [event.account for event in here.events if isinstance(event, Delivery)]
    assert failed == [ANN]
    here.close()


def test_a_question_that_could_not_be_judged_counts_too(here: Owned) -> None:
    """It was answered with pass, so the message went out."""
    question = Question(stage="end", login=ANN, client=HOME[ANN], message="m1", recipients=3)
    here.doors._note(LISTEN, question, PASS)
    here.notice()
    assert here.accepted == {ANN: 3}


def test_a_disk_that_is_full_is_said_and_mail_flows(here: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be noted is counted as lost."""
    monkeypatch.setattr("gatepost.source.spool.Spool.add", lambda spool, lines: False)
    assert here.asks(ANN, HOME[ANN], "m1", "end", 1) == "pass"
    here.doors.look()
    assert here.doors._lost == 1


SAID = st.lists(
    st.tuples(st.sampled_from([ANN, BEN]), st.integers(0, 5), st.sampled_from(["rcpt", "rcpt", "data", "end"])),
    max_size=30,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SAID, min_size=3, max_size=3), st.sets(st.integers(0, 2)))
def test_counts_are_what_was_let_through_to_its_end(
    tmp_path_factory: pytest.TempPathFactory, rounds: Sequence[Sequence[tuple[Account, int, Stage]]], crashes: set[int]
) -> None:
    """Any order, any loss, any crash between: recipients counted are those of ends that were answered with pass."""
    folder = tmp_path_factory.mktemp("owned")
    here, sent, counted, over = Owned(folder), Counter[Account](), Counter[Account](), set[str]()
    for turn, said in enumerate(rounds):
        for number, (account, size, stage) in enumerate(said):
            message = f"{account}{size}-{turn}"
            act = here.asks(account, HOME[account], message, stage, size + 1, number)
            if stage == "end" and message not in over:
                over.add(message)
                sent[account] += size + 1 if act in ("pass", "slow", "route") else 0
        if turn in crashes:  # noted and not read, or read and not written down
            if len(said) % 2:
                here.notice(write=False)
            here.close()
            here = Owned(folder)
        here.notice()
        counted += here.accepted
        here.events.clear()
    assert +counted == +sent
    here.close()


def test_a_daemon_with_only_a_door_that_is_killed_forgets_nothing(tmp_path: Path) -> None:
    """No log at all; two processes, the first of them killed before it wrote anything down."""
    here = Running(tmp_path, Fixed(NIGHT))
    path, listen = tmp_path / "gatepost.toml", f"unix:{tmp_path}/policy"
    path.write_text(f'mode = "enforce"\n{DOOR.format("postfix").replace(LISTEN, listen)}')
    here.settings = load(path)

    def ask(number: int) -> None:
        doors = here.daemon._doors
        for turn in range(number):
            question = Question(stage="end", login=ANN, client=HOME[ANN], message=f"{number}.{turn}", recipients=1)
            doors._answer_at(listen, question)

    asked: list[int] = []

    def killed() -> bool:
        if not asked and here.daemon.carrier.open:
            asked.append(1)
            ask(5)
        return bool(asked)

    here.until(killed)
    here.until(lambda: here.daemon.carrier.open and here.daemon.house.pipeline.totals.lines == 5)


def test_owns_changes_with_a_restart_only(tmp_path: Path) -> None:
    """The spool and its place belong to a process."""
    with_it = configured(tmp_path, more=DOOR.format("postfix"))
    without = configured(tmp_path, more=DOOR.format("postfix").replace('owns = "mx2"\n', ""))
    with pytest.raises(ConfigError, match="owns"):
        daemon._unmoved(with_it, without)
    daemon._unmoved(with_it, with_it)
