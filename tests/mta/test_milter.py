"""What a mail server tells a milter is understood as it means it, and answered in words it acts on."""

import pytest

from gatepost.core.asked import PASS, Answer, Question
from gatepost.core.errors import BadRequest
from gatepost.mta.milter import Talk
from gatepost.wire import milter
from gatepost.wire.milter import ACCEPT, CONTINUE, frame

CLIENT = frame(b"C", b"desk.example.org\x004\x00\x19192.0.2.7\x00")
LOGIN = frame(b"D", b"M{auth_authen}\x00ann@example.org\x00")
MAIL = frame(b"M", b"<ann@example.org>\x00SIZE=400\x00")
RCPT = frame(b"R", b"<ben@example.net>\x00")
NAMED = frame(b"D", b"Ri\x00ABC123\x00")
HEADER = frame(b"L", b"Subject\x00hello\x00")


class Server:
    """A mail server that has made its offer."""

    def __init__(self, talk: Talk | None = None) -> None:
        self.talk = talk or Talk()
        self.questions: list[Question] = []
        assert self.said(milter.offer()) == milter.negotiated(milter.offer()[5:])[0]

    def said(self, data: bytes, answer: Answer = PASS) -> bytes:
        """What is answered; a question by `answer`."""
        replies = b""
        for question in self.talk.receive(data):
            self.questions += [question] if isinstance(question, Question) else []
            replies += self.talk.reply(PASS if question is None else answer)
        return replies


def test_a_message_is_asked_about_from_mail_to_its_end() -> None:
    """Each stage with what is known by then; headers are told and not answered."""
    server = Server()
    data = CLIENT + LOGIN + MAIL + RCPT + NAMED + RCPT + frame(b"T") + HEADER + frame(b"E")
    assert server.said(data) == CONTINUE * 5 and not server.talk.halfway
    assert [found.stage for found in server.questions] == ["mail", "rcpt", "rcpt", "data", "end"]
    assert {(found.login, found.client, found.sender) for found in server.questions} == {
        ("ann@example.org", "192.0.2.7", "ann@example.org")
    }
    last = server.questions[-1]
    assert (last.queue_id, last.recipients, last.size, last.recipient) == ("ABC123", 2, 400, "")
    assert server.questions[1].recipient == "ben@example.net" and len({one.message for one in server.questions}) == 1


def test_a_message_of_nobody_is_accepted_and_told_no_further() -> None:
    """At MAIL; what a server tells all the same is answered and concerns nobody."""
    server = Server()
    assert server.said(CLIENT + MAIL) == ACCEPT
    assert server.said(RCPT + frame(b"E")) == CONTINUE * 2 and server.questions == []


def test_a_login_holds_for_one_message_only() -> None:
    """A second MAIL without the macro is nobody's, so that nobody is charged with what another client does."""
    for between in (b"", frame(b"A"), frame(b"K") + CLIENT):
        server = Server()
        server.said(CLIENT + LOGIN + MAIL)
        assert server.said(between + MAIL, Answer("deny", "no")) == ACCEPT


def test_messages_have_names_of_their_own() -> None:
    """Also on one connection, and on two: what is attempted is told apart."""
    server, other = Server(), Server()
    server.said(LOGIN + MAIL + LOGIN + MAIL)
    other.said(LOGIN + MAIL)
    assert len({found.message for found in (*server.questions, *other.questions)}) == 3


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (PASS, CONTINUE),
        (Answer("slow", seconds=1), CONTINUE),
        (Answer("hold", "kept"), CONTINUE),
        (Answer("defer", "[gatepost] later"), frame(b"y", b"451 4.7.1 [gatepost] later\0")),
        (Answer("deny", "[gatepost] no"), frame(b"y", b"550 5.7.1 [gatepost] no\0")),
    ],
)
def test_each_answer_has_its_reply(answer: Answer, reply: bytes) -> None:
    """At a recipient, where nothing can be kept yet."""
    server = Server()
    server.said(CLIENT + LOGIN + MAIL)
    assert server.said(RCPT, answer) == reply


def test_a_message_is_kept_at_its_end() -> None:
    """Quarantined, and the client hears that it was accepted."""
    server = Server()
    server.said(CLIENT + LOGIN + MAIL + RCPT)
    assert server.said(frame(b"E"), Answer("hold", "[gatepost] kept")) == frame(b"q", b"[gatepost] kept\0") + CONTINUE


def test_refused_recipients_are_not_counted() -> None:
    """Those that were deferred or denied are not in the message."""
    server = Server()
    server.said(LOGIN + MAIL + RCPT)
    server.said(RCPT, Answer("defer", "later"))
    server.said(frame(b"T"))
    assert server.questions[-1].recipients == 1


def test_the_size_is_what_sendmail_counted_else_what_was_stated() -> None:
    """And a client that states nonsense states nothing."""
    server = Server()
    server.said(LOGIN + MAIL + frame(b"D", b"E{msg_size}\x00512\x00") + frame(b"E"))
    server.said(LOGIN + frame(b"M", b"<>\x00SIZE=-1\x00") + frame(b"E"))
    assert [found.size for found in server.questions if found.stage == "end"] == [512, 0]
    assert server.questions[-1].sender == ""


def test_of_the_headers_the_first_from_line_is_told_at_the_end() -> None:
    """Its address alone; a message without one has none, also when the one before it had one."""
    server = Server()
    lines = HEADER + frame(b"L", b"From\0 Bank <Help@Example.com>\0") + frame(b"L", b"from\0ann@example.org\0")
    server.said(CLIENT + LOGIN + MAIL + RCPT + frame(b"T") + lines + frame(b"E"))
    server.said(LOGIN + MAIL + RCPT + frame(b"T") + HEADER + frame(b"E"))
    told = [(found.stage, found.author) for found in server.questions if found.author or found.stage == "end"]
    assert told == [("end", "help@example.com"), ("end", "")]


def test_a_from_line_of_any_length_is_passed_over() -> None:
    """One that is longer than a frame may be says nothing, and the message is asked about all the same."""
    server = Server()
    server.said(LOGIN + MAIL + frame(b"L", b"From\0" + b"x" * 100_000 + b"<a@example.com>\0") + frame(b"E"))
    assert server.questions[-1].author == "" and server.questions[-1].stage == "end"


def test_a_conversation_begins_with_an_offer() -> None:
    """Whoever does not make one is no mail server."""
    with pytest.raises(BadRequest):
        list(Talk().receive(CLIENT))


def test_an_old_server_waits_for_every_answer() -> None:
    """Without choices every frame but macros and a session's end is answered, bodies too, which nobody looks at."""
    talk = Talk()
    found = list(talk.receive(milter.offer(2, 0, 0) + CLIENT + HEADER + frame(b"N") + frame(b"B", b"x" * 60_000)))
    assert found == [None] * 5 and talk.reply(PASS) == CONTINUE
    assert list(talk.receive(frame(b"A") + frame(b"Q"))) == []
