"""What each answer of a door means to a real Postfix, and what those who misuse the door can do to others."""

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot, own_folder
from tests.live.ports import until
from tests.live.postfix import Cuts, Postfix, log_in, outcome, send
from tests.live.scene_postfix import ask_at
from tests.live.world import World

from gatepost.core.asked import PASS, Answer, Asked, Question
from gatepost.mta.milter import Talk as MilterTalk
from gatepost.mta.postfix.door import Talk
from gatepost.source.inline import Door, opened
from gatepost.source.inline import Talk as Spoken

pytestmark = pytest.mark.live

CLEAR, SLOW, DEFERRED, HELD, DENIED, ROUTED, MARKED = (f"u{number}@example.test" for number in range(41, 48))
SUSPECTS = "suspects  unix  -       -       n       -       -       smtp\n  -o syslog_name=postfix/suspects\n"
TAG = "[gatepost]"


class Behind:
    """A door in a thread, which answers by account, and remembers what it was asked."""

    def __init__(self, place: Path, sink: int, *, milter: bool = False) -> None:
        self.asked: list[Question] = []
        self._answers = {
            SLOW: Answer("slow", seconds=1),
            DEFERRED: Answer("defer", f"{TAG} try again later"),
            HELD: Answer("hold", f"{TAG} kept for a look at it"),
            DENIED: Answer("deny", f"{TAG} sending is stopped"),
            MARKED: Answer("mark", "X-Suspect: yes"),
            ROUTED: Answer("route", f"suspects:[127.0.0.1]:{sink}"),
        }
        self._keeps_at = "end" if milter else "rcpt"
        talk: Callable[[], Spoken] = MilterTalk if milter else Talk
        self.door, self._place = Door("postfix", talk, self._judge, keeps_back=milter), place
        self._loop, self._stop = asyncio.new_event_loop(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _judge(self, question: Asked) -> Answer:
        assert isinstance(question, Question)
        self.asked.append(question)
        answer = self._answers.get(question.login, PASS)
        at = {"route": "data", "mark": "data", "hold": self._keeps_at}
        fits = question.stage == at.get(answer.act, "rcpt")
        return answer if fits else PASS

    def _run(self) -> None:
        self._loop.run_until_complete(self._answer())

    async def _answer(self) -> None:
        async with opened(self.door, f"unix:{self._place}", 0o666):
            await self._stop.wait()

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()
        until(self._place.exists, "the door is open")

    def stop(self) -> None:
        """Answer no more."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


@pytest.fixture(scope="module")
def scene(
    postfixes: Callable[..., Postfix], dovecot: Dovecot, tree: Path, sink: World
) -> Iterator[tuple[Postfix, Behind, Path]]:
    """A Postfix with the page's lines, and a door behind them."""
    place = own_folder(tree, "g-") / "policy"
    behind = Behind(place, sink.port)
    behind.start()
    yield postfixes(dovecot, Cuts(ask_at(place), master=SUSPECTS)), behind, place
    behind.stop()


def test_every_stage_is_asked_with_the_login(scene: tuple[Postfix, Behind, Path], sink: World) -> None:
    """RCPT, DATA and the end, the login in each; the size and the number of recipients are right at the end."""
    postfix, behind, _ = scene
    behind.asked.clear()
    assert not send(postfix.port, CLEAR, ["one@example.net", "two@example.net"])
    asked = [(question.stage, question.login, question.recipients) for question in behind.asked]
    assert asked == [("rcpt", CLEAR, 0), ("rcpt", CLEAR, 0), ("data", CLEAR, 2), ("end", CLEAR, 2)]
    assert behind.asked[-1].size > 50 and len({question.message for question in behind.asked}) == 1


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (CLEAR, "sent"),
        (DEFERRED, "450 4.7.1 <x@example.net>: Recipient address rejected: [gatepost] try again later"),
        (DENIED, "554 5.7.1 <x@example.net>: Recipient address rejected: [gatepost] sending is stopped"),
    ],
)
def test_the_client_reads_what_the_page_says(scene: tuple[Postfix, Behind, Path], account: str, said: str) -> None:
    """A 4xx or 5xx with the tag, or nothing."""
    assert outcome(scene[0].port, account, "x@example.net") == said


def test_a_slowed_account_waits_at_each_recipient(scene: tuple[Postfix, Behind, Path], sink: World) -> None:
    """Two recipients, two seconds; and the message goes out."""
    began = time.monotonic()
    assert not send(scene[0].port, SLOW, ["slow1@example.net", "slow2@example.net"])
    assert time.monotonic() - began >= 2
    sink.await_mail("slow2@example.net")


def test_a_held_message_is_accepted_and_stays(scene: tuple[Postfix, Behind, Path], sink: World) -> None:
    """The client is told nothing; it lies in the hold queue, with the note in the log, until it is let go."""
    postfix = scene[0]
    assert outcome(postfix.port, HELD, "held@example.net") == "sent"
    (kept,) = postfix.queue(held=True)
    assert "held@example.net" not in sink.accepted()
    assert f"{TAG} kept for a look at it" in postfix.log()
    postfix.run("postsuper", "-H", kept)
    postfix.run("postqueue", "-i", kept)
    sink.await_mail("held@example.net")


def test_a_suspect_leaves_by_the_route_of_suspects(scene: tuple[Postfix, Behind, Path], sink: World) -> None:
    """His message is delivered by a transport of its own, another account's by the usual one."""
    postfix = scene[0]
    for account, address in ((ROUTED, "routed@example.net"), (CLEAR, "usual@example.net")):
        assert outcome(postfix.port, account, address) == "sent"
        sink.await_mail(address)
    lines = [line for line in postfix.log().splitlines() if "status=sent" in line]
    by = {word: next(line for line in lines if f"to=<{word}@example.net>" in line) for word in ("routed", "usual")}
    assert "postfix/suspects/smtp[" in by["routed"] and "postfix/smtp[" in by["usual"]


def test_a_suspects_mail_bears_the_mark(scene: tuple[Postfix, Behind, Path], sink: World) -> None:
    """The header stands in his message and in nobody else's."""
    for account, address in ((MARKED, "marked@example.net"), (CLEAR, "unmarked@example.net")):
        assert outcome(scene[0].port, account, address) == "sent"
    assert ["X-Suspect", "yes"] in sink.await_mail("marked@example.net")["headers"]
    assert "X-Suspect" not in dict(sink.await_mail("unmarked@example.net")["headers"])


def test_hostile_clients_of_the_socket_cost_others_nothing(scene: tuple[Postfix, Behind, Path], sink: World) -> None:
    """Idle connections, half requests, noise, endless attributes: Postfix is answered, memory stays bounded."""
    postfix, behind, place = scene
    with contextlib.ExitStack() as stack:
        links = [stack.enter_context(_connected(place)) for _ in range(_many())]
        for link in links[::3]:
            link.sendall(b"request=smtpd_access_policy\nsender=")
        for link in links[1::3]:
            with contextlib.suppress(OSError):
                link.sendall(bytes(range(256)) * 16)
        until(lambda: behind.door.open >= len(links[::3]), "the idle ones are in")
        before = _resident()
        flooding = threading.Thread(target=_flood, args=(place,), daemon=True)
        flooding.start()
        with log_in(postfix.port, CLEAR) as program:
            took = max(_asked(program, number) for number in range(20))
        flooding.join()
    assert took < 2, f"{took:.2f} s for a recipient"
    assert behind.door.counts.garbled >= 1 and behind.door.counts.overloaded == 0
    assert _resident() - before < 50 << 20
    assert not send(postfix.port, CLEAR, ["after@example.net"])


def _asked(program: object, number: int) -> float:
    """Seconds one recipient took."""
    began = time.monotonic()
    program.mail(CLEAR)  # type: ignore[attr-defined]
    assert program.rcpt(f"x{number}@example.net")[0] == 250  # type: ignore[attr-defined]
    program.rset()  # type: ignore[attr-defined]
    return time.monotonic() - began


def _flood(place: Path) -> None:
    """A gigabyte of attributes, as far as anybody takes them, on ten connections."""
    piece = b"sender=" + b"a" * 65_000 + b"\n"
    for _ in range(10):
        with _connected(place) as link, contextlib.suppress(OSError):
            for _ in range(100_000_000 // len(piece)):
                link.sendall(piece)


def _many() -> int:
    """Ten thousand, or what the limit of open files allows: both ends are in this process."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most[1], most[1]))
    return min(10_000, most[1] // 2 - 500)


@contextlib.contextmanager
def _connected(place: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(place))
        yield link


def _resident() -> int:
    """Octets of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
