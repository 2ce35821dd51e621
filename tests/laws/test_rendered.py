"""Every template of every action, filled with what strangers write (contracts 19).

One list of hostile values for all of them: a new action that tells people or programs belongs here.
"""

import csv
import email
import email.policy
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, Book, incident, order, proof, target
from tests.act.test_customer import office
from tests.act.test_warned import warned

from gatepost.act import chat, hook, letter
from gatepost.act.cef import line
from gatepost.act.customer import Case, compose
from gatepost.act.sheet import sheet
from gatepost.act.tidings import News, end, step
from gatepost.act.wording import LANGUAGES, THEFT
from gatepost.core.dead import Dead
from gatepost.core.envelope import Envelope
from gatepost.core.incident import Incident, State
from gatepost.core.ports import Row

SPITE = (
    "x\r\nBcc: all@example.net\r\n\r\nbody", "=?utf-8?q?x=0D=0A?=", "\u202egpj.exe", "\u2066a\u2069", "a\u200bb",
    "\0", "\x1b[2J", "\udcff\udc80", "\ud800", "<script>alert(1)</script>", '"><img src=x onerror=y>', "&lt;b&gt;",
    "https://evil.example/?a=b", "HTTP://evil.example", "$account ${list} $$", "{0} %s", '=HYPERLINK("x")', "+1", "-1",
    "@SUM(A1)", "\t=1", "\uff1d1", "a|b\\|c", "act=none msg=x", "\\", "\\=", "\n<33>1 - forged",
    "@everyone <!channel>", "'; rm -rf / #", "`id`", "a" * 5000, "\u0301" * 50, "\u2028\u2029\x85", "--\r\n.\r\n",
)  # fmt: skip
HOSTILE = st.sampled_from(SPITE) | st.text(max_size=400) | st.tuples(st.sampled_from(SPITE), st.text()).map("".join)

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def theft(value: str) -> tuple[Incident, Book]:
    """An incident in which everything that somebody else may have written is one value."""
    about = incident(value, because=(proof(says=value, values=(value,)),))
    book = Book()
    book.claim(order(about), f"table:{value}", "x", NOON)
    book.close_row(order(about).key, f"table:{value}", "failed", value, NOON)
    return about, book


def news(value: str) -> tuple[News, News]:
    """A step, and the end."""
    about, book = theft(value)
    asked = replace(order(about, "notified"), detail=(("x", value),))
    return step(asked, target(about), book), end(asked, target(replace(about, state=State.RELEASED)), book)


def mails(value: str) -> Iterator[EmailMessage]:
    """Every mail there is."""
    about, book = theft(value)
    asked = replace(order(about, "notified"), detail=((value, value),))
    known = {"sender": "gatepost@example.org", "to": ("abuse@example.org",), "now": NOON}
    rows: tuple[Row, ...] = tuple(book.rows(about.key))
    last = (Envelope(about.account, value, value, NOON, value, value, 3, (value,)),)
    yield letter.notice(asked, target(about, value), more=letter.More(rows, last), **known)  # type: ignore[arg-type]
    yield letter.digest([(asked, target(about))], **known)  # type: ignore[arg-type]
    yield letter.alarm(value, [value], **known)  # type: ignore[arg-type]
    for language in LANGUAGES:
        for kind in THEFT:
            yield warned(language=language).compose(kind, about, NOON)
        for kind in ("first", "second", "proof", "bulk"):
            found = (Dead(about.account, value, NOON, NOON, "invalid_recipient", value, value),)
            case = Case(kind, about.account, "ann@example.net", found, 7, NOON, 1, 1, 1, over=True)
            yield compose(case, office(language, bulk="your page"), NOON)


def seen(mail: EmailMessage) -> Iterator[tuple[str, str]]:
    """What people see of a mail as it arrives, by kind."""
    arrived = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    yield "subject", str(arrived["Subject"])
    for part in arrived.walk():
        if not part.is_multipart():
            assert isinstance(part, EmailMessage)
            yield part.get_content_type(), part.get_content()


def hidden(text: str, *, lines: bool = True) -> list[str]:
    """What cannot be seen in it; line ends of ours are no harm."""
    return [char for char in text if unicodedata.category(char) in UNSEEN and not (lines and char in "\r\n")]


HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
}  # fmt: skip


@settings(max_examples=30, deadline=None)
@example("=?utf-8?q?x=0D=0A=0D=0Abody?=\xa4")
@given(HOSTILE)
def test_no_mail_gets_a_header_a_link_a_tag_or_a_hidden_character(value: str) -> None:
    """Letters, digests, alarms, letters to customers in every language: text, HTML and subject."""
    for mail, usual in zip(mails(value), mails("ann@example.org"), strict=True):
        assert set(mail.keys()) <= HEADERS and mail["To"] == usual["To"]
        for (kind, text), (_, other) in zip(seen(mail), seen(usual), strict=True):
            if kind == "text/csv":
                continue
            assert hidden(text, lines=kind != "subject") == []
            assert "://" not in text
            if kind == "text/html":
                assert set(re.findall(r"</?\w+", text)) <= set(re.findall(r"</?\w+", other))


@settings(max_examples=30, deadline=None)
@given(HOSTILE)
def test_no_cell_is_a_formula(value: str) -> None:
    """The attached list: as many cells as ever, and none that a spreadsheet computes."""
    text = sheet([Dead(incident().account, value, NOON, NOON, "invalid_recipient", value, value)])
    rows = list(csv.reader(io.StringIO(text)))
    assert [len(row) for row in rows] == [6, 6]
    for cell in rows[1]:
        assert cell.lstrip()[:1] not in set("=+-@\uff1d\uff0b\uff0d\uff20") and hidden(cell) == []


Said = Callable[[News], str]
PROGRAMS: dict[str, Said] = {
    "hook": lambda told: "\n".join(_texts(json.loads(json.dumps(hook.content(told))))),
    "siem": lambda told: line(told, "mx1", "auth").decode(),
    "chat": lambda told: "\n".join((chat.title(told), chat.body(told), chat.listed([told]))),
}


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@pytest.mark.parametrize("name", PROGRAMS)
@settings(max_examples=30, deadline=None)
@given(HOSTILE)
def test_nothing_hidden_reaches_a_program_or_a_chat(name: str, value: str) -> None:
    """No control, no bidi character, no surrogate; a line of syslog stays one line and is short."""
    for told in news(value):
        text = PROGRAMS[name](told)
        assert hidden(text, lines=name != "siem") == []
        if name == "siem":
            assert len(text.encode()) <= 2048
        if name == "chat":
            assert "://" not in text and "@everyone" not in text and "<!" not in text
