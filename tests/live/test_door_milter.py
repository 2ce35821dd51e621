"""Postfix tells a milter: refused in an open session, quarantined; whatever is behind the door, mail flows."""

import os
import re
import signal
import smtplib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.client import HOME, PASSWORD, letter
from tests.live.dovecot import Dovecot, own_folder
from tests.live.page import DOCS
from tests.live.ports import until
from tests.live.postfix import Cuts, Postfix, log_in, send
from tests.live.scene import Watch
from tests.live.test_doctor_tables import programs
from tests.live.test_door_answers import CLEAR, DEFERRED, HELD, SLOW, Behind
from tests.live.test_door_postfix import behind
from tests.live.world import World

from gatepost.config.asking import MilterDoor
from gatepost.surface.doctor import milters
from gatepost.surface.doctor.check import worst

pytestmark = pytest.mark.live

ANN, BEN = "u31@example.test", "u32@example.test"


def told_at(door: Path) -> str:
    """The lines of main.cf on the page, for a socket."""
    page = (DOCS / "doors/milter.md").read_text()
    found = re.search(r"(?m)^    (smtpd_milters =\n.*)$", page)
    assert found is not None
    return found[1].replace("unix:gatepost/milter", f"unix:{door}") + "\n"


@pytest.fixture(scope="module")
def told(postfixes: Callable[..., Postfix], dovecot: Dovecot, folders: Callable[[], Path]) -> tuple[Postfix, Path]:
    """A Postfix that tells as on the page, and the socket's place, where nobody is."""
    door = folders() / "milter"
    return postfixes(dovecot, Cuts(told_at(door))), door


@pytest.fixture
def watch(told: tuple[Postfix, Path], place: Path) -> Iterator[Watch]:
    """A gatepost behind that door."""
    postfix, door = told
    config = place / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{postfix.maillog}"\nzone = "UTC"\n'
        f'[[door]]\nkind = "milter"\nlisten = "unix:{door}"\n'
    )
    watch = Watch(place, config)
    watch.start()
    until(lambda: door.exists(), "the door is open")
    door.chmod(0o666)  # the page's group = "postfix" is known in the servers' folder only
    yield watch
    watch.stop()
    door.unlink(missing_ok=True)


def test_a_blocked_account_is_refused_in_an_open_session(told: tuple[Postfix, Path], watch: Watch, sink: World) -> None:
    """The next recipient of a session that was open is refused, then MAIL; a neighbour sends; a release ends it."""
    postfix, _ = told
    with log_in(postfix.port, ANN) as session:
        session.mail(ANN)
        assert session.rcpt("one@example.net")[0] == 250
        blocked = watch.run("block", ANN, "--reason", "phone call")
        assert blocked.returncode == 0, blocked.stdout + blocked.stderr
        code, said = session.rcpt("two@example.net")
        assert (code, said.startswith(b"5.7.1 [gatepost] sending is stopped")) == (550, True), said
        session.rset()
        assert session.mail(ANN)[0] == 550
    assert not send(postfix.port, BEN, ["milter-neighbour@example.net"])
    sink.await_mail("milter-neighbour@example.net")
    until(lambda: "milter-reject: RCPT from" in postfix.log(), "Postfix logs the refusal")
    assert watch.run("release", ANN, "--honest").returncode == 0
    assert not send(postfix.port, ANN, ["milter-released@example.net"])


def test_a_foreign_from_line_is_told_of_and_stops_nobody(told: tuple[Postfix, Path], watch: Watch, sink: World) -> None:
    """Thirty letters in a bank's name under the owner's envelope sender: joined with Postfix's log, a warning."""
    postfix, _ = told
    with log_in(postfix.port, ANN) as session:
        for number in range(31):
            to = f"milter-letter{number}@example.net"
            session.sendmail(ANN, [to], letter('"Ann" <help@bank.example.com>', to))
    sink.await_mail("milter-letter30@example.net")
    until(lambda: "now WATCH" in watch.run("explain", ANN).stdout, "the warning stands")
    assert "with a From line that is not the account's: bank.example.com" in watch.run("explain", ANN).stdout
    assert not send(postfix.port, ANN, ["milter-after-letters@example.net"])


def test_a_gatepost_that_is_stopped_holds_nobody_up_for_long(
    told: tuple[Postfix, Path], watch: Watch, sink: World
) -> None:
    """SIGSTOP: mail is accepted, a message costs at most one wait of two seconds; after SIGCONT it is as before."""
    assert watch.child is not None
    os.kill(watch.child.pid, signal.SIGSTOP)
    try:
        _flows(told[0], sink, "stopped")
    finally:
        os.kill(watch.child.pid, signal.SIGCONT)
    began = time.monotonic()
    assert not send(told[0].port, BEN, ["milter-again@example.net"])
    assert time.monotonic() - began < 2


def _flows(postfix: Postfix, sink: World, name: str) -> None:
    began = time.monotonic()
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as session:  # no XCLIENT, which begins a session anew
        session.login(BEN, PASSWORD)
        session.sendmail(BEN, [f"milter-{name}@example.net"], letter(BEN, f"milter-{name}@example.net"))
    spent = time.monotonic() - began
    assert spent < 2 + 1.5, f"{spent:.1f} s"
    sink.await_mail(f"milter-{name}@example.net")


@pytest.mark.parametrize(("name", "say"), [("silent", None), ("garbage", b"HTTP/1.1 400 Bad Request\r\n\r\n")])
def test_whatever_answers_mail_flows(told: tuple[Postfix, Path], sink: World, name: str, say: bytes | None) -> None:
    """A server that hangs or talks nonsense is passed over, after at most two seconds."""
    with behind(told[1], say):
        _flows(told[0], sink, name)


def test_without_a_server_mail_flows(told: tuple[Postfix, Path], sink: World) -> None:
    """With gatepost gone there is no delay to speak of."""
    assert not told[1].exists()
    _flows(told[0], sink, "gone")


def test_doctor_sees_that_postfix_tells(
    told: tuple[Postfix, Path], postfix: Postfix, tree: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Postfix with the page's lines is ok; one without them stops nobody, and doctor says so."""
    door = MilterDoor(name="milter", listen=f"unix:{told[1]}")
    for server, state in ((told[0], "ok"), (postfix, "fail")):
        with monkeypatch.context() as patch:
            programs(place, tree, server.config, ("postconf",), patch)
            found = list(milters.look(door))
        assert worst(found) == state, found


@pytest.fixture(scope="module")
def answered(
    postfixes: Callable[..., Postfix], dovecot: Dovecot, tree: Path, sink: World
) -> Iterator[tuple[Postfix, Behind]]:
    """A Postfix with the page's lines, and a door behind them that answers by account."""
    place = own_folder(tree, "g-") / "milter"
    behind = Behind(place, sink.port, milter=True)
    behind.start()
    yield postfixes(dovecot, Cuts(told_at(place))), behind
    behind.stop()


def test_every_stage_is_told_with_the_login(answered: tuple[Postfix, Behind], sink: World) -> None:
    """MAIL, RCPT, DATA and the end; the queue id from the second recipient on; the client by its address."""
    postfix, behind = answered
    behind.asked.clear()
    assert not send(postfix.port, CLEAR, ["milter-one@example.net", "milter-two@example.net"], HOME)
    asked = [(question.stage, question.login, question.recipients, question.client) for question in behind.asked]
    stages = [("mail", 0), ("rcpt", 0), ("rcpt", 1), ("data", 2), ("end", 2)]
    assert asked == [(stage, CLEAR, number, HOME) for stage, number in stages]
    last = behind.asked[-1]
    assert last.size > 0 and f"{last.queue_id}: client=" in postfix.log() and behind.door.counts.garbled == 0


def test_held_mail_is_kept_and_nobody_is_told(answered: tuple[Postfix, Behind], sink: World) -> None:
    """The client is told nothing; it lies in the hold queue, and the log says by whom, until it is let go."""
    postfix, _ = answered
    before = postfix.queue(held=True)
    assert not send(postfix.port, HELD, ["milter-held@example.net"])
    until(lambda: len(postfix.queue(held=True) - before) == 1, "the message is in the hold queue")
    (queue_id,) = postfix.queue(held=True) - before
    until(lambda: f"{queue_id}: milter-hold: END-OF-MESSAGE" in postfix.log(), "Postfix logs that it was held")
    postfix.run("postsuper", "-H", queue_id)
    postfix.run("postqueue", "-i", queue_id)
    sink.await_mail("milter-held@example.net")


def test_a_slow_answer_comes_late_and_a_deferred_recipient_may_come_again(
    answered: tuple[Postfix, Behind], sink: World
) -> None:
    """One second for a recipient; 451 with the tag for the other, whose session goes on."""
    postfix, _ = answered
    began = time.monotonic()
    assert not send(postfix.port, SLOW, ["milter-slow@example.net"])
    assert time.monotonic() - began >= 1
    sink.await_mail("milter-slow@example.net")
    with log_in(postfix.port, DEFERRED) as session:
        session.mail(DEFERRED)
        code, said = session.rcpt("milter-later@example.net")
        assert (code, said) == (451, b"4.7.1 [gatepost] try again later")
        assert session.rset()[0] == 250
