"""What the settings of a door mean together: how long somebody waits, who may ask, and what says that it is him."""

from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.config import heard, words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path
from gatepost.core.units import Seconds

Block = Mapping[str, Any]


def check(block: Block, key: Path) -> Iterator[Found]:
    """Every mistake in a [[door]] block; values of the wrong kind are passed over."""
    yield from _owning(block, key)
    yield from _routed(block, key)
    yield from _certified(block, key)
    yield from _peers(block, key)
    slow, most, listen = block.get("slow"), block.get("sleepers"), block.get("listen")
    if isinstance(slow, str) and not _short(slow):
        remedy = 'write "1s" to "10s": mail programs give up, and a waiting connection is one the server lacks'
        yield Found((*key, "slow"), f"{shown(slow)} is no delay of a recipient", remedy)
    if isinstance(most, int) and most < 0:
        yield Found((*key, "sleepers"), f"{most} connections cannot wait", "write 0 or more")
    if isinstance(listen, str) and listen.startswith("inet:") and not block.get("peers") and not words.loopback(listen):
        host = listen.removeprefix("inet:").rpartition(":")[0]
        remedy = 'write peers = ["192.0.2.10"], the hosts that may ask, or listen on 127.0.0.1'
        yield Found((*key, "listen"), f"{shown(host)} is reached from other hosts", remedy)


def _certified(block: Block, key: Path) -> Iterator[Found]:
    """Certificate and key belong together; an authority signs the certificates of those who are named."""
    listen = block.get("listen")
    for name in heard.FILES:
        if block.get(name) and isinstance(listen, str) and listen.startswith("unix:"):
            remedy = "leave it out: mode, group and users say who may use a unix socket"
            yield Found((*key, name), "TLS is for ports alone", remedy)
            return
    for name in ("certificate", "key"):
        if not block.get(name) and any(block.get(other) for other in heard.FILES):
            yield Found(key, f"{name} is missing", f"add {name} = the path of a PEM file")
    if block.get("authority") and not block.get("peers"):
        remedy = 'write peers = ["mx1.example.org"], the names in the certificates of the mail servers'
        yield Found((*key, "authority"), "nobody may ask", remedy)


def _peers(block: Block, key: Path) -> Iterator[Found]:
    """Names in certificates where they are asked for, else addresses."""
    peers = block.get("peers")
    for number, peer in enumerate(peers if isinstance(peers, list) else []):
        wrong = None
        if isinstance(peer, str):
            wrong = heard.certificate(peer) if block.get("authority") else words.network(peer)
        if wrong is not None:
            yield Found((*key, "peers", number), *wrong)


def _owning(block: Block, key: Path) -> Iterator[Found]:
    """Whoever may ask at a door that owns its host's facts can have any account blocked: it must say who may."""
    listen = block.get("listen")
    if not block.get("owns") or not isinstance(listen, str) or block.get("users") or block.get("peers"):
        return
    if listen.startswith("inet:"):
        remedy = 'write users = ["postfix"], the user who asks, or listen on a unix socket'
        yield Found((*key, "listen"), "with owns every local user could have any account blocked here", remedy)


def _routed(block: Block, key: Path) -> Iterator[Found]:
    """What needs a route, and what Postfix can do only one of: a policy answers with one action."""
    if block.get("at_hold") == "route" and not block.get("route"):
        yield Found(
            (*key, "at_hold"), "there is no route by which held mail could leave", 'write route = "suspects:" too'
        )
    if block.get("mark") and block.get("route"):
        yield Found((*key, "mark"), "Postfix is answered with one action: a route or a mark", "remove one of them")


def _short(text: str) -> bool:
    """Whether it is one to ten seconds; what is no duration is somebody else's to say."""
    try:
        return 1 <= Seconds.parse(text) <= 10
    except ValueError:
        return True
