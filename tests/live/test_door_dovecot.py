"""A real Dovecot asks at the door: a blocked account cannot log in to send; without gatepost logins go on."""

import contextlib
import imaplib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.client import HOME, PASSWORD
from tests.live.dovecot import Dovecot, call, open_mailbox
from tests.live.page import keyed, policy, reports
from tests.live.ports import free_port, until
from tests.live.postfix import Postfix, log_in, send
from tests.live.scene import Watch
from tests.live.test_doctor_tables import programs
from tests.live.test_dovecot_table import OPEN, SHUT, enters
from tests.live.world import World

from gatepost.config.asking import DovecotDoor
from gatepost.core.asked import PASS, Tried
from gatepost.core.events import Cursor, Login
from gatepost.core.units import Account, Instant
from gatepost.mta.dovecot.door import Talk
from gatepost.mta.dovecot.file import DovecotFile
from gatepost.mta.thread import Thread
from gatepost.runtime.retries import Retries
from gatepost.surface.doctor import authpolicy, doors
from gatepost.surface.doctor.check import worst

pytestmark = pytest.mark.live

ANN, BEN = "u33@example.test", "u34@example.test"
SECRET = "fedcba9876543210fedcba9876543210"


@pytest.fixture(scope="module")
def asked(dovecots: Callable[..., Dovecot], folders: Callable[[], Path], sink: World) -> tuple[Dovecot, int]:
    """A Dovecot that asks as on the page, and the port, where nobody is."""
    port, file = free_port(), folders() / "secret.conf"
    file.write_text(keyed(SECRET))
    file.chmod(0o600)
    return dovecots(relay=sink.port, more=policy(port, file)), port


@pytest.fixture
def watch(asked: tuple[Dovecot, int], tmp_path: Path) -> Iterator[Watch]:
    """A gatepost behind that door."""
    dovecot, port = asked
    until(lambda: dovecot.may_log_in(BEN, "smtp"), "Dovecot writes its log")
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "secret").chmod(0o600)
    config = tmp_path / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "imap1"\npath = "{dovecot.logfile}"\nzone = "UTC"\n'
        f'[[door]]\nkind = "dovecot"\nlisten = "inet:127.0.0.1:{port}"\nsecret = "secret"\n'
    )
    watch = Watch(tmp_path, config)
    watch.start()
    yield watch
    watch.stop()


def services(dovecot: Dovecot, account: str) -> set[str]:
    """The services an account may log in to now."""
    names = (*SHUT, *OPEN)
    answers = dovecot.let_in([(account, name) for name in names])
    return {name for name, yes in zip(names, answers, strict=True) if yes}


def test_a_blocked_account_cannot_log_in_to_send_and_reads_its_mail(
    asked: tuple[Dovecot, int], watch: Watch, postfixes: Callable[..., Postfix]
) -> None:
    """At once, by Postfix and by Dovecot's own service, in our words; a neighbour sends; a release undoes it all."""
    dovecot, _ = asked
    postfix = postfixes(dovecot)
    assert services(dovecot, ANN) == {*SHUT, *OPEN}
    blocked = watch.run("block", ANN, "--reason", "phone call")
    assert blocked.returncode == 0, blocked.stdout + blocked.stderr
    assert services(dovecot, ANN) == set(OPEN) and services(dovecot, BEN) == {*SHUT, *OPEN}
    assert not enters(postfix.port, ANN) and not enters(dovecot.submission, ANN)
    open_mailbox(dovecot.imap, ANN).logout()
    assert "policy server refusal: [gatepost] sending is stopped" in dovecot.log()
    assert not send(postfix.port, BEN, ["neighbour@example.net"])
    assert watch.run("release", ANN, "--honest").returncode == 0
    assert services(dovecot, ANN) == {*SHUT, *OPEN}
    log_in(postfix.port, ANN).close()


def test_who_is_stopped_is_not_told_to_a_stranger(asked: tuple[Dovecot, int], watch: Watch) -> None:
    """A wrong password asks nothing, so it gets no words of ours."""
    dovecot, _ = asked
    assert watch.run("block", ANN, "--reason", "phone call").returncode == 0
    before = dovecot.log().count("policy server refusal")
    assert dovecot.let_in([(ANN, "smtp")], password="wrong") == [False]
    assert dovecot.let_in([(ANN, "smtp")]) == [False]
    until(lambda: dovecot.log().count("policy server refusal") > before, "the right password is told")
    assert dovecot.log().count("policy server refusal") == before + 1


def test_doctor_asks_at_the_door_with_the_secret(asked: tuple[Dovecot, int], watch: Watch) -> None:
    """Answered: ok; with another secret it fails."""
    door = DovecotDoor(name="d", listen=f"inet:127.0.0.1:{asked[1]}", secret=str(watch.folder / "secret"))
    assert doors.live(door).state == "ok"
    (watch.folder / "other").write_text("0123456789abcdef")
    (watch.folder / "other").chmod(0o600)
    other = DovecotDoor(name="d", listen=door.listen, secret=str(watch.folder / "other"))
    assert doors.live(other).state == "fail"


def test_doctor_reads_dovecots_own_configuration(
    asked: tuple[Dovecot, int], dovecot: Dovecot, tree: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the page's lines all is well, also without the right to read the secret; else nobody is asked."""
    for server, port, state in ((asked[0], asked[1], "ok"), (asked[0], 4001, "fail"), (dovecot, asked[1], "fail")):
        programs(place, tree, server.config, ("doveconf",), monkeypatch)
        door = DovecotDoor(name="d", listen=f"inet:127.0.0.1:{port}", secret="secret")
        assert worst(list(authpolicy.look(door))) == state


def test_without_a_nonce_dovecot_refuses_its_configuration(tree: Path, place: Path) -> None:
    """As the page says; so there is nothing that doctor could find."""
    place.joinpath("dovecot.conf").write_text(policy(4001, place / "none").replace("any-words-of-yours", ""))
    done = call(tree, "doveconf", "-c", f"{place}/dovecot.conf", "-n")
    assert done.returncode and "auth_policy_hash_nonce must be set" in done.stderr


def test_logins_go_on_while_gatepost_hangs_or_is_gone(asked: tuple[Dovecot, int], watch: Watch) -> None:
    """SIGSTOP costs a login at most the page's half second; without a process there is nothing to wait for."""
    dovecot, _ = asked
    assert watch.run("block", ANN, "--reason", "phone call").returncode == 0
    assert services(dovecot, ANN) == set(OPEN)
    assert watch.child is not None
    os.kill(watch.child.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert dovecot.let_in([(BEN, "smtp")]) == [True]
        assert time.monotonic() - began < 2
    finally:
        os.kill(watch.child.pid, signal.SIGCONT)
    watch.stop()
    assert services(dovecot, ANN) == services(dovecot, BEN) == {*SHUT, *OPEN}


class Ear:
    """Hears what Dovecot reports, as gatepost's door reads it."""

    def __init__(self, port: int) -> None:
        self.heard: list[Tried] = []
        self.retries = Retries()
        self._server = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self._server.accept()
                threading.Thread(target=self._hear, args=(link,), daemon=True).start()

    def _hear(self, link: socket.socket) -> None:
        talk = Talk(SECRET.encode())
        with link:
            while data := link.recv(65536):
                for one in talk.receive(data):
                    link.sendall(talk.reply(PASS))
                    if isinstance(one, Tried):
                        self.retries.tell(Account(one.login), one, Instant(time.time()))
                        self.heard.append(one)

    def close(self) -> None:
        """Hear no more."""
        self._server.close()


def failures(log: str) -> Iterator[Login]:
    """The failed logins that a log tells."""
    reader, thread, offset = DovecotFile(reference=Instant(time.time())), Thread("imap1"), 0
    for line in log.splitlines():
        for event in thread.feed(reader.read(line), Cursor("imap1", 0, offset)):
            if isinstance(event, Login) and not event.ok:
                yield event
        offset += len(line) + 1


def test_dovecot_tells_one_old_password_from_many_guesses(
    dovecots: Callable[..., Dovecot], folders: Callable[[], Path]
) -> None:
    """With the page's lines: the same hash for the same password, another for another, none without a password; and
    of the four failures that the log tells one tried a password again."""
    port, file = free_port(), folders() / "secret.conf"
    file.write_text(keyed(SECRET))
    ear = Ear(port)
    dovecot = dovecots(more=policy(port, file) + reports() + "auth_mechanisms = plain cram-md5\n")
    for password in ("old", "old", "guess", PASSWORD):
        with contextlib.suppress(imaplib.IMAP4.error):
            open_mailbox(dovecot.imap, ANN, password=password).logout()
    with imaplib.IMAP4("127.0.0.1", dovecot.imap, timeout=30) as mailbox, pytest.raises(imaplib.IMAP4.error):
        mailbox.login_cram_md5(ANN, "guess")
    until(lambda: len(ear.heard) >= 4, f"four reports come; the log says: {dovecot.log()[-800:]}")
    old, same, guess, without = ear.heard
    ear.close()
    assert old == same and old.proof and not without.proof and guess.proof not in ("", old.proof)
    assert (old.login, old.client) == (ANN, HOME) and f"({ANN},{HOME}," in dovecot.log()
    failed = list(failures(dovecot.log()))
    for event in failed:
        ear.retries.saw(event)
    assert len(failed) == 4 and sum(number for _, number in ear.retries.of(Account(ANN))) == 1
