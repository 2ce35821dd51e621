"""Letters to customers whose account was stolen."""

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, Book, Fixed, incident, order, target
from tests.act.carrier import Carrier
from tests.act.test_customer import parts
from tests.act.test_notify import Desk, listening

from gatepost.act.customer import Office
from gatepost.act.post import Budget, Post
from gatepost.act.warned import LEFT, Owner, Rules, Warned
from gatepost.act.wording import LANGUAGES, THEFT, THEFT_WORDS, texts
from gatepost.core.errors import ActionError, ConfigError
from gatepost.core.evidence import Level
from gatepost.core.incident import State
from gatepost.core.ports import RowState
from gatepost.core.units import Instant

OTHER = "ann@example.net"
ANYTHING = st.text(st.characters() | st.sampled_from('<>&"$\\=+-@\r\n\0\x1b\u202e\ud800'), min_size=1, max_size=330)


def offices(folder: str = "") -> dict[str, Office]:
    """An operator who speaks two languages."""
    return {
        language: Office("postmaster@example.org", texts(language, folder, THEFT), language, "support@example.org")
        for language in LANGUAGES
    }


def stopped_book(state: RowState = "done") -> Book:
    """A journal in which the account's sending was stopped, or not yet."""
    book, measure = Book(), order(incident())
    book.claim(measure, "table:deny", "x", NOON)
    book.close_row(measure.key, "table:deny", state, "", NOON)
    return book


def warned(
    smtp: str = "127.0.0.1:9",
    *,
    to: str = OTHER,
    language: str = "en",
    stopped: frozenset[str] = frozenset(),
    released: bool = True,
    budget: Budget | None = None,
    book: Book | None = None,
    folder: str = "",
) -> Warned:
    """An action as configured."""
    rules, clock = Rules(lambda _: Owner(to, language), stopped.__contains__, released), Fixed()
    post, levels = Post(smtp, budget or Budget(clock), 10), frozenset({"hold", "block"})
    return Warned("customer:x", offices(folder), post, book or stopped_book(), levels, rules, clock)


def test_one_letter_an_incident_and_one_at_its_end() -> None:
    """Hold, then block, then release: two letters, both to the other address, with an empty envelope sender."""
    desk, book = Desk(), stopped_book()

    async def run() -> list[str]:
        async with listening(desk) as smtp:
            carrier = Carrier(warned(smtp, book=book), book)
            notes = []
            for number, level in enumerate((Level.HOLD, Level.BLOCK), 1):
                about = incident(peak=level)
                notes.append(await carrier.ensure(order(about, "notified", number), target(about)))
            ended = replace(incident(), state=State.RELEASED)
            for row in reversed([row for row in book.rows(ended.key) if row.action == carrier.action.name]):
                notes.append(await carrier.action.undo(row.order, target(ended), row.undo))
            return notes

    notes = asyncio.run(run())
    assert notes[1:3] == ["no letter: one was sent at step 1", "no letter was sent"]
    assert [(letter.mail_from, letter.rcpt_tos) for letter in desk.taken] == [("<>", [OTHER])] * 2
    first, second = (bytes(letter.content or b"") for letter in desk.taken)  # type: ignore[arg-type]
    assert b"Sending from your account ann@example.org is stopped" in first and b"can send again" in second


@pytest.mark.parametrize(
    ("to", "stopped", "why"),
    [
        ("", frozenset(), "no other address is known"),
        ("Ann@Example.org", frozenset(), "the stolen mailbox"),
        ("ann", frozenset(), "no other address is known"),
        (OTHER, frozenset({OTHER}), "held or blocked"),
    ],
)
def test_who_never_gets_one(to: str, stopped: frozenset[str], why: str) -> None:
    """Nobody, the stolen mailbox under any spelling, and a mailbox that may be stolen too; that is no error."""
    action, about = warned(to=to, stopped=stopped), incident()
    asked = order(about, "notified")
    assert action.plan(asked, target(about)) == ""
    assert why in asyncio.run(action.ensure(asked, target(about)))
    assert asyncio.run(action.undo(asked, target(about), "")) == "no letter was sent"
    spelt = warned(to="second@example.org")
    assert "stolen mailbox" in spelt.hindrance(target(about, "Second@example.org"))


def test_below_its_levels_nothing_is_written() -> None:
    """A throttle frightens nobody."""
    about = incident(peak=Level.THROTTLE)
    assert "not worth one" in asyncio.run(warned().ensure(order(about, "notified"), target(about)))


def test_ten_messages_of_the_hour_are_left_to_the_abuse_desk() -> None:
    """Until then a letter waits, and the one about the end is left out: a release is not held up by it."""
    clock, book = Fixed(), stopped_book()
    budget = Budget(clock)
    for _ in range(LEFT):
        budget.spend()
    about = incident()
    asked = order(about, "notified")
    action = warned(budget=budget, book=book)
    assert action.waits() > 0
    with pytest.raises(ActionError, match="waits") as caught:
        asyncio.run(action.ensure(asked, target(about)))
    assert caught.value.retry
    book.claim(asked, action.name, "told", NOON)
    assert "too much went out" in asyncio.run(action.undo(asked, target(about), "told"))
    clock.at = Instant(NOON + 3600)
    assert action.waits() == 0.0


def test_who_was_not_told_of_the_theft_is_not_told_of_its_end() -> None:
    """A letter that no server took is followed by none."""
    book, about = stopped_book(), incident()
    asked, action = order(about, "notified"), warned(book=book)
    book.claim(asked, action.name, "told", NOON)
    book.close_row(asked.key, action.name, "failed", "no server", NOON)
    assert asyncio.run(action.undo(asked, target(about), "told")) == "no letter was sent"


def test_the_end_is_told_only_where_that_is_wanted() -> None:
    """It is off by itself."""
    book, about = stopped_book(), incident()
    asked, action = order(about, "notified"), warned(book=book, released=False)
    book.claim(asked, action.name, "told", NOON)
    assert asyncio.run(action.undo(asked, target(about), "told")) == "a letter stays sent"


def test_no_server_is_an_error_worth_another_try() -> None:
    """Its address is named."""
    about = incident()
    with pytest.raises(ActionError, match=r"127\.0\.0\.1:9 did not take") as caught:
        asyncio.run(warned().ensure(order(about, "notified"), target(about)))
    assert caught.value.retry


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", THEFT)
@settings(max_examples=20, deadline=None)
@given(ANYTHING)
def test_nothing_a_stranger_writes_harms_the_reader(language: str, kind: str, account: str) -> None:
    """No header, tag, control character, link or placeholder comes through; nothing asks to be clicked."""
    action = warned(language=language)
    mail = action.compose(kind, incident(account), NOON)
    usual = action.compose(kind, incident(), NOON)
    assert mail.keys() == usual.keys() and mail["To"] == OTHER
    found, plain = parts(mail), parts(usual)
    for one in (found["text/plain"], found["text/html"], mail["Subject"]):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", one)
        assert "://" not in one
    tags = re.compile(r"</?\w+")
    assert tags.findall(found["text/html"]) == tags.findall(plain["text/html"])
    assert "<a" not in found["text/html"] and "$" not in plain["text/plain"] + plain["text/html"]


def test_recipients_are_named_only_when_there_were_any() -> None:
    """A theft that was stopped at once has no number."""
    action = warned()
    assert "39 recipients" in parts(action.compose("stolen", incident(), NOON))["text/plain"]
    none = replace(incident(), out_before=0, out_after=0)
    assert "recipients" not in parts(action.compose("stolen", none, NOON))["text/plain"]


def test_own_texts_go_before_ours_language_by_language(tmp_path: Path) -> None:
    """The folder of a language first, then the folder itself; what means nothing is told."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "stolen.txt").write_text("Subject: Halt\n\n$account\n")
    (tmp_path / "released.txt").write_text("Subject: Go\n\n$account since $since\n")
    subjects = {
        (language, kind): warned(language=language, folder=str(tmp_path)).compose(kind, incident(), NOON)["Subject"]
        for language in LANGUAGES
        for kind in THEFT
    }
    assert (subjects["de", "stolen"], subjects["de", "released"], subjects["en", "released"]) == ("Halt", "Go", "Go")
    assert subjects["en", "stolen"].startswith("Sending from")
    (tmp_path / "released.txt").write_text("Subject: Go\n\n$list\n")
    with pytest.raises(ConfigError, match=r"\$list means nothing"):
        offices(str(tmp_path))


def test_our_texts_name_everything_at_least_once() -> None:
    """No placeholder is documented that no letter uses."""
    for language in LANGUAGES:
        told = texts(language, "", THEFT).values()
        said = " ".join(part for text in told for part in (text.subject, *text.paragraphs))
        assert [word for word in sorted(THEFT_WORDS) if f"${word}" not in said] == []


def test_the_letter_does_not_say_what_is_not_so() -> None:
    """Where nothing stops the account there is no letter; while a measure fails it waits."""
    about = incident()
    asked = order(about, "notified")
    for book in (Book(), stopped_book("would")):
        action = warned(book=book)
        assert action.plan(asked, target(about)) == ""
        assert asyncio.run(action.ensure(asked, target(about))) == "no letter: nothing here stops its sending"
    with pytest.raises(ActionError, match="not stopped yet") as caught:
        asyncio.run(warned(book=stopped_book("failed")).ensure(asked, target(about)))
    assert caught.value.retry
