"""Queued mail of a stopped account on a real Exim: frozen; a release sends the honest part, the operator the rest."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.client import send
from tests.live.exim import Exim, Rules
from tests.live.ports import until
from tests.live.scene import BOTNET, FRIEND, HOME, THIEF, Watch, beside
from tests.live.world import World

pytestmark = pytest.mark.live


@pytest.fixture
def watched(exims: Callable[..., Exim], sink: World, open_folder: Path) -> Iterator[tuple[Exim, Watch]]:
    """An Exim that delivers only what it is forced to, with a split spool, and a gatepost beside it."""
    exim = exims(Rules(main="hold_domains = *.queued.example.net\nsplit_spool_directory"))
    words = json.dumps([str(exim.binary), "-C", str(exim.config)])
    action = f'[[action]]\nkind = "queue"\nserver = "exim"\nspool = "{exim.folder}/spool"\nexim = {words}\n'
    watch = beside(open_folder / "queue", exim, sink, action)
    watch.start()
    yield exim, watch
    watch.stop()


def listed(watch: Watch, *words: str) -> dict[str, object]:
    """What `gatepost queue` says of the thief's mail."""
    done = watch.run("queue", THIEF, "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["queues"][0])


def timed(watch: Watch, *words: str) -> tuple[float, dict[str, str]]:
    """Seconds that a command took, and the state of each action."""
    begun = time.perf_counter()
    done = watch.run(*words, "--format", "json")
    took = time.perf_counter() - begun
    rows = json.loads(done.stdout)["orders"]
    return took, {row["action"].partition(":")[0]: f"{row['state']}: {row['note']}" for row in rows}


def test_the_honest_part_goes_and_the_rest_waits(watched: tuple[Exim, Watch], sink: World) -> None:
    """A block freezes the thief's queue alone; a release sends what the owner wrote before, the operator the rest."""
    exim, watch = watched
    for number in range(3):
        assert not send(exim.port, THIEF, [f"own{number}@a.queued.example.net"], HOME[THIEF])
        assert not send(exim.port, THIEF, [f"prey{number}@b.queued.example.net"], BOTNET[number])
    assert not send(exim.port, FRIEND, ["friend@a.queued.example.net"], HOME[FRIEND])
    assert len(exim.queue()) == 7
    took, did = timed(watch, "block", THIEF, "--reason", "test")
    assert did["queue"].startswith("done: 6 messages"), did
    assert len(exim.queue(frozen=True)) == 6 and len(exim.queue()) == 7
    assert listed(watch)["kept"] == 6
    back, did = timed(watch, "release", THIEF, "--honest")
    assert did["queue"].startswith("undone: 3 messages let go; 3 messages kept"), did
    print(f"block to the last measure, command and all: {took:.2f} s; release: {back:.2f} s")
    for number in range(3):
        sink.await_mail(f"own{number}@a.queued.example.net")
    assert len(exim.queue(frozen=True)) == 3
    assert not [address for address in sink.accepted() if address.startswith("prey")]

    first, *others = sorted(exim.queue(frozen=True))
    exim.run("-Mrm", first)
    assert listed(watch, "--release", "--dry-run")["kept"] == 2 and len(exim.queue(frozen=True)) == 2
    exim.run("-Mf", *(exim.queue() - {*others}))
    assert listed(watch, "--release")["done"] == 2
    until(lambda: sum(address.startswith("prey") for address in sink.accepted()) == 2, "the rest was sent")
    assert len(exim.queue(frozen=True)) == 1, "the friend's is nobody's business"


def test_what_is_deleted_comes_back_to_nobody(watched: tuple[Exim, Watch], sink: World) -> None:
    """Deleted mail is gone, without a bounce, and so is nothing of anybody else's."""
    exim, watch = watched
    before = len(sink.accepted())
    assert not send(exim.port, THIEF, ["gone@b.queued.example.net"], BOTNET[3])
    assert not send(exim.port, FRIEND, ["stays@b.queued.example.net"], HOME[FRIEND])
    assert watch.run("block", THIEF, "--reason", "test").returncode == 0
    assert listed(watch, "--delete")["done"] == 1
    assert len(exim.queue()) == 1 and not exim.queue(frozen=True)
    assert not [address for address in sink.accepted()[before:] if address in (THIEF, "gone@b.queued.example.net")]
