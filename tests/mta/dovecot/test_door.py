"""Dovecot's questions as captured from a real one, and what it is answered."""

import json

import pytest

from gatepost.core.asked import PASS, Answer, Question, Tried
from gatepost.core.errors import BadRequest, Stranger
from gatepost.mta.dovecot.door import Talk
from gatepost.wire.posted import post
from gatepost.wire.texts import MAX_VALUE

SECRET = b"0123456789abcdef"
BODY = (
    b'{"device_id":"","login":"u1@example.test","protocol":"smtp","pwhash":"01f0","remote":"192.0.2.7",'
    b'"session_id":"","tls":false}'
)
ALLOW = (
    b"POST /?command=allow HTTP/1.1\r\nHost: 127.0.0.1:4001\r\nDate: Mon, 23 Nov 2026 08:08:02 GMT\r\n"
    b"User-Agent: dovecot/auth-policy-client\r\nContent-Length: %d\r\nConnection: Keep-Alive\r\n"
    b"Content-Type: application/json\r\nX-API-Key: %s\r\n\r\n%s"
)


def asked(body: bytes, command: str = "allow") -> list[Question | Tried | None]:
    """What one request asks."""
    return list(Talk(SECRET).receive(post(command, SECRET, body)))


def said(answer: Answer) -> dict[str, object]:
    """What Dovecot reads."""
    head, _, body = Talk(SECRET).reply(answer).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and b"Content-Length: %d" % len(body) in head
    found: dict[str, object] = json.loads(body)
    return found


def test_a_login_is_a_question() -> None:
    """With the name, the address and the service; the connection stays for the next."""
    talk = Talk(SECRET)
    question = Question(stage="auth", login="u1@example.test", client="192.0.2.7", service="smtp")
    data = ALLOW % (len(BODY), SECRET, BODY)
    assert list(talk.receive(data + data)) == [question, question] and talk.lasting and not talk.halfway


def told(command: str, body: bytes = BODY) -> bytes:
    """What is answered to what is no question."""
    talk = Talk(SECRET)
    assert list(talk.receive(post(command, SECRET, body))) == [None]
    return talk.reply(PASS)


def test_a_report_and_a_ping_are_heard() -> None:
    """Whatever they hold; the next question on the connection is answered as one."""
    assert told("report") == told("report", b"?") == told("ping")
    assert told("ping").startswith(b"HTTP/1.1 200 ") and told("ping").endswith(b'{"status":"ok"}')
    talk = Talk(SECRET)
    data = post("ping", SECRET, b"") + post("allow", SECRET, BODY)
    answers = [talk.reply(PASS) for _ in talk.receive(data)]
    assert answers == [told("ping"), Talk(SECRET).reply(PASS)]


REPORT = (
    b'{"device_id":"","login":"u1@example.test","mechanism":"%s","policy_reject":%s,"protocol":"smtp","pwhash":"%s",'
    b'"remote":"::ffff:192.0.2.7","session_id":"","success":%s,"tls":false}'
)


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN", b"plain"])
def test_a_wrong_password_is_told(mechanism: bytes) -> None:
    """With what tells it from others."""
    body = REPORT % (mechanism, b"false", b"01f0", b"false")
    assert asked(body, "report") == [Tried(login="u1@example.test", client="192.0.2.7", proof="01f0")]


@pytest.mark.parametrize(
    ("mechanism", "proof"),
    [(b"CRAM-MD5", b"01f0"), (b"", b"01f0"), (b"PLAIN", b""), (b"PLAIN", b"f0"), (b"PLAIN", b"01F0\\n")],
)
def test_where_passwords_cannot_be_told_apart_none_is(mechanism: bytes, proof: bytes) -> None:
    """Without a password every guess has one hash; a hash of eight bits is too often the same."""
    body = REPORT % (mechanism, b"false", proof, b"false")
    assert asked(body, "report") == [Tried(login="u1@example.test", client="192.0.2.7", proof="")]


def test_a_login_that_worked_or_that_gatepost_refused_tells_nothing() -> None:
    """Its password was right; neither does a report without an end or a name."""
    for refused, worked in ((b"false", b"true"), (b"true", b"false")):
        assert asked(REPORT % (b"PLAIN", refused, b"01f0", worked), "report") == [None]
    assert asked(BODY, "report") == asked(b'{"success":false}', "report") == [None]


@pytest.mark.parametrize("command", ["reset", "addBLEntry", "Allow"])
def test_a_command_that_does_nothing_here_says_so(command: str) -> None:
    """An error in HTTP and in JSON: nobody believes that a thief was released, or blocked."""
    assert told(command).startswith(b"HTTP/1.1 404 ") and b'"failure"' in told(command)


@pytest.mark.parametrize("key", [b"", b"0123456789abcdeg", b"0123456789abcde", SECRET + b"0"])
def test_who_does_not_know_the_secret_is_turned_away(key: bytes) -> None:
    """In the words of HTTP, before his question is looked at."""
    with pytest.raises(Stranger) as raised:
        list(Talk(SECRET).receive(post("allow", key, b"?")))
    assert raised.value.answer.startswith(b"HTTP/1.1 401 ") and SECRET.decode() not in str(raised.value)


def test_what_a_stranger_writes_stays_a_login() -> None:
    """Bytes that are no text, controls and length change nothing else and break nothing."""
    (found,) = asked(b'{"login":"a\xff\\u000a\\u2028' + b"x" * 2000 + b'","protocol":"IMAP"}')
    assert isinstance(found, Question) and found.service == "imap"
    assert found.login.startswith("a\ufffd??x") and len(found.login) == MAX_VALUE


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"login":1}', b'{"tls":"perhaps"}', b'{"login":"\\ud800"}'])
def test_what_dovecot_never_sends_is_no_request(body: bytes) -> None:
    """Another shape."""
    with pytest.raises(BadRequest):
        asked(body)


def test_each_answer_is_a_status() -> None:
    """Refused: -1 with the words; slowed: the seconds; everything else: 0."""
    assert said(PASS) == said(Answer("hold", "kept")) == said(Answer("route", "x:")) == {"status": 0, "msg": ""}
    assert said(Answer("slow", seconds=10))["status"] == 10
    assert said(Answer("deny", '[gatepost] no "mail"\n')) == {"status": -1, "msg": '[gatepost] no "mail"?'}
    assert said(Answer("defer", "later")) == {"status": -1, "msg": "later"}
