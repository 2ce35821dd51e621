"""Who can speak TLS to a door: a real Exim without a certificate of its own, a real Dovecot with one."""

import asyncio
import contextlib
import smtplib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.live.client import send
from tests.live.dovecot import Dovecot
from tests.live.exim import Exim, Rules
from tests.live.page import TLS as PAGE
from tests.live.page import asking, keyed, policy, snippets
from tests.live.ports import answers, free_port, until
from tests.source.certificates import Authority

from gatepost.config import answering
from gatepost.config.asking import DoorSettings, DovecotDoor, EximDoor
from gatepost.core.asked import PASS, Answer, Asked, Question
from gatepost.source.inline import Door, opened

pytestmark = pytest.mark.live

STOPPED, OTHER = "u14@example.test", "u15@example.test"
SECRET = "fedcba9876543210fedcba9876543210"


def judge(question: Asked) -> Answer:
    """One account is stopped."""
    stopped = isinstance(question, Question) and question.login == STOPPED
    return Answer("deny", "[gatepost] sending is stopped: ask us") if stopped else PASS


@contextlib.contextmanager
def standing(settings: DoorSettings) -> Iterator[Door]:
    """A door in a thread of its own while the context lasts."""
    manner, loop, ends = answering.manner(settings), asyncio.new_event_loop(), asyncio.Event()
    door = Door("door", manner.talk, judge, admit=manner.askers.admit)

    async def run() -> None:
        async with opened(door, settings.listen, tls=manner.tls):
            await ends.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    port = int(settings.listen.rpartition(":")[2])
    until(lambda: answers(port), "the door is open")
    yield door
    loop.call_soon_threadsafe(ends.set)
    thread.join(30)
    loop.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs for both sides."""
    return Authority(tmp_path_factory.mktemp("authority"))


def over_tls(port: int) -> Rules:
    """The page's access control with the page's two lines for TLS."""
    rules = asking(Path("/nowhere"))
    lines = snippets(PAGE)["exim-main"].replace("gatepost.example.org:4003", f"localhost:{port}")
    plain = ("GATEPOST_SOCKET =", "GATEPOST_WAIT =")
    kept = [line for line in rules.main.splitlines(keepends=True) if not line.startswith(plain)]
    return replace(rules, main=lines + "".join(kept))


def refused(exim: Exim, account: str) -> bool:
    """Whether one message is refused in our words."""
    try:
        send(exim.port, account, ["v1@a.example.net"])
    except smtplib.SMTPException as error:
        assert "[gatepost] sending is stopped" in str(error)
        return True
    return False


def test_exim_asks_over_tls_without_a_certificate(exims: Callable[..., Exim], authority: Authority) -> None:
    """Refused and passed as told; behind a door without TLS, one that wants a certificate, or none, mail flows."""
    exim, listen = exims(over_tls(port := free_port())), f"inet:127.0.0.1:{port}"
    certificate, key = map(str, authority.sign("gatepost.example.org"))
    with standing(EximDoor(listen=listen, certificate=certificate, key=key)) as made:
        assert refused(exim, STOPPED) and not refused(exim, OTHER)
        assert made.counts.asked >= 4 and made.counts.garbled == made.counts.strangers == 0
        assert "TLS error" not in exim.log()
    strict = EximDoor(
        listen=listen, certificate=certificate, key=key, authority=str(authority.file), peers=("mx1.example.org",)
    )
    for other in (EximDoor(listen=listen), strict):
        with standing(other) as made:
            assert not refused(exim, STOPPED) and made.counts.asked == 0
    assert not refused(exim, STOPPED)


def dovecot_lines(port: int, folder: Path, authority: Authority, name: str) -> str:
    """The pages' lines, for a Dovecot that shows the certificate of a name."""
    (folder / "secret.conf").write_text(keyed(SECRET))
    certificate, key = authority.sign(name)
    found = snippets(PAGE)["dovecot"].replace("gatepost.example.org:4001", f"localhost:{port}")
    ours = {"/etc/dovecot/gatepost-ca.pem": authority.file, "/etc/dovecot/mx1.pem": certificate}
    for place, file in {**ours, "/etc/dovecot/mx1.key": key}.items():
        copy = folder / file.name
        copy.write_bytes(file.read_bytes())
        copy.chmod(0o644)
        found = found.replace(place, str(copy))
    plain = policy(port, folder / "secret.conf").splitlines(keepends=True)
    return found + "".join(line for line in plain if not line.startswith("auth_policy_server_url"))


def test_dovecot_asks_over_tls_with_its_certificate(
    dovecots: Callable[..., Dovecot], folders: Callable[[], Path], authority: Authority, tmp_path: Path
) -> None:
    """The stopped account cannot log in; by another name, or when ours is of another authority, logins pass unasked."""
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    other = Authority(tmp_path, "other")
    for name, signer in (("mx1.example.org", authority), ("mx9.example.org", authority), ("mx1.example.org", other)):
        port, asked = free_port(), (name, signer) == ("mx1.example.org", authority)
        certificate, key = map(str, signer.sign("localhost"))
        dovecot = dovecots(more=dovecot_lines(port, folders(), authority, name))
        door = DovecotDoor(
            listen=f"inet:127.0.0.1:{port}", secret=str(tmp_path / "secret"), certificate=certificate, key=key,
            authority=str(authority.file), peers=("mx1.example.org",),
        )  # fmt: skip
        with standing(door) as made:
            assert dovecot.let_in([(STOPPED, "smtp"), (OTHER, "smtp")]) == [not asked, True], dovecot.log()[-600:]
            assert (made.counts.asked > 0, made.counts.strangers > 0) == (asked, name == "mx9.example.org")
