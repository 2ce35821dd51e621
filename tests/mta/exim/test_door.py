"""What Exim asks is understood as it means it, and answered in words its ACL acts on."""

from base64 import b64encode

import pytest

from gatepost.core.asked import PASS, Answer, Asked, Outcome, Question
from gatepost.mta.exim.door import Talk


def asked(plain: str, **texts: str) -> list[Asked | None]:
    """The questions in one request."""
    given = "".join(f" {name}:{b64encode(text.encode()).decode()}" for name, text in texts.items())
    return list(Talk().receive(f"{plain}{given}\n".encode()))


def test_a_recipient_is_asked_about_with_all_that_exim_knows() -> None:
    """Every field in its place."""
    plain = "ask stage=rcpt message=77.1 client=192.0.2.9 mechanism=plain cipher=TLS1.3 recipients=2 size=-1 queue_id="
    texts = {"login": "ann@example.org", "helo": "desk", "sender": "ann@example.org", "recipient": "ben@example.net"}
    assert asked(plain, **texts) == [
        Question(
            stage="rcpt",
            login="ann@example.org",
            client="192.0.2.9",
            sender="ann@example.org",
            recipient="ben@example.net",
            helo="desk",
            mechanism="plain",
            tls=True,
            message="77.1",
            recipients=2,
        )
    ]


@pytest.mark.parametrize(
    ("stage", "meant"), [("auth", "auth"), ("mail", "mail"), ("rcpt", "rcpt"), ("predata", "data"), ("data", "end")]
)
def test_exims_acls_are_stages(stage: str, meant: str) -> None:
    """acl_smtp_data runs at the end of the message, and no recipient is none."""
    (found,) = asked(f"ask stage={stage} client=192.0.2.9", recipient="@")
    assert isinstance(found, Question) and found.stage == meant and found.recipient == ""


@pytest.mark.parametrize("plain", ["ask stage=quit", "ask", "sing stage=rcpt", "tell event=tcp:close"])
def test_what_is_no_question_of_ours_passes(plain: str) -> None:
    """Another ACL, none, another verb, another event."""
    assert asked(plain) == [None]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PASS, b"pass"),
        (Answer("slow", seconds=5), b"slow 5"),
        (Answer("defer", "[gatepost] later"), b"defer [gatepost] later"),
        (Answer("hold", "[gatepost] kept"), b"hold [gatepost] kept"),
        (Answer("deny", "[gatepost] no"), b"deny [gatepost] no"),
    ],
)
def test_answers_are_words(answer: Answer, words: bytes) -> None:
    """A verb first, then what the client may read."""
    assert Talk().reply(answer) == words


REFUSED = "SMTP error from remote mail server after RCPT TO:<ben@example.net>: 550 5.1.1 <ben@example.net>: unknown"


@pytest.mark.parametrize(
    ("event", "result"),
    [
        ("msg:delivery", "delivered"),
        ("msg:fail:delivery", "bounced"),
        ("msg:rcpt:defer", "deferred"),
        ("msg:defer", "deferred"),
    ],
)
def test_what_became_of_a_recipient_is_told(event: str, result: str) -> None:
    """With its account, the remote server's words and their code."""
    plain = f"tell event={event} queue_id=1x-2-3 client=192.0.2.9 host=mx.example.net"
    (found,) = asked(plain, login="ann@example.org", recipient="ben@example.net", data=REFUSED)
    assert found == Outcome(
        login="ann@example.org",
        queue_id="1x-2-3",
        recipient="ben@example.net",
        result=result,  # type: ignore[arg-type]
        client="192.0.2.9",
        reply="550 5.1.1 <ben@example.net>: unknown",
        status="5.1.1",
        receiver="mx.example.net",
    )


def test_an_event_without_recipient_concerns_nobody() -> None:
    """A connection's events have a domain at most."""
    assert asked("tell event=msg:defer", login="ann@example.org", recipient="@example.net") == [None]


def test_a_recipient_that_does_not_exist_is_said_so() -> None:
    """By yes, and by nothing else; at the end of the message it is over."""
    for word, meant in (("yes", True), ("no", False), ("", False)):
        (found,) = asked(f"ask stage=rcpt unknown={word}", recipient="ben@example.net")
        assert isinstance(found, Question) and found.unknown is meant
    (found,) = asked("ask stage=data unknown=yes")
    assert isinstance(found, Question) and not found.unknown
