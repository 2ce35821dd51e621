"""Way (b) of docs/mta/exim.md on a real Exim: what is accepted and frozen is not out, in the log and in the tables."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.client import send
from tests.live.exim import Exim
from tests.live.page import rules
from tests.live.ports import until
from tests.live.scene import FRIEND, HOME, THIEF, Watch, set_up
from tests.live.world import World

pytestmark = pytest.mark.live


@pytest.fixture
def watched(exims: Callable[..., Exim], sink: World, open_folder: Path) -> Iterator[tuple[Exim, Watch]]:
    """An Exim that keeps what stopped accounts send, and a gatepost beside it."""
    place = open_folder / "kept"
    (place / "deny").mkdir(parents=True)
    exim = exims(rules(place / "deny", "dsearch", "freeze"))
    watch = set_up(place / "state", exim, sink, place / "deny", "dsearch")
    watch.start()
    yield exim, watch
    watch.stop()


def incident(watch: Watch) -> dict[str, object]:
    """The thief's, as `gatepost incidents` says it."""
    done = watch.run("incidents", "--format", "json")
    (found,) = [each for each in json.loads(done.stdout) if each["account"] == THIEF]
    return dict(found)


def test_what_is_kept_is_not_out(watched: tuple[Exim, Watch], sink: World) -> None:
    """Frozen messages of a blocked account count as tried, never as out; another account's mail goes out."""
    exim, watch = watched
    assert not send(exim.port, THIEF, ["before@kept.example.net"], HOME[THIEF])
    assert watch.run("block", THIEF, "--reason", "test").returncode == 0
    for number in range(3):
        assert not send(exim.port, THIEF, [f"a{number}@kept.example.net", f"b{number}@kept.example.net"], HOME[THIEF])
    assert not send(exim.port, FRIEND, ["friend@kept.example.net"], HOME[FRIEND])
    sink.await_mail("friend@kept.example.net")
    assert len(exim.queue(frozen=True)) == 3
    until(lambda: incident(watch)["refused"] == 3, "the kept messages are counted", 40)
    assert incident(watch)["out_after"] == 0
    assert {address for address in sink.accepted() if "@kept." in address} == {
        "before@kept.example.net",
        "friend@kept.example.net",
    }
