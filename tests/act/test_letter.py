"""The letter about an incident."""

import email
import email.policy
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, SAYS, Book, incident, order, proof, target

from gatepost.act.letter import More, digest, message_id, notice
from gatepost.act.tidings import measures
from gatepost.core.envelope import Envelope
from gatepost.core.evidence import Level
from gatepost.core.units import Account

TO = ("abuse@example.org",)


def read_back(mail: EmailMessage) -> EmailMessage:
    """The message as the people's mail program reads it."""
    found = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def letter(account: str = "ann@example.org", says: str = SAYS, value: str = "as64500") -> EmailMessage:
    """A letter, read back."""
    about = incident(account, because=(proof(says=says, values=(value,)),))
    asked = order(about, "notified")
    return read_back(notice(asked, target(about, account), sender="gatepost@example.org", to=TO, now=NOON))


def test_it_says_who_what_since_when_why_and_what_to_type() -> None:
    """The letter has account, level, score, times, recipients out, evidence with lines, and the exact commands."""
    mail = letter()
    text = mail.get_content()
    assert mail["Subject"] == "[gatepost] block: ann@example.org (score 88)"
    for part in (
        "ann@example.org#1", "2026-03-01T11:58:30Z", "37 recipients before it was stopped, 2 since",
        "spread: 7 networks in 1h, 4 allowed (45 points, origin)", '"as64500"', "mx1:mainlog 0/4711",
        "gatepost release 'ann@example.org#1' --password-changed", "gatepost release 'ann@example.org#1' --honest",
        "gatepost explain ann@example.org",
    ):  # fmt: skip
        assert part in text, part


def test_it_is_marked_as_automatic_and_recognised_when_it_comes_twice() -> None:
    """Auto-Submitted is set, and the Message-ID follows from the order alone."""
    mail = letter()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (
        mail["Message-ID"]
        == letter()["Message-ID"]
        == message_id("ann@example.org#1/notified/1", "gatepost@example.org")
    )
    assert mail["Message-ID"] != message_id("ann@example.org#1/notified/2", "gatepost@example.org")


HOSTILE = st.text(max_size=300) | st.sampled_from(
    [
        "x\r\nBcc: all@example.net",
        "\u202egpj",
        "https://evil.example/",
        "=?utf-8?q?x?=",
        "$account",
        "${level}",
        "\0",
        "\udcff",
    ]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_foreign_value_adds_a_header_or_a_hidden_character(account: str, says: str, value: str) -> None:
    """Whatever stands in account, evidence and values: the same headers, no link, no control or bidi character."""
    mail = letter(account, says, value)
    names = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"}
    assert set(mail.keys()) - names <= {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert mail["To"] == TO[0]
    text = mail.get_content()
    assert not set(text) & set("\0\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b")
    assert "://" not in text


@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_a_digest_lists_every_incident(accounts: list[str]) -> None:
    """One letter names all incidents, one a line, whatever the accounts are called."""
    cases = [incident(account, number) for number, account in enumerate(accounts, 1)]
    pairs = [(order(about, "notified"), target(about)) for about in cases]
    mail = read_back(digest(pairs, sender="gatepost@example.org", to=TO, now=NOON))
    assert mail["Subject"] == f"[gatepost] {len(cases)} accounts look stolen"
    assert mail.get_content().count("39 recipients out") == len(cases)


def test_a_digest_stays_readable() -> None:
    """Of very many incidents 200 are listed and the others counted."""
    cases = [incident(f"u{number}@example.org", peak=Level.HOLD) for number in range(1000)]
    pairs = [(order(about, "notified"), target(about)) for about in cases]
    text = digest(pairs, sender="gatepost@example.org", to=TO, now=NOON).get_content()
    assert text.count("recipients out") == 200
    assert "and 800 more" in text


def test_it_says_what_each_measure_did() -> None:
    """Action, result and note, the failed ones in capitals; what is special about the incident goes first."""
    about, book = incident(), Book()
    for action, state, note in (("table:exim/deny", "done", "added"), ("sql:mail", "failed", "no\u202eanswer")):
        book.claim(order(about), action, "x", NOON)
        book.close_row(order(about).key, action, state, note, NOON)  # type: ignore[arg-type]
    book.claim(order(about, "notified"), "notify:abuse@example.org", "", NOON)
    asked = replace(order(about, "notified"), detail=(("held, not blocked", "too many"),))
    rows = measures(book, about.key)
    more = More(rows)
    text = notice(asked, target(about), sender="g@example.org", to=TO, now=NOON, more=more).get_content()
    done = text.partition("What gatepost did:\n\n")[2].partition("\n\n")[0]
    assert done.splitlines() == [
        "  held, not blocked: too many",
        "  blocked by table:exim/deny: done (added)",
        "  blocked by sql:mail: FAILED, it is tried again where that can help (no\\u202eanswer)",
    ]


def test_it_lists_the_last_messages() -> None:
    """When, from where, in whose name, to how many recipients and at which domains; nothing in it can be clicked."""
    about = incident()
    ann, domains = Account("ann@example.org"), ("prey.example.net", "\u202eother.example")
    last = (
        Envelope(
            Account("ann@example.org"), "mx1", "1abcde-000001-00", NOON, "192.0.2.7", "x@bad.example", 12, domains
        ),
        Envelope(ann, "mx1", "1abcde-000000-00", NOON, "192.0.2.8", "", 1),
    )
    asked = order(about, "notified")
    text = notice(asked, target(about), sender="g@example.org", to=TO, now=NOON, more=More((), last)).get_content()
    assert text.partition("newest first:\n\n")[2].partition("\n\n")[0].splitlines() == [
        '  2026-03-01T12:00:00Z  from 192.0.2.7  as "x[@]bad[.]example"  to 12 recipients at prey[.]example[.]net,'
        " \\u202eother[.]example  (1abcde-000001-00)",
        "  2026-03-01T12:00:00Z  from 192.0.2.8  as <>  to 1 recipient  (1abcde-000000-00)",
    ]
    assert "None is known." in letter().get_content()
