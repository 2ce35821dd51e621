"""The scene on an Exim that asks gatepost in the dialogue, without a deny table."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.live.exim import Exim, start_exim
from tests.live.page import asking
from tests.live.scene import Watch, beside
from tests.live.world import World


@dataclass(frozen=True)
class Asked:
    """An Exim, and the gatepost it asks."""

    exim: Exim
    watch: Watch


@contextlib.contextmanager
def asked(live: Path, world: World, folder: Path, *, known: bool = True) -> Iterator[Asked]:
    """Both, started and caught up; ended with the context.

    Args:
        live: the unpacked Exim.
        world: where mail goes.
        folder: for all files.
        known: False: there is no history to learn.
    """
    place = Path(tempfile.mkdtemp(prefix="asked-", dir=folder))
    place.chmod(0o755)
    exim = start_exim(live, world.port, asking(place / "door"))
    door = f'[[door]]\nkind = "exim"\nlisten = "unix:{place}/door"\ngroup = "Debian-exim"\n'
    watch = beside(place / "state", exim, world, door, known=known)
    try:
        watch.start()
        yield Asked(exim, watch)
    finally:
        watch.stop()
        exim.stop()
