"""Queued mail of a stopped account on a real Postfix: held; a release sends the honest part, the operator the rest."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot
from tests.live.ports import until
from tests.live.postfix import Postfix, send
from tests.live.scene import BOTNET, FRIEND, HOME, THIEF, Watch, history
from tests.live.scene_postfix import mail
from tests.live.world import World

pytestmark = pytest.mark.live

LATER = ("rcpt", "451 4.7.1 not now")


@pytest.fixture
def watched(
    tree: Path, postfixes: Callable[..., Postfix], dovecot: Dovecot, open_folder: Path
) -> Iterator[tuple[Postfix, Watch]]:
    """A Postfix, and a gatepost beside it that has learnt a fortnight."""
    postfix = postfixes(dovecot)
    postfix.maillog.with_name("maillog.1").write_text(history(time.time() - 600, write=mail))
    folder = open_folder / f"queue-{postfix.folder.name}"
    folder.mkdir(exist_ok=True)
    names = ("postqueue", "postsuper", "postcat")
    commands = "".join(
        f"{name} = {json.dumps([f'{tree}/outside/{name}', '-c', str(postfix.config)])}\n" for name in names
    )
    config = folder / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{postfix.maillog}"\nzone = "UTC"\n'
        f'[[action]]\nkind = "queue"\nserver = "postfix"\n{commands}'
    )
    watch = Watch(folder, config)
    watch.start()
    yield postfix, watch
    watch.stop()


def listed(watch: Watch, *words: str) -> dict[str, object]:
    """What `gatepost queue` says of the thief's mail."""
    done = watch.run("queue", THIEF, "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["queues"][0])


def test_the_honest_part_goes_and_the_rest_waits(watched: tuple[Postfix, Watch], sink: World) -> None:
    """A block holds the thief's queue alone; a release sends what the owner wrote before, the operator the rest."""
    postfix, watch = watched
    own = [f"own{number}@p.example.net" for number in range(2)]
    prey = [f"prey{number}@p.example.net" for number in range(3)]
    sink.answer(dict.fromkeys((*own, *prey, "friend@p.example.net"), LATER))
    for address in own:
        send(postfix.submission, THIEF, [address], HOME[THIEF])
    for number, address in enumerate(prey):
        send(postfix.submission, THIEF, [address], BOTNET[number], sender="x@elsewhere.example.net")
    send(postfix.submission, FRIEND, ["friend@p.example.net"], HOME[FRIEND])
    until(lambda: postfix.log().count("status=deferred") >= 6, "all of it waits")
    begun = time.perf_counter()
    done = watch.run("block", THIEF, "--reason", "test", "--format", "json")
    took = time.perf_counter() - begun
    assert "5 messages of" in done.stdout, done.stdout
    assert len(postfix.queue(held=True)) == 5 and len(postfix.queue()) == 6
    assert (listed(watch)["kept"], listed(watch)["waiting"]) == (5, 0)
    sink.answer({})
    begun = time.perf_counter()
    done = watch.run("release", THIEF, "--honest", "--format", "json")
    print(f"block, command and all: {took:.2f} s; release: {time.perf_counter() - begun:.2f} s")
    assert "2 messages let go; 3 messages kept" in done.stdout, done.stdout
    for address in own:
        sink.await_mail(address)
    assert len(postfix.queue(held=True)) == 3 and not [one for one in sink.accepted() if one in prey]

    first = next(iter(postfix.queue(held=True)))
    postfix.run("postsuper", "-d", first)
    assert listed(watch, "--delete", "--dry-run")["kept"] == 2 and len(postfix.queue(held=True)) == 2
    assert listed(watch, "--release")["done"] == 2
    until(lambda: sum(one in prey for one in sink.accepted()) == 2, "the rest was sent")


def test_what_is_deleted_comes_back_to_nobody(watched: tuple[Postfix, Watch], sink: World) -> None:
    """Deleted mail is gone, without a bounce, and nobody else's with it."""
    postfix, watch = watched
    before = len(sink.accepted())
    sink.answer({"gone@q.example.net": LATER, "stays@q.example.net": LATER})
    send(postfix.submission, THIEF, ["gone@q.example.net"], BOTNET[3])
    send(postfix.submission, FRIEND, ["stays@q.example.net"], HOME[FRIEND])
    until(lambda: postfix.log().count("status=deferred") >= 2, "all of it waits")
    assert watch.run("block", THIEF, "--reason", "test").returncode == 0
    assert listed(watch, "--delete")["done"] == 1
    sink.answer({})
    sink.await_mail("stays@q.example.net")
    assert not [one for one in sink.accepted()[before:] if one in (THIEF, "gone@q.example.net")]
