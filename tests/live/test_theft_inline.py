"""A thief on twenty connections at once on a Postfix that asks: his mail is deferred before the log knows it.

So little may get out that the log knows of no theft yet; then he tries what was deferred again, as botnets do.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot, own_folder
from tests.live.postfix import Cuts, Postfix, send
from tests.live.scene import BOTNET, EMPLOYEE, FRESH, FRIEND, HOME, NEWS, THIEF, Theft, Watch, can_send, honest, out_of
from tests.live.scene_postfix import ask_at, watch_door
from tests.live.world import World

pytestmark = pytest.mark.live

PATIENCE = 120.0
"""Seconds in which he must be stopped."""


def _stopped(watch: Watch) -> bool:
    return bool({"throttle", "hold", "block"} & {*watch.levels(THIEF)})


def test_a_blast_on_many_connections_is_stopped_in_the_dialogue(
    postfixes: Callable[..., Postfix], dovecot: Dovecot, tree: Path, sink: World
) -> None:
    """As fast as Postfix lets him, from twenty networks; a newsletter and new accounts beside him are not touched."""
    place = own_folder(tree, "g-")
    postfix = postfixes(dovecot, Cuts(ask_at(place / "policy")))
    watch = watch_door(place / "state", postfix, sink, place / "policy")
    watch.start()
    (place / "policy").chmod(0o666)
    try:
        theft = Theft(postfix.port, BOTNET, messages=100, a_second=1000, bad=0.1, by=send, size=3)
        theft.start()
        failed = honest(postfix.port, send)
        theft.join()
        while not _stopped(watch) and time.time() < theft.started + PATIENCE:
            again = Theft(postfix.port, BOTNET, messages=20, a_second=2, bad=0.1, by=send, size=3)
            again.start()
            again.join()
        out = out_of(sink, theft.started)
        assert out <= 60, f"{out} of 300 recipients got out; {watch.errors()[-2000:]}"
        assert _stopped(watch), watch.changes()
        assert failed == {NEWS: 0, EMPLOYEE: 0, FRESH: 0}
        assert can_send(postfix.port, FRIEND, HOME[FRIEND], send)
    finally:
        watch.stop()
        shutil.rmtree(place, ignore_errors=True)
