"""A real Exim asks: it does what it is told, strangers cannot write fields, and mail flows when nobody answers."""

import contextlib
import smtplib
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.live.client import HOME, letter, log_in, send
from tests.live.exim import Exim
from tests.live.oracle import Oracle, oracle
from tests.live.page import asking
from tests.live.ports import until
from tests.live.world import World

from gatepost.core.asked import Asked, Outcome, Question
from gatepost.mta.exim.door import Talk

pytestmark = pytest.mark.live

SAID = {
    "u11@example.test": b"slow 1",
    "u12@example.test": b"defer [gatepost] try again later",
    "u13@example.test": b"hold [gatepost] kept for a look at it",
    "u14@example.test": b"deny [gatepost] sending is stopped: ask us",
    "local/web3@mx1.example.org": b"hold [gatepost] kept for a look at it",
    "local/web4@mx1.example.org": b"deny [gatepost] sending is stopped: ask us",
}
"""What these are answered; everybody else passes."""


def said(request: str) -> bytes:
    """The answer by login."""
    for login, answer in SAID.items():
        if f"login:{b64encode(login.encode()).decode()}" in request:
            return answer
    return b"pass"


def answer(words: bytes, _: str) -> bytes:
    """The same to everybody."""
    return words


def place_of(folder: Path, name: str) -> Path:
    """Where the door's socket is, for one Exim of this module."""
    return folder / f"exim-door-{name}"


@pytest.fixture(scope="module")
def asker(exims: Callable[..., Exim], open_folder: Path) -> Exim:
    """An Exim that asks at every stage."""
    return exims(asking(place_of(open_folder, "asker")))


@pytest.fixture
def answering(open_folder: Path) -> Iterator[Oracle]:
    """Somebody answers it."""
    with oracle(place_of(open_folder, "asker"), said) as made:
        yield made


def questions(made: Oracle) -> list[Question]:
    """Everything asked, as the door understands it."""
    return [one for one in heard(made) if isinstance(one, Question)]


def heard(made: Oracle) -> list[Asked | None]:
    """Everything asked or told."""
    return [one for text in made.asked for one in Talk().receive(text.encode())]


def test_exim_asks_at_every_stage(asker: Exim, answering: Oracle) -> None:
    """MAIL, two recipients, the end of the message: one name for the message, and the queue id when there is one."""
    with contextlib.closing(log_in(asker.port, "u2@example.test", "203.0.113.9")) as program:
        program.sendmail("u2@example.test", ["v1@a.example.net", "v2@b.example.net"], letter("u2@example.test", "v1"))
    found = questions(answering)
    assert [question.stage for question in found] == ["mail", "rcpt", "rcpt", "end"]
    assert {(one.login, one.client, one.sender) for one in found} == {
        ("u2@example.test", "203.0.113.9", "u2@example.test")
    }
    assert [one.recipient for one in found[1:3]] == ["v1@a.example.net", "v2@b.example.net"]
    assert len({one.message for one in found}) == 1 and found[0].message
    assert {(one.helo, one.mechanism, one.tls) for one in found} == {("desk.example.test", "plain", False)}
    assert found[-1].queue_id in asker.log() and found[-1].recipients == 2 and found[-1].size > 0


def test_each_message_of_a_session_has_a_name_of_its_own(asker: Exim, answering: Oracle) -> None:
    """Attempts of one are not those of the other."""
    with contextlib.closing(log_in(asker.port, "u2@example.test")) as program:
        for to in ("v1@a.example.net", "v2@a.example.net"):
            program.sendmail("u2@example.test", [to], letter("u2@example.test", to))
    names = [question.message for question in questions(answering)]
    assert len(set(names)) == 2 and names == sorted(names, key=names.index)


def test_a_client_cannot_write_fields(asker: Exim, answering: Oracle) -> None:
    """A greeting and an address full of what a request is made of."""
    with contextlib.closing(log_in(asker.port, "u2@example.test")) as program:
        program.docmd("EHLO", "[IPv6:2001:db8::1]")
        program.mail('"login=u3@example.test stage=auth\\\\n"@example.test')
        program.rcpt('"x login:dTM= "@a.example.net')
    (mail, rcpt) = questions(answering)
    assert mail.login == rcpt.login == "u2@example.test" and rcpt.stage == "rcpt"
    assert "login=u3@example.test" in mail.sender and "login:dtm=" in rcpt.recipient


def test_who_is_stopped_is_refused_in_our_words(asker: Exim, answering: Oracle) -> None:
    """At MAIL already, and again and again."""
    with contextlib.closing(log_in(asker.port, "u14@example.test")) as program:
        assert program.mail("u14@example.test") == (550, b"[gatepost] sending is stopped: ask us")
    assert "rejected MAIL" in asker.log() and "[gatepost] stopped: u14@example.test" in asker.log()


def test_a_session_that_was_open_is_stopped_at_its_next_recipient(asker: Exim, answering: Oracle) -> None:
    """Between two RCPTs of one message; the message does not go out either."""
    with contextlib.closing(log_in(asker.port, "u4@example.test")) as program:
        program.mail("u4@example.test")
        assert program.rcpt("v1@a.example.net")[0] == 250
        answering.reply = lambda _: b"deny [gatepost] no"
        assert program.rcpt("v2@a.example.net") == (550, b"[gatepost] no")
        assert program.data(letter("u4@example.test", "v1")) == (550, b"[gatepost] no")


def test_who_is_stopped_before_the_message_is_read_does_not_send_it(
    exims: Callable[..., Exim], open_folder: Path
) -> None:
    """With the page's predata lines: one more question, at the word DATA; refused there, in our words; others send."""
    door = place_of(open_folder, "predata")
    asker = exims(asking(door, way="predata"))
    with oracle(door, said) as made, contextlib.closing(log_in(asker.port, "u4@example.test")) as program:
        program.sendmail("u4@example.test", ["v1@a.example.net"], letter("u4@example.test", "v1"))
        assert [question.stage for question in questions(made)] == ["mail", "rcpt", "data", "end"]
        assert [question.recipients for question in questions(made)[2:]] == [1, 1]
        for words, reply in (
            (b"deny [gatepost] no", (550, b"[gatepost] no")),
            (b"defer [gatepost] x", (451, b"[gatepost] x")),
        ):
            made.reply = said
            program.mail("u4@example.test")
            program.rcpt("v1@a.example.net")
            made.reply = partial(answer, words)
            assert program.docmd("DATA") == reply
            program.rset()


def test_who_sends_too_much_is_put_off_or_waits(asker: Exim, answering: Oracle) -> None:
    """451 with our words; or a second for each stage."""
    with contextlib.closing(log_in(asker.port, "u12@example.test")) as program:
        assert program.mail("u12@example.test") == (451, b"[gatepost] try again later")
    begun = time.monotonic()
    assert not send(asker.port, "u11@example.test", ["v@a.example.net"])
    assert time.monotonic() - begun >= 3


def test_what_is_held_is_kept_and_nobody_is_told(asker: Exim, answering: Oracle, sink: World) -> None:
    """The client sees success; the message is frozen in the queue; no bounce, no notice."""
    assert not send(asker.port, "u13@example.test", ["held@a.example.net"])
    until(lambda: len(asker.queue(frozen=True)) == 1, "the message is frozen")
    assert not {"held@a.example.net", "u13@example.test"} & set(sink.accepted())
    (kept,) = asker.queue(frozen=True)
    asker.run("-Mrm", kept)


def test_mail_flows_when_nobody_listens(asker: Exim, sink: World, open_folder: Path) -> None:
    """No socket; a socket nobody listens at; neither costs time."""
    begun = time.monotonic()
    assert not send(asker.port, "u14@example.test", ["flows1@a.example.net"])
    with oracle(place_of(open_folder, "asker"), said):
        pass
    place_of(open_folder, "asker").touch()
    assert not send(asker.port, "u14@example.test", ["flows2@a.example.net"])
    place_of(open_folder, "asker").unlink()
    assert time.monotonic() - begun < 2
    sink.await_mail("flows1@a.example.net")
    sink.await_mail("flows2@a.example.net")


def test_mail_flows_when_nobody_answers(asker: Exim, answering: Oracle) -> None:
    """Ten recipients of one message wait once, a second, not ten."""
    answering.reply = lambda _: None
    begun = time.monotonic()
    assert not send(asker.port, "u14@example.test", [f"v{n}@a.example.net" for n in range(10)])
    assert 1 <= time.monotonic() - begun < 4
    assert len(answering.asked) == 1


@pytest.mark.parametrize(
    "noise", [b"", b"\xff\x00\n\n", b"action=REJECT\n\n", b"slow 999999", b"slow x", b"slow", b"denied", b"x" * 100_000]
)
def test_mail_flows_when_the_answer_makes_no_sense(asker: Exim, answering: Oracle, noise: bytes) -> None:
    """Nothing, binary, another protocol's words, a delay that is none, very much."""
    answering.reply = lambda _: noise
    begun = time.monotonic()
    assert not send(asker.port, "u14@example.test", ["v@a.example.net"])
    assert time.monotonic() - begun < 4


def test_refusing_the_login_too(exims: Callable[..., Exim], open_folder: Path) -> None:
    """435, not 535, with the right password; 535 with a wrong one; others log in; and all of them without a door."""
    exim = exims(asking(place_of(open_folder, "auth"), way="auth"))
    with oracle(place_of(open_folder, "auth"), said) as made:
        with pytest.raises(smtplib.SMTPAuthenticationError) as told:
            log_in(exim.port, "u14@example.test", HOME)
        assert told.value.smtp_code == 435
        log_in(exim.port, "u2@example.test", HOME).close()
        assert [one.stage for one in questions(made)] == ["auth", "auth"]
        for noise in (b"", b"\xff", b"no", b"denyx"):
            made.reply = partial(answer, noise)
            log_in(exim.port, "u2@example.test", HOME).close()
    log_in(exim.port, "u14@example.test", HOME).close()
    assert "[gatepost] sending is stopped" in exim.log()


def test_keeping_instead_of_refusing(exims: Callable[..., Exim], open_folder: Path, sink: World) -> None:
    """The stopped thief sees success, and nothing leaves."""
    exim = exims(asking(place_of(open_folder, "keep"), way="keep"))
    with oracle(place_of(open_folder, "keep"), said):
        assert not send(exim.port, "u14@example.test", ["prey@a.example.net"])
        until(lambda: len(exim.queue(frozen=True)) == 1, "the message is frozen")
    assert "prey@a.example.net" not in sink.accepted()


def test_suspects_leave_by_another_address(exims: Callable[..., Exim], open_folder: Path, sink: World) -> None:
    """The slowed leave by the other address, everybody else by the usual one."""
    exim = exims(asking(place_of(open_folder, "exit"), way="exit"))
    with oracle(place_of(open_folder, "exit"), said):
        for account, to in (("u11@example.test", "suspect@a.example.net"), ("u2@example.test", "usual@a.example.net")):
            send(exim.port, account, [to])
            sink.await_mail(to)
    addresses = {mail["to"][0]: mail["peer"] for mail in sink.mails() if mail["to"]}
    assert addresses["suspect@a.example.net"] == "127.0.0.2" and addresses["usual@a.example.net"] == "127.0.0.1"


def test_what_becomes_of_recipients_is_told_with_the_account(
    exims: Callable[..., Exim], open_folder: Path, sink: World
) -> None:
    """Delivered, unknown, put off; whatever is answered, or nothing, mail is delivered as before."""
    exim = exims(asking(place_of(open_folder, "tell"), way="tell"))
    with oracle(place_of(open_folder, "tell"), said) as made:
        for turn, words in enumerate((b"pass", b"", b"\xff{}$", b"deny [gatepost] no")):
            made.asked.clear()
            made.reply = partial(by_verb, words)
            names = [f"{name}{turn}" for name in ("v", "nouser", "later")]
            send(exim.port, "u2@example.test", [f"{name}@told.example.net" for name in names], "203.0.113.9")
            until(lambda: len(outcomes(made)) == 3, f"three outcomes, not {made.asked}")
            found = {one.recipient.partition("@")[0]: one for one in outcomes(made)}
            assert [found[name].result for name in names] == ["delivered", "bounced", "deferred"]
            assert {(one.login, one.client, one.mechanism) for one in found.values()} == {
                ("u2@example.test", "203.0.113.9", "plain")
            }
            assert found[names[1]].status == "5.1.1" and found[names[0]].queue_id in exim.log()
            sink.await_mail(f"v{turn}@told.example.net")
        made.reply = lambda _: None
        send(exim.port, "u2@example.test", ["v8@told.example.net"])
        sink.await_mail("v8@told.example.net")
    send(exim.port, "u2@example.test", ["v9@told.example.net"])
    sink.await_mail("v9@told.example.net")
    assert "alternate response" not in exim.log()


def by_verb(words: bytes, request: str) -> bytes:
    """Events are answered anything, questions pass."""
    return words if request.startswith("tell") else b"pass"


def outcomes(made: Oracle) -> list[Outcome]:
    """What was told of recipients."""
    return [one for one in heard(made) if isinstance(one, Outcome)]


def test_recipients_that_do_not_exist_are_asked_about_as_such(exims: Callable[..., Exim], open_folder: Path) -> None:
    """Refused by Exim's own words, after gatepost was told; others are accepted."""
    exim = exims(asking(place_of(open_folder, "verify"), way="verify"))
    with oracle(place_of(open_folder, "verify"), said) as made:
        told = send(exim.port, "u2@example.test", ["v1@asked.example.net", "nouser1@asked.example.net"])
        assert list(told) == ["nouser1@asked.example.net"] and told["nouser1@asked.example.net"][0] == 550
        unknown = {one.recipient: one.unknown for one in questions(made) if one.stage == "rcpt"}
    assert unknown == {"v1@asked.example.net": False, "nouser1@asked.example.net": True}
    until(lambda: "rejected RCPT <nouser1@asked.example.net>" in exim.log(), "the log says so")


def test_local_users_are_asked_about(exims: Callable[..., Exim], open_folder: Path, sink: World) -> None:
    """Under the name of the source's host: refused, kept, or let through; bounces are nobody's."""
    exim = exims(asking(place_of(open_folder, "local"), way="local"))
    with oracle(place_of(open_folder, "local"), said) as made:
        for user in ("web2", "web3"):
            exim.run("-oMt", user, "-f", f"{user}@example.test", f"{user}@local.example.net", text="Subject: x\n\nx\n")
        with pytest.raises(AssertionError, match="sending is stopped"):
            exim.run("-oMt", "web4", "-oep", "-f", "x@example.test", "web4@local.example.net", text="Subject: x\n\nx\n")
        exim.run("-oMt", "web4", "-f", "<>", "bounce@local.example.net", text="Subject: x\n\nx\n")
        sink.await_mail("web2@local.example.net")
        sink.await_mail("bounce@local.example.net")
        until(lambda: len(exim.queue(frozen=True)) == 1, "the message is frozen")
        found = questions(made)
    assert [one.login for one in found] == [f"local/web{number}@mx1.example.org" for number in (2, 3, 4)]
    assert {(one.stage, one.recipients) for one in found} == {("end", 1)} and found[0].queue_id in exim.log()
    assert not {"web3@local.example.net", "web4@local.example.net"} & set(sink.accepted())
    exim.run("-oMt", "web4", "-f", "x@example.test", "flows@local.example.net", text="Subject: x\n\nx\n")
    sink.await_mail("flows@local.example.net")
