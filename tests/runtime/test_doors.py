"""What is answered in the dialogue: by what stands, and by what is attempted before the log knows it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runtime.scene import ANN, BEN, BOTNET, HOME, NIGHT, Machine, configured, habits, theft

from gatepost.core.asked import PASS, Question, Stage
from gatepost.core.units import Account, Instant, account_subject
from gatepost.ledger.page import encode
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.store.sqlite import Sqlite

DOOR = '[[door]]\nkind = "postfix"\nlisten = "unix:/run/gatepost/postfix"\n'


class Answering(Machine):
    """A machine with one door."""

    def __init__(self, folder: Path, mode: str = "enforce", more: str = "") -> None:
        super().__init__(configured(folder, mode, more=DOOR + more))
        self.live = True
        self.desk = Desk(self.house)
        self.doors = Doors(self.house, self.desk, lambda: self.live)

    def asks(self, account: str, client: str, message: str = "m1", stage: Stage = "rcpt", number: int = 0) -> str:
        """What one question is answered."""
        question = Question(
            stage=stage,
            login=account,
            client=client,
            sender=account,
            recipient=f"v{number}@prey{number}.example.net" if stage == "rcpt" else "",
            message=message,
        )
        return self.doors.answer(self.settings.door[0], question).act

    def storm(self, account: str = ANN, recipients: int = 10) -> Iterator[str]:
        """A botnet begins a message from each of its places."""
        for number, client in enumerate(BOTNET):
            for turn in range(recipients):
                yield self.asks(account, client, f"m{number}", number=turn)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Answering]:
    """Fourteen days of habits; three in the morning."""
    made = Answering(tmp_path)
    made.read(habits())
    yield made
    made.close()


def test_who_is_nobody_passes(here: Answering) -> None:
    """Mail from outside has no login."""
    assert here.asks("", "203.0.113.9") == "pass"
    assert here.doors.answer(here.settings.door[0], Question(stage="connect", login="", client="")) == PASS


def test_a_blocked_account_is_refused_until_it_is_released(here: Answering) -> None:
    """The very next recipient after the order; another account is not touched; the spelling does not matter."""
    here.read(theft())
    assert here.asks(ANN, HOME[ANN]) == here.asks("ANN@Example.ORG", HOME[ANN]) == "deny"
    assert here.asks(ANN, HOME[ANN], stage="end") == here.asks(ANN, HOME[ANN], stage="mail") == "deny"
    assert here.asks(BEN, HOME[BEN]) == "pass"
    here.say("release", how="honest")
    here.carry()
    assert here.asks(ANN, HOME[ANN]) == "pass"


def test_what_is_refused_is_told_in_words_that_carry_the_tag(here: Answering) -> None:
    """So that the log's line about it is never evidence (contracts 2)."""
    here.read(theft())
    answer = here.doors.answer(here.settings.door[0], Question(stage="rcpt", login=ANN, client=HOME[ANN]))
    assert answer.text.startswith("[gatepost] sending is stopped")


def test_attempts_slow_a_thief_before_the_log_says_a_word(here: Answering) -> None:
    """Twenty places at once: slowed, then deferred, never refused, no incident; another account is not touched."""
    said = list(here.storm())
    assert said.index("slow") < 40 and said.count("defer") >= 150 and set(said) == {"pass", "slow", "defer"}
    assert here.asks(BEN, HOME[BEN]) == "pass"
    assert here.incidents() == []


def test_a_thief_on_many_connections_at_once_is_not_only_slowed(here: Answering) -> None:
    """Twenty messages in step, recipient by recipient: most may not even be written; to wait would let all through."""
    said = [
        here.asks(ANN, client, f"m{number}", number=turn) for turn in range(10) for number, client in enumerate(BOTNET)
    ]
    assert said.count("pass") + said.count("slow") <= 60
    asked = [here.asks(ANN, client, f"m{number}", stage="data") for number, client in enumerate(BOTNET)]
    assert asked.count("defer") >= 15 and here.incidents() == []


def test_a_usual_message_is_not_slowed(here: Answering) -> None:
    """Ten recipients from home."""
    assert {here.asks(ANN, HOME[ANN], number=number) for number in range(10)} == {"pass"}


def test_what_is_attempted_is_forgotten_after_ten_minutes(here: Answering) -> None:
    """A message that never came, as when the client gave up."""
    list(here.storm())
    assert here.asks(ANN, BOTNET[2], "m2") == "defer"
    here.clock.at += 601
    here.doors.look()
    assert here.asks(ANN, HOME[ANN]) == "pass" and len(here.doors.attempts) == 1


def test_the_log_takes_the_place_of_attempts(here: Answering) -> None:
    """The same message, asked about and then logged, counts once: fifty recipients from home, ten times over."""
    for turn in range(5):
        for number in range(10):
            assert here.asks(ANN, HOME[ANN], f"m{turn}", number=number) == "pass"
    here.read(theft(NIGHT, BEN))
    assert len(here.doors.attempts) == 1


def test_observe_mode_passes_everything(tmp_path: Path) -> None:
    """And counts what it would have said."""
    here = Answering(tmp_path, "observe")
    here.read(habits())
    assert set(here.storm()) == {"pass"}
    assert here.doors.answered["would throttle"] > 0
    here.read(theft())
    assert here.asks(ANN, HOME[ANN]) == "pass"
    here.close()


def test_attempts_say_nothing_while_old_log_is_read(here: Answering) -> None:
    """What is known then is not the present."""
    here.live = False
    assert set(here.storm()) == {"pass"}


def test_an_exempt_account_is_not_slowed(tmp_path: Path) -> None:
    """The judge's exemptions hold at the door."""
    here = Answering(tmp_path, more=f'[exempt]\naccounts = ["{ANN}"]\n')
    here.read(habits())
    assert set(here.storm()) == {"pass"}
    here.close()


def test_a_relay_is_deferred_and_few_are_kept_waiting(tmp_path: Path) -> None:
    """A machine tries again; beyond `sleepers` a person is deferred too."""
    here = Answering(tmp_path, more=f'sleepers = 3\n[account."{ANN}"]\nrole = "relay"\n')
    here.read(habits())
    assert "defer" in set(here.storm()) and "slow" not in set(here.storm())
    said = list(here.storm(BEN))
    assert said.count("slow") == 3 and "defer" in said
    here.clock.at += 11
    assert "slow" in set(here.storm(BEN, 1))
    here.close()


def test_a_suspect_leaves_another_way(tmp_path: Path) -> None:
    """With a route of its own, asked once a message, at DATA; others and other stages never take it."""
    here = Answering(tmp_path, more='route = "suspects:"\n')
    here.read(habits())
    assert here.asks(ANN, BOTNET[0], stage="data") == "pass"
    assert "route" not in set(here.storm(recipients=2))
    assert here.asks(ANN, BOTNET[0], "m0", stage="data") == "route"
    assert here.asks(ANN, BOTNET[0], "m0", stage="end") == "pass"
    assert here.asks(BEN, HOME[BEN], stage="data") == "pass"
    here.close()


def test_who_is_only_watched_is_not_slowed(tmp_path: Path) -> None:
    """A plan whose throttle means nothing: what is attempted slows nobody."""
    here = Answering(tmp_path, more=f'[account."{ANN}"]\nmeasures = {{ throttle = "watch" }}\n')
    here.read(habits())
    assert set(here.storm()) == {"pass"}
    assert set(here.storm(BEN)) != {"pass"}
    here.close()


def test_a_suspect_is_marked(tmp_path: Path) -> None:
    """With a header of its own, at DATA; others are not."""
    here = Answering(tmp_path, more='mark = "X-Suspect: yes"\n')
    here.read(habits())
    list(here.storm(recipients=2))
    assert here.asks(ANN, BOTNET[0], "m0", stage="data") == "mark"
    assert here.asks(BEN, HOME[BEN], stage="data") == "pass"
    here.close()


def test_a_blocked_account_is_not_warned_where_all_is_kept(tmp_path: Path) -> None:
    """Every stage of a message is answered with hold, a login is not refused."""
    here = Answering(tmp_path, more='at_block = "keep"\n')
    here.read([*habits(), *theft()])
    stages: tuple[Stage, ...] = ("mail", "rcpt", "data", "end")
    said = {stage: here.asks(ANN, HOME[ANN], stage=stage) for stage in stages}
    assert said == {"mail": "pass", "rcpt": "hold", "data": "hold", "end": "hold"}
    assert here.asks(BEN, HOME[BEN]) == "pass"
    here.close()


@pytest.mark.parametrize(("instead", "said"), [(False, ["pass", "route", "pass"]), (True, ["hold"] * 3)])
def test_a_held_account_leaves_by_the_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instead: bool, said: list[str]
) -> None:
    """Answered once, at DATA; a hold that the breaker made of a block keeps its mail all the same."""
    here = Answering(tmp_path, more='route = "suspects:"\nat_hold = "route"\n')
    stance = here.doors.saying._stance
    assert stance is not None
    monkeypatch.setattr(stance, "of", lambda account: "held" if account == ANN else None)
    monkeypatch.setattr(stance, "instead", lambda account: instead)
    stages: tuple[Stage, ...] = ("rcpt", "data", "end")
    assert [here.asks(ANN, HOME[ANN], stage=stage) for stage in stages] == said
    here.close()


T = TypeVar("T")


def left(folder: Path, rounds: Sequence[Sequence[T]], say: Callable[[Answering, T], object]) -> object:
    """Pages, incidents and site after a log in four parts, with so much said at the doors before each of them."""
    lines = [*habits((ANN, BEN), 4), *theft(NIGHT, ANN, 4)]
    size = len(lines) // 4
    with Sqlite.open(folder / "state.db") as store:
        store.put_meta("key", b"k" * 32)
    here = Answering(folder)
    here.clock.at = Instant(NIGHT + 60)
    for turn, said in enumerate(rounds):
        for one in said:
            say(here, one)
        here.read(lines[turn * size : (turn + 1) * size if turn < 3 else None])
    pages = [encode(here.house.pipeline.shelf.page(account_subject(account))) for account in (ANN, BEN)]
    found = (pages, [one.key for one in here.incidents()], repr(here.house.pipeline.site))
    here.close()
    return found


QUIET: tuple[tuple[()], ...] = ((), (), (), ())
"""Nothing said between the four parts of a log."""


ASKED = st.lists(
    st.tuples(st.sampled_from([ANN, BEN]), st.integers(0, 19), st.integers(0, 9), st.booleans()), max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ASKED, min_size=4, max_size=4))
def test_no_question_changes_what_the_log_says(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[Account, int, int, bool]]]
) -> None:
    """Any questions between the lines, whichever were lost: pages and incidents are those of the log alone."""

    def ask(here: Answering, question: tuple[Account, int, int, bool]) -> None:
        account, place, number, end = question
        here.asks(account, BOTNET[place], f"m{place}", "end" if end else "rcpt", number)

    asked = left(tmp_path_factory.mktemp("door"), rounds, ask)
    assert asked == left(tmp_path_factory.mktemp("door"), QUIET, ask)
