"""Made logs are real logs: every line is read, and the totals are those of the story."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from gatepost.core.events import AnyEvent, Cursor, Delivery, Login, Submission
from gatepost.lab.generate import WRITERS
from gatepost.lab.mail import Failure, Look, Mail
from gatepost.lab.stealth import CAMPAIGN, SHAPES
from gatepost.lab.story import Story
from gatepost.lab.truth import Recipe
from gatepost.mta import DIALECTS
from gatepost.mta.thread import Thread

RECIPE = Recipe(seed=2, accounts=200, days=3, clean=1, attacks=(*SHAPES, CAMPAIGN), each=1)


@cache
def story() -> tuple[tuple[object, ...], ...]:
    """All days of one story."""
    return tuple(tuple(day) for day in Story(RECIPE).days())


@cache
def lines(mta: str) -> tuple[str, ...]:
    """The story as a log."""
    writer = WRITERS[mta](RECIPE.seed)
    for day in story():
        for one in day:
            writer.put(one)  # type: ignore[arg-type]
    return tuple(writer.take(float("inf")))


@pytest.mark.parametrize("mta", WRITERS)
def test_lines_are_in_order_of_time(mta: str) -> None:
    """A log never goes back."""
    stamps = [line[:19] for line in lines(mta)]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("mta", WRITERS)
def test_gatepost_reads_every_line(mta: str) -> None:
    """No line of a made log is unread: it is spelled as the server spells it."""
    dialect = DIALECTS[mta]()
    unread = [line for line in lines(mta) if dialect.read(line).kind == "unread"]
    assert unread == []


@pytest.mark.parametrize("mta", WRITERS)
def test_the_log_tells_what_the_story_tells(mta: str) -> None:
    """Messages, recipients, failures and outcomes read from the log are those of the story, account by account."""
    events = list(_events(mta))
    mails = [one for day in story() for one in day if isinstance(one, Mail)]
    told = Counter(event.account for event in events if isinstance(event, Submission) and event.account)
    assert told == Counter(mail.account for mail in mails)
    fates = Counter(fate for mail in mails for _, fate in mail.recipients)
    results = Counter(event.result for event in events if isinstance(event, Delivery) and event.account)
    assert results["bounced"] == sum(fates[fate] for fate in ("dead", "spam", "listed", "full"))
    failures = sum(isinstance(one, Failure) for day in story() for one in day)
    assert sum(isinstance(event, Login) and not event.ok for event in events) == failures


def test_a_look_at_the_mailbox_is_a_login_in_dovecots_lines() -> None:
    """What the mail server cannot see, the mailbox server tells."""
    looks = sum(isinstance(one, Look) and one.service == "imap" for day in story() for one in day)
    assert sum("imap-login: Login: " in line for line in lines("postfix")) == looks > 0


def _events(mta: str) -> Iterator[AnyEvent]:
    dialect, thread = DIALECTS[mta](), Thread("mx1", key=b"lab")
    for number, line in enumerate(lines(mta)):
        yield from thread.feed(dialect.read(line), Cursor("log", 0, number * 1000))
