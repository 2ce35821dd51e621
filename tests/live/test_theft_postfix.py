"""A stolen account on a real Postfix and Dovecot: noticed from their logs, stopped, undone; honest mail untouched."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot, call, open_mailbox
from tests.live.page import cuts, denied
from tests.live.ports import until
from tests.live.postfix import Postfix, log_in, send
from tests.live.scene import BOTNET, EMPLOYEE, FRESH, FRIEND, HOME, NEWS, THIEF, Theft, Watch, can_send, honest, out_of
from tests.live.scene_postfix import set_up
from tests.live.world import World

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("outside")]


@dataclass(frozen=True)
class Scene:
    """Both servers and who watches them."""

    postfix: Postfix
    dovecot: Dovecot
    watch: Watch

    def services(self, account: str) -> list[bool]:
        """Whether the account may log in to submission, sieve and imap."""
        return self.dovecot.let_in([(account, service) for service in ("submission", "sieve", "imap")])

    def may_send(self, account: str) -> bool:
        """Whether the account may send from home."""
        return can_send(self.postfix.port, account, HOME[account], send)


@pytest.fixture
def scene(
    tree: Path,
    folders: Callable[[], Path],
    postfixes: Callable[..., Postfix],
    dovecots: Callable[..., Dovecot],
    sink: World,
) -> Iterator[Scene]:
    """A guarded Postfix and Dovecot with a learnt history, and a gatepost that has caught up."""
    tables = folders()
    (tables / "deny").write_text("")
    assert call(tree, "postmap", f"lmdb:{tables}/deny").returncode == 0
    dovecot = dovecots(denied(tables / "shut"), relay=sink.port)
    postfix = postfixes(dovecot, cuts(tables / "deny", "lmdb"))
    watch = set_up(tables / "state", postfix, dovecot, sink, tables)
    watch.start()
    yield Scene(postfix, dovecot, watch)
    watch.stop()


def test_a_thief_is_stopped_and_everything_can_be_undone(scene: Scene, sink: World) -> None:
    """From the first bad message to the release: sending is shut at both servers, reading and honest mail go on."""
    postfix, watch = scene.postfix, scene.watch
    open_before = log_in(postfix.port, THIEF, HOME[THIEF])
    theft = Theft(postfix.port, BOTNET, messages=120, a_second=8, by=send)
    theft.start()
    failed = honest(postfix.port, send)
    until(lambda: theft.refused > 0 or watch.dead, "the thief is refused", 30)
    theft.join()
    assert failed == {NEWS: 0, EMPLOYEE: 0, FRESH: 0}
    for account in (NEWS, EMPLOYEE, FRESH, FRIEND):
        assert not {"hold", "block"} & set(watch.levels(account)), watch.changes()
    out = out_of(sink, theft.started)
    print(f"{out} recipients got out")
    assert out <= 80, f"{out} recipients got out; {watch.errors()[-2000:]}"
    assert watch.levels(THIEF)[-1] == "block", watch.errors()[-2000:]

    assert open_before.noop()[0] == 250, "an open session goes on"
    open_before.close()
    until(lambda: scene.services(THIEF) == [False, False, True], "sending is shut, reading is not")
    open_mailbox(scene.dovecot.imap, THIEF, HOME[THIEF]).logout()
    send(postfix.port, FRIEND, [THIEF], HOME[FRIEND])
    sink.await_mail(THIEF)
    until(lambda: any(f"{THIEF}#1" in letter["text"] for letter in sink.mails()), "the letter to the abuse desk")
    _undone(scene)


def _undone(scene: Scene) -> None:
    """Both releases."""
    watch = scene.watch
    exported = json.loads(watch.run("export", THIEF).stdout)
    assert {row["state"] for row in exported["orders"]} == {"done"}, exported["orders"]
    assert not scene.may_send(THIEF)
    released = watch.run("release", THIEF, "--password-changed")
    assert released.returncode == 0, released.stdout + released.stderr
    until(lambda: scene.may_send(THIEF) and all(scene.services(THIEF)), "the owner may send again")
    assert watch.run("block", FRIEND, "--reason", "phone call").returncode == 0
    until(
        lambda: not scene.may_send(FRIEND) and scene.services(FRIEND) == [False, False, True], "the account is stopped"
    )
    assert watch.run("release", f"{FRIEND}#1", "--honest").returncode == 0
    until(lambda: scene.may_send(FRIEND) and all(scene.services(FRIEND)), "the account may send again")
