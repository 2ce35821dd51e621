"""A stolen account on a real Exim that asks: stopped in the dialogue, honest people untouched, and mail never stops."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.client import log_in
from tests.live.ports import until
from tests.live.scene import BOTNET, EMPLOYEE, FRESH, FRIEND, HOME, NEWS, THIEF, Theft, can_send, honest, out_of
from tests.live.scene_door import Asked, asked
from tests.live.world import World

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def scene(live: Path, sink: World, open_folder: Path) -> Iterator[Asked]:
    """A learnt history, and a gatepost that has caught up."""
    with asked(live, sink, open_folder) as made:
        yield made


def test_a_thief_is_stopped_in_the_dialogue(scene: Asked, sink: World) -> None:
    """By the door alone: at his next recipient, in our words, until the release; nobody honest is refused."""
    theft = Theft(scene.exim.port, BOTNET, messages=60, a_second=20)
    theft.start()
    failed = honest(scene.exim.port)
    theft.join()
    out = out_of(sink, theft.started)
    assert out <= 80, f"{out} recipients got out; {scene.watch.errors()[-2000:]}"
    assert failed == {NEWS: 0, EMPLOYEE: 0, FRESH: 0}
    for account in (NEWS, EMPLOYEE, FRESH):
        assert not {"hold", "block"} & set(scene.watch.levels(account)), scene.watch.changes()
    assert {"hold", "block"} & set(scene.watch.levels(THIEF)), scene.watch.errors()[-2000:]


def test_an_open_session_is_stopped_and_let_go(scene: Asked) -> None:
    """The operator's block and release reach the next recipient of a session that was open before."""
    with contextlib.closing(log_in(scene.exim.port, FRIEND, HOME[FRIEND])) as program:
        program.mail(FRIEND)
        assert program.rcpt("friend1@partner1.example.net")[0] == 250
        blocked = scene.watch.run("block", FRIEND, "--reason", "phone call")
        assert blocked.returncode == 0, blocked.stdout + blocked.stderr
        code, text = program.rcpt("friend2@partner1.example.net")
        assert code == 550 and text.startswith(b"[gatepost] sending is stopped")
        released = scene.watch.run("release", FRIEND, "--honest")
        assert released.returncode == 0, released.stdout + released.stderr
        assert program.rcpt("friend3@partner1.example.net")[0] == 250


def test_mail_flows_while_gatepost_is_stopped(scene: Asked) -> None:
    """SIGSTOP under 20 sessions, then kill -9: every recipient is accepted, none waits two seconds; then it is back."""
    child = scene.watch.child
    assert child is not None
    people = [f"u{number}@example.test" for number in range(40, 60)]
    with contextlib.ExitStack() as stack:
        programs = [stack.enter_context(contextlib.closing(log_in(scene.exim.port, one))) for one in people]
        child.send_signal(signal.SIGSTOP)
        try:
            for program, one in zip(programs[:5], people, strict=False):
                program.mail(one)
                for turn in range(3):
                    begun = time.monotonic()
                    assert program.rcpt(f"friend{turn}@partner1.example.net")[0] == 250
                    assert time.monotonic() - begun < 2
        finally:
            child.send_signal(signal.SIGCONT)
        scene.watch.kill()
        for program, one in zip(programs[5:], people[5:], strict=True):
            begun = time.monotonic()
            assert not program.sendmail(one, ["friend1@partner1.example.net"], "Subject: x\r\n\r\nx\r\n")
            assert time.monotonic() - begun < 2
    scene.watch.start()
    blocked = scene.watch.run("block", FRIEND, "--reason", "phone call")
    assert blocked.returncode == 0, blocked.stdout + blocked.stderr
    until(lambda: not can_send(scene.exim.port, FRIEND, HOME[FRIEND]), "the door answers again")
