"""`[host."name"]`: the addresses of the mail servers that hand mail to each other."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path as File
from typing import Any

from gatepost.config import owners
from gatepost.config.mistakes import Found, one_of, shown
from gatepost.config.places import Path, spoken
from gatepost.config.settings import Settings
from gatepost.mta.handover import Handovers

Block = Mapping[str, Any]


def handovers(settings: Settings) -> Handovers:
    """Which hosts are known by their addresses."""
    return Handovers({str(ip_address(text)): name for name, host in settings.host.items() for text in host.addresses})


def of_log(settings: Settings, log: str) -> str:
    """The mail server that writes a log: a configured one, or one beside it that it was rotated into; "" for others."""
    path = str(File(log).absolute())
    for source in settings.logs:
        if path == source.path or path.startswith((f"{source.path}.", f"{source.path}-")):
            return source.hosts[0]
    return ""


def check(blocks: Block, sources: Sequence[tuple[int, Block]]) -> Iterator[Found]:
    """Every mistake in meaning; values of the wrong kind are passed over."""
    known = {host for number, block in sources for _, host in owners.hosts(number, block, set())}
    first: dict[str, Path] = {}
    relays = [text for _, block in sources for text in _texts(block.get("relay_clients"))]
    for name, block in blocks.items():
        key: Path = ("host", name)
        if name not in known:
            yield Found(key, f"no source is of the mail server {shown(name)}", one_of(name, known))
        given = block.get("addresses") if isinstance(block, Mapping) else None
        if given == []:
            yield Found((*key, "addresses"), "without an address it is not known", "name one, or remove the block")
        for number, text in enumerate(given if isinstance(given, list) else ()):
            if isinstance(text, str):
                yield from _address(text, (*key, "addresses", number), first)
                yield from _relayed(text, (*key, "addresses", number), relays)


def _address(text: str, key: Path, first: dict[str, Path]) -> Iterator[Found]:
    try:
        address = ip_address(text)
    except ValueError:
        yield Found(key, f"{shown(text)} is no address", 'write one as the logs do, such as "192.0.2.30"')
        return
    if address.is_loopback or address.is_unspecified:
        yield Found(key, f"{shown(text)} is every host's", "name the address that the other hosts see")
    elif first.setdefault(str(address), key) != key:
        yield Found(key, f"{shown(text)} is that of {spoken(first[str(address)])} already", "each host has its own")


def _relayed(text: str, key: Path, relays: Sequence[str]) -> Iterator[Found]:
    """Mail from a host of ours is its accounts', not the network's."""
    for network in relays:
        try:
            inside = ip_address(text) in ip_network(network)
        except ValueError:
            continue
        if inside:
            message = f"{shown(text)} is among relay_clients, {shown(network)}"
            yield Found(key, message, "name smaller networks there: mail of this host is joined to its accounts")


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
