"""Old logs read by hand into the state: habits without orders."""

from collections.abc import Sequence

from gatepost.config import dialects
from gatepost.config.locals import of_host
from gatepost.config.zones import load_zone
from gatepost.core.errors import SourceError
from gatepost.runtime import mode
from gatepost.runtime.house import House
from gatepost.runtime.pipeline import Feed
from gatepost.source.lines import open_binary
from gatepost.source.merge import merge, stamp_of
from gatepost.source.rotation import HEAD, head_of
from gatepost.source.sample import written


def learn(house: House, paths: Sequence[str], host: str, zone: str) -> list[SourceError]:
    """Read logs, oldest line first; what follows from them is recorded and not carried out.

    As at the very first start, an incident found in them that is older than a day ends: it would hide the next theft.

    Args:
        house: whose state learns.
        paths: logs, plain or packed.
        host: the mail server that wrote them.
        zone: zone of stamps without one.

    Returns:
        What could not be read.
    """
    where, broken = load_zone(zone), list[SourceError]()
    makers = [dialects.reader(path, "auto", where, house.settings.tag, written(path)) for path in paths]
    before = {incident.key for incident in house.store.find(standing=True)}
    thread, now, charged = house.thread(host), house.clock.now(), of_host(house.settings, host)
    feeds = [Feed(_name(path, now), make(), thread, locals=charged) for path, make in zip(paths, makers, strict=True)]
    for block in merge(paths, [stamp_of(make()) for make in makers], broken.append):
        house.pipeline.read(feeds[block.file], 0, block.offset, block.lines)
        house.settle()
    mode.let_go(house, before)
    return broken


def _name(path: str, now: float) -> str:
    """A source's name that is equal for equal files wherever they lie, so that reading one twice is a no-op."""
    if path == "-":
        return f"learn:-:{now:.3f}"
    try:
        with open_binary(path) as stream:
            start = stream.read(HEAD)
    except (SourceError, OSError, EOFError, ValueError):
        start = path.encode("utf-8", "surrogateescape")
    return f"learn:{head_of(start)[2:8].hex()}"
