"""No log at all: a real Postfix asks at a door that owns its facts; killed in between, each message counts once."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.dovecot import Dovecot
from tests.live.ports import until
from tests.live.postfix import Cuts, Postfix, send
from tests.live.scene import Watch
from tests.live.scene_postfix import ask_at
from tests.live.world import World

pytestmark = pytest.mark.live

ANN = "u33@example.test"


def test_what_postfix_asks_is_counted_once_through_a_kill(
    postfixes: Callable[..., Postfix], dovecot: Dovecot, folders: Callable[[], Path], place: Path, sink: World
) -> None:
    """Three recipients, kill -9 at once, three more: the limit of five is passed by the last, not before, not never."""
    door = folders() / "policy"
    postfix = postfixes(dovecot, Cuts(ask_at(door)))
    config = place / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[account."{ANN}"]\nquota = {{ hour = 5, day = 100 }}\n'
        f'[[door]]\nkind = "postfix"\nlisten = "unix:{door}"\nowns = "mx1"\n'
    )
    watch = Watch(place, config)
    try:
        for turn in range(2):
            watch.start()
            door.chmod(0o666)  # the page's group = "postfix" is known in the servers' folder only
            assert watch.levels(ANN) == []
            assert not send(postfix.port, ANN, [f"{turn}.{number}@example.net" for number in range(3)])
            if not turn:
                watch.kill()
        until(lambda: bool(watch.levels(ANN)), "the limit is reached", 30)
        assert watch.levels(ANN) == ["throttle"]
        began = time.monotonic()
        assert not send(postfix.port, ANN, ["late@example.net"]) and time.monotonic() - began > 9
    finally:
        watch.stop()
