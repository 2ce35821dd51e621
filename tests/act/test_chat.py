"""Messages in a chat."""

import asyncio
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.act.book import NOON, Book, Fixed, incident, order, proof, target
from tests.act.receiver import Receiver, listening

from gatepost.act.chat import LISTED, Chat, Line, body, line_of, listed, title
from gatepost.act.post import DIGESTS, MAX_PER_HOUR, Budget
from gatepost.act.tidings import News
from gatepost.core.errors import ActionError
from gatepost.core.evidence import Level
from gatepost.core.units import Instant

LEVELS = frozenset({"hold", "block"})


class Room:
    """A chat that keeps what is said."""

    def __init__(self, taken: bool | Exception = True) -> None:
        self.taken, self.said = taken, list[tuple[str, str]]()

    def notify(self, *, body: str, title: str) -> bool:
        """One more message."""
        if isinstance(self.taken, Exception):
            raise self.taken
        self.said.append((title, body))
        return self.taken


class Stuck(Room):
    """A chat that does not answer until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def notify(self, *, body: str, title: str) -> bool:
        """Hang."""
        return self.go.wait(30)


def chat(line: Line, clock: Fixed | None = None, timeout: float = 10) -> Chat:
    """An action as configured."""
    return Chat("chat:team", line, Book(), LEVELS, Budget(clock or Fixed()), timeout)


def say(action: Chat, number: int = 1, level: Level = Level.BLOCK) -> str:
    """Tell a step."""
    about = incident(number=number, peak=level)
    return asyncio.run(action.ensure(order(about, "notified"), target(about)))


def test_a_step_is_one_message_with_the_command() -> None:
    """Who, how bad, why, how much got out, and what takes it back; below its levels nothing is said."""
    room = Room()
    assert say(chat(room)) == "said in chat:team"
    assert say(chat(room), level=Level.THROTTLE) == "nobody wants to know at level throttle"
    ((head, text),) = room.said
    assert head == "[gatepost] block: ann@example.org (score 88)"
    assert text.splitlines() == [
        "7 networks in 1h, 4 allowed",
        "39 recipients got out.",
        "gatepost release 'ann@example.org#1' --password-changed",
    ]


def test_what_could_not_be_done_is_said() -> None:
    """A measure that failed is in the message with its reason."""
    book, about = Book(), incident()
    book.claim(order(about), "table:deny", "x", NOON)
    book.close_row(order(about).key, "table:deny", "failed", "the disk is full", NOON)
    news = News("k", "step", NOON, about, 1, (("NOT stopped", "nothing acts on it"),), tuple(book.rows(about.key)))
    assert "NOT done: table:deny: the disk is full" in body(news)
    assert "NOT stopped: nothing acts on it" in body(news)


def test_a_message_stays_said() -> None:
    """There is nothing to take back."""
    about = incident()
    action = chat(Room())
    assert action.plan(order(about, "notified"), target(about)) == ""
    assert asyncio.run(action.undo(order(about, "notified"), target(about), "")) == "a message stays said"


@pytest.mark.parametrize("taken", [False, RuntimeError("slack://secret"), ValueError("x")])
def test_a_service_that_fails_is_worth_another_try_and_quotes_no_secret(taken: bool | Exception) -> None:
    """Whatever a plugin raises is an error of this action, without its words."""
    with pytest.raises(ActionError, match="chat:team: the") as caught:
        say(chat(Room(taken)))
    assert caught.value.retry and "secret" not in str(caught.value)


def test_a_service_that_hangs_costs_its_time_and_one_thread() -> None:
    """Also when it is tried again."""
    stuck = Stuck()
    before = threading.active_count()
    action = chat(stuck, timeout=0.1)
    try:
        for _ in range(3):
            with pytest.raises(ActionError, match=r"no answer within 0\.1 s"):
                say(action)
        assert threading.active_count() <= before + 1
    finally:
        stuck.go.set()


def test_twenty_an_hour_are_shared_with_letters_then_digests_go_out() -> None:
    """What letters used up is gone for chats; then one digest every ten minutes."""
    room, clock = Room(), Fixed()
    budget = Budget(clock)
    action = Chat("chat:team", room, Book(), LEVELS, budget, 10)
    for _ in range(MAX_PER_HOUR - 1):
        budget.spend()
    say(action)
    with pytest.raises(ActionError, match="waits"):
        say(action, 2)
    assert action.waits() == 0.0
    about = incident(number=2)
    asyncio.run(action.digest([(order(about, "notified"), target(about))]))
    assert action.waits() == DIGESTS
    clock.at = Instant(NOON + DIGESTS)
    assert action.waits() == 0.0
    assert [head for head, _ in room.said][1:] == ["[gatepost] 1 accounts look stolen"]


def test_a_digest_names_the_first_and_counts_the_others() -> None:
    """A chat is no list."""
    many = [News("k", "step", NOON, incident(number=number), 1) for number in range(1, 31)]
    text = listed(many)
    assert text.count("(block)") == LISTED and "and 20 more" in text


HOSTILE = st.text(max_size=300) | st.sampled_from(
    ["@everyone", "@HERE x", "<!channel>", "<@U1>", "https://evil.example/", "\u202egpj", "a\r\nb", "\0", "\udcff"]
)


@given(HOSTILE, HOSTILE)
def test_no_foreign_value_calls_people_or_hides(account: str, says: str) -> None:
    """No mention, no link, no control or bidi character, and few lines."""
    news = News("k", "step", NOON, incident(account, because=(proof(says=says),)), 1, (("x", says),))
    for text in (title(news), body(news), listed([news])):
        low = text.lower()
        assert not any(word in low for word in ("@everyone", "@here", "@channel", "<!", "<@", "<#"))
        assert not set(text) & set("\0\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\r\udcff")
        assert "://" not in text and text.count("\n") <= 4 and len(text) < 2000


def test_apprise_carries_it() -> None:
    """A real service gets the message: Apprise's own JSON form, over HTTP."""
    pytest.importorskip("apprise", reason="Apprise is not installed: pip install gatepost[chat]")
    receiver = Receiver(200)
    with listening(receiver) as port:
        say(chat(line_of(f"json://127.0.0.1:{port}/team")))
        receiver.status = 500
        with pytest.raises(ActionError, match="did not take"):
            say(chat(line_of(f"json://127.0.0.1:{port}/team")))
    said = json.loads(receiver.posted[0][2])
    assert said["title"] == "[gatepost] block: ann@example.org (score 88)"
    assert "gatepost release 'ann@example.org#1' --password-changed" in said["message"]


def test_a_url_that_is_none_is_refused_and_not_shown() -> None:
    """It is a secret."""
    pytest.importorskip("apprise", reason="Apprise is not installed: pip install gatepost[chat]")
    with pytest.raises(ValueError, match="no such service") as caught:
        line_of("nothing://token-of-ours")
    assert "token-of-ours" not in str(caught.value)
