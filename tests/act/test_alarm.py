"""Letters about what is no incident and needs a human."""

import asyncio
from email.message import EmailMessage

import pytest
from tests.act.book import NOON, Fixed

from gatepost.act import letter
from gatepost.act.notify import Notify
from gatepost.act.post import MAX_PER_HOUR, Post
from gatepost.core.errors import ActionError


class Caught(Notify):
    """A Notify whose letters stay here."""

    mails: list[EmailMessage]


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Caught:
    """A letter box."""
    made = Caught(to=("abuse@example.test",), sender="gatepost@example.org", smtp="127.0.0.1:25", clock=Fixed())
    made.mails = []

    async def deliver(_: Post, mail: EmailMessage, to: tuple[str, ...]) -> set[str]:
        made.mails.append(mail)
        return set()

    monkeypatch.setattr(Post, "_deliver", deliver)
    return made


def test_an_alarm_is_one_letter_with_its_lines(notify: Caught) -> None:
    """Marked as automatic, with what helps."""
    note = asyncio.run(notify.alarm("the state cannot be written", ["state.db: the disk is full; free some space"]))
    (mail,) = notify.mails
    assert mail["Subject"] == "[gatepost] the state cannot be written"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "free some space" in mail.get_content() and "gatepost doctor" in mail.get_content()
    assert "abuse@example.test" in note


def test_alarms_count_among_the_letters_of_an_hour(notify: Caught) -> None:
    """Beyond that they wait."""
    for number in range(MAX_PER_HOUR):
        asyncio.run(notify.alarm(f"matter {number}", []))
    with pytest.raises(ActionError, match="waits") as refused:
        asyncio.run(notify.alarm("one more", []))
    assert refused.value.retry


def test_foreign_text_in_an_alarm_is_harmless() -> None:
    """One line each, no control or bidirectional characters, bounded, in subject and body."""
    evil = "x\r\nBcc: all@example.net\x1b[2J\u202e" + "y" * 5000
    mail = letter.alarm(evil, [evil] * 1000, sender="gatepost@example.org", to=["a@example.test"], now=NOON)
    assert mail["Bcc"] is None
    text = mail.get_content()
    assert "\x1b" not in text and "\u202e" not in text
    assert max(map(len, text.splitlines())) < 600
    assert len(text.splitlines()) < 300
