"""LMTP without a socket: order, bounds, and the same for any split of the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import BadRequest, TooLong
from gatepost.wire.lmtp import MAX_RECIPIENTS, Session, Taken
from gatepost.wire.mime import LONGEST

HELLO = b"LHLO mx1.example.org\r\n"
ENVELOPE = HELLO + b"MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<feedback@example.org>\r\nDATA\r\n"
MAIL = b"Subject: a\r\n\r\n..dot\r\n.more\r\nend\n.\nno end\r\n"


def said(data: bytes, session: Session | None = None) -> list[bytes | Taken]:
    """Everything that comes of some bytes."""
    return list((session or Session()).feed(data))


def codes(steps: list[bytes | Taken]) -> list[str]:
    """The codes of the replies; "mail" is a mail."""
    return ["mail" if isinstance(step, Taken) else step.splitlines()[-1][:3].decode() for step in steps]


def test_a_delivery() -> None:
    """LHLO, envelope, mail with its dots taken off, a second one on the same connection, the end."""
    stream = ENVELOPE + MAIL + b".\r\n" + ENVELOPE.removeprefix(HELLO) + b".\r\nQUIT\r\nNOOP\r\n"
    steps = said(stream)
    assert codes(steps) == ["250", "250", "250", "354", "mail", "250", "250", "354", "mail", "221"]
    first, second = (step for step in steps if isinstance(step, Taken))
    assert first == Taken(("feedback@example.org",), b"Subject: a\r\n\r\n.dot\r\nmore\r\nend\n.\nno end\r\n")
    assert second.data == b""


@given(st.lists(st.integers(0, 400), max_size=30))
def test_any_split_gives_the_same(cuts: list[int]) -> None:
    """However the bytes arrive, replies and mails are those of the whole."""
    stream = ENVELOPE + MAIL + b".\r\nRSET\r\nDATA\r\nQUIT\r\n"
    session, steps, at = Session(), list[bytes | Taken](), 0
    for cut in [*sorted(cuts), len(stream)]:
        steps += said(stream[at:cut], session)
        at = max(at, cut)
    assert steps == said(stream)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"EHLO mx1.example.org", "500"),
        (b"HELO mx1.example.org", "500"),
        (b"LHLO", "500"),
        (b"BDAT 10", "500"),
        (b"", "500"),
        (b"\xff\x00\x1b[2J", "500"),
        (b"DATA", "503"),
        (b"RCPT TO:<ann@example.org>", "503"),
        (b"MAIL FROM:ann", "501"),
        (b"MAIL TO:<ann@example.org>", "501"),
        (b"vrfy ann", "252"),
        (b"rset", "250"),
    ],
)
def test_what_is_out_of_order(line: bytes, code: str) -> None:
    """It is answered as RFC 2033 and RFC 5321 say, and the connection goes on."""
    session = Session()
    said(HELLO, session)
    assert codes(said(line + b"\r\nNOOP\r\n", session)) == [code, "250"]


def test_nothing_before_the_greeting_and_no_mail_without_recipient() -> None:
    """MAIL needs LHLO, RCPT needs an address, DATA needs a recipient, and LHLO begins anew."""
    assert codes(said(b"MAIL FROM:<>\r\n")) == ["503"]
    stream = HELLO + b"MAIL FROM:<>\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\nDATA\r\n" + HELLO + b"RCPT TO:<a@example.org>\r\n"
    assert codes(said(stream)) == ["250", "250", "503", "501", "503", "250", "503"]


def test_recipients_are_bounded_and_the_others_come_again() -> None:
    """One too many is put off, not refused; the mail goes to those before."""
    to = b"".join(b"RCPT TO:<a%d@example.org>\r\n" % number for number in range(MAX_RECIPIENTS + 1))
    steps = said(HELLO + b"MAIL FROM:<>\r\n" + to + b"DATA\r\n.\r\n")
    assert codes(steps)[-3:] == ["452", "354", "mail"]
    assert isinstance(steps[-1], Taken) and len(steps[-1].recipients) == MAX_RECIPIENTS


def test_a_mail_of_any_length_costs_what_is_read_of_it() -> None:
    """Three times the octets that are read: no more is held meanwhile, and the end is found."""
    session = Session()
    said(ENVELOPE, session)
    for _ in range(3 * LONGEST // 4096):
        assert said(b"x" * 4094 + b"\r\n", session) == []
        assert len(session._body) + len(session._held) <= LONGEST + 8192
    (taken,) = said(b".\r\n", session)
    assert isinstance(taken, Taken) and len(taken.data) == LONGEST


def test_a_stranger_is_hung_up_on() -> None:
    """A command without end, and one wrong command after the other."""
    with pytest.raises(TooLong):
        said(b"x" * 5000)
    with pytest.raises(BadRequest):
        said(b"GET / HTTP/1.1\r\n" * 30)
