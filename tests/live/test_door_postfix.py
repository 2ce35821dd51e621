"""Postfix asks at the door: a blocked account is refused in an open session; whatever is behind it, mail flows."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot
from tests.live.ports import until
from tests.live.postfix import Cuts, Postfix, log_in, send
from tests.live.scene import Watch
from tests.live.scene_postfix import ASKED, ask_at
from tests.live.test_doctor_tables import programs
from tests.live.world import World

from gatepost.config.asking import PostfixDoor
from gatepost.surface.doctor import doors
from gatepost.surface.doctor.check import worst

pytestmark = pytest.mark.live

ANN, BEN = "u31@example.test", "u32@example.test"


@pytest.fixture(scope="module")
def asked(postfixes: Callable[..., Postfix], dovecot: Dovecot, folders: Callable[[], Path]) -> tuple[Postfix, Path]:
    """A Postfix that asks as on the page, and the socket's place, where nobody is."""
    door = folders() / "policy"
    return postfixes(dovecot, Cuts(ask_at(door))), door


@pytest.fixture
def watch(asked: tuple[Postfix, Path], place: Path, sink: World) -> Iterator[Watch]:
    """A gatepost behind that door."""
    postfix, door = asked
    config = place / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{postfix.maillog}"\nzone = "UTC"\n'
        f'[[door]]\nkind = "postfix"\nlisten = "unix:{door}"\n'
    )
    watch = Watch(place, config)
    watch.start()
    until(lambda: door.exists(), "the door is open")
    door.chmod(0o666)  # the page's group = "postfix" is known in the servers' folder only
    yield watch
    watch.stop()
    door.unlink(missing_ok=True)


def test_a_blocked_account_is_refused_in_an_open_session(
    asked: tuple[Postfix, Path], watch: Watch, sink: World
) -> None:
    """The next recipient of a session that was open is refused; a neighbour sends; a release ends it."""
    postfix, _ = asked
    with log_in(postfix.port, ANN) as session:
        session.mail(ANN)
        assert session.rcpt("one@example.net")[0] == 250
        blocked = watch.run("block", ANN, "--reason", "phone call")
        assert blocked.returncode == 0, blocked.stdout + blocked.stderr
        code, said = session.rcpt("two@example.net")
        assert (code, b"[gatepost]" in said) == (554, True), said
        assert session.docmd("DATA")[0] == 554
    assert not send(postfix.port, BEN, ["neighbour@example.net"])
    sink.await_mail("neighbour@example.net")
    assert watch.run("release", ANN, "--honest").returncode == 0
    assert not send(postfix.port, ANN, ["released@example.net"])


def test_a_gatepost_that_is_stopped_holds_nobody_up_for_long(
    asked: tuple[Postfix, Path], watch: Watch, sink: World
) -> None:
    """SIGSTOP: mail is accepted, each question costs at most the page's two seconds; after SIGCONT it is as before."""
    assert watch.child is not None
    os.kill(watch.child.pid, signal.SIGSTOP)
    try:
        _flows(asked[0], sink, "stopped")
    finally:
        os.kill(watch.child.pid, signal.SIGCONT)
    began = time.monotonic()
    assert not send(asked[0].port, BEN, ["again@example.net"])
    assert time.monotonic() - began < 2


def _flows(postfix: Postfix, sink: World, name: str) -> None:
    began = time.monotonic()
    assert not send(postfix.port, BEN, [f"{name}@example.net"])
    spent = time.monotonic() - began
    assert spent < ASKED * 2 + 2, f"{spent:.1f} s"
    sink.await_mail(f"{name}@example.net")


@contextmanager
def behind(door: Path, say: bytes | None) -> Iterator[None]:
    """A server that is not gatepost: takes connections, says nothing, or something else."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(door))
        door.chmod(0o666)
        server.listen(50)
        threading.Thread(target=_serve, args=(server, say), daemon=True).start()
        yield
        server.shutdown(socket.SHUT_RDWR)
    door.unlink()


def _serve(server: socket.socket, say: bytes | None) -> None:
    kept = []
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        kept.append(link)
        if say is not None:
            link.sendall(say)


@pytest.mark.parametrize(("name", "say"), [("silent", None), ("garbage", b"HTTP/1.1 400 Bad Request\r\n\r\n")])
def test_whatever_answers_mail_flows(asked: tuple[Postfix, Path], sink: World, name: str, say: bytes | None) -> None:
    """A server that hangs or talks nonsense is passed over, at most two seconds a question."""
    with behind(asked[1], say):
        _flows(asked[0], sink, name)


def test_without_a_server_mail_flows(asked: tuple[Postfix, Path], sink: World) -> None:
    """With gatepost gone there is no delay to speak of."""
    assert not asked[1].exists()
    _flows(asked[0], sink, "gone")


def test_doctor_sees_that_postfix_asks_and_at_which_stage(
    asked: tuple[Postfix, Path], postfix: Postfix, tree: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Postfix with the page's lines is ok; one without them stops nobody, and doctor says so."""
    door = PostfixDoor(name="postfix", listen=f"unix:{asked[1]}")
    for server, state in ((asked[0], "ok"), (postfix, "fail")):
        with monkeypatch.context() as patch:
            programs(place, tree, server.config, ("postconf",), patch)
            found = list(doors.look(door))
        assert worst(found) == state, found
