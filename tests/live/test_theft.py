"""A stolen account on a real Exim: noticed, stopped, undone; honest mail untouched; kill -9 forgets nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.client import HOME as SOMEWHERE
from tests.live.client import send
from tests.live.exim import Exim
from tests.live.page import rules
from tests.live.ports import until
from tests.live.scene import (
    BOTNET,
    EMPLOYEE,
    FRESH,
    FRIEND,
    HOME,
    NEWS,
    THIEF,
    Theft,
    Watch,
    can_send,
    honest,
    out_of,
    set_up,
)
from tests.live.world import World

pytestmark = pytest.mark.live


@pytest.fixture
def scene(exims: Callable[..., Exim], sink: World, open_folder: Path) -> Iterator[tuple[Exim, Watch]]:
    """A guarded Exim with a learnt history, and a gatepost that has caught up."""
    place = open_folder / "theft"
    place.mkdir(mode=0o755)
    table = place / "deny"
    table.mkdir()
    exim = exims(rules(table, "dsearch", "refuse"))
    watch = set_up(place / "state", exim, sink, table, "dsearch")
    watch.start()
    yield exim, watch
    watch.stop()


def test_a_thief_is_stopped_and_everything_can_be_undone(scene: tuple[Exim, Watch], sink: World) -> None:
    """From the first bad message to the release, with a kill -9 in the middle."""
    exim, watch = scene
    theft = Theft(exim.port, BOTNET, messages=120, a_second=8)
    theft.start()
    failed = honest(exim.port)
    until(lambda: theft.refused > 0 or watch.dead, "the thief is refused", 30)
    watch.kill()
    watch.start()
    theft.join()
    _nobody_else(watch, failed)
    out = out_of(sink, theft.started)
    assert out <= 80, f"{out} recipients got out; {watch.errors()[-2000:]}"
    assert watch.levels(THIEF)[-1] == "block", watch.errors()[-2000:]

    send(exim.port, FRIEND, [THIEF], HOME[FRIEND])
    sink.await_mail(THIEF)
    until(lambda: any(f"{THIEF}#1" in mail["text"] for mail in sink.mails()), "the letter to the abuse desk")
    _once(watch)

    assert not can_send(exim.port, THIEF, HOME[THIEF])
    released = watch.run("release", THIEF, "--password-changed")
    assert released.returncode == 0, released.stdout + released.stderr
    until(lambda: can_send(exim.port, THIEF, HOME[THIEF]), "the owner may send again")
    _again(exim, watch)


def _nobody_else(watch: Watch, failed: dict[str, int]) -> None:
    assert failed == {NEWS: 0, EMPLOYEE: 0, FRESH: 0}
    for account in (NEWS, EMPLOYEE, FRESH, FRIEND):
        assert not {"hold", "block"} & set(watch.levels(account)), watch.changes()


def _once(watch: Watch) -> None:
    """After the kill: one incident, every order done once."""
    found = json.loads(watch.run("incidents", THIEF, "--format", "json").stdout)
    assert [incident["incident"] for incident in found] == [f"{THIEF}#1"]
    exported = json.loads(watch.run("export", THIEF).stdout)
    states = {(row["order"]["ensure"], row["action"]): row["state"] for row in exported["orders"]}
    assert set(states.values()) == {"done"}, exported["orders"]


def _again(exim: Exim, watch: Watch) -> None:
    """After the other release, too: an operator's block, and --honest."""
    blocked = watch.run("block", FRIEND, "--reason", "phone call")
    assert blocked.returncode == 0, blocked.stdout + blocked.stderr
    until(lambda: not can_send(exim.port, FRIEND, HOME[FRIEND]), "the account is stopped")
    released = watch.run("release", f"{FRIEND}#1", "--honest")
    assert released.returncode == 0, released.stdout + released.stderr
    until(lambda: can_send(exim.port, FRIEND, HOME[FRIEND]), "the account may send again")
    assert can_send(exim.port, EMPLOYEE, SOMEWHERE)
