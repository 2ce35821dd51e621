"""What the settings of a syslog listener mean together: who is heard, and how it is known that it is him."""

from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.config import words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path

Block = Mapping[str, Any]

LEAST = 32
"""Megabytes of the smallest backlog: two segments of a spool."""

FILES = ("certificate", "key", "authority")


def check(block: Block, key: Path) -> Iterator[Found]:
    """Every mistake in a [[source]] block whose kind is syslog; values of the wrong kind are passed over."""
    listen, peers = block.get("listen"), block.get("peers", [])
    backlog = block.get("backlog", LEAST)
    if isinstance(backlog, int) and backlog < LEAST:
        yield Found((*key, "backlog"), f"{backlog} MB are too few", f"write {LEAST} or more")
    if not isinstance(listen, str) or not isinstance(peers, list):
        return
    wrong = words.heard(listen)
    if wrong is not None:
        yield Found((*key, "listen"), *wrong)
        return
    kind, _, place = listen.partition(":")
    yield from _files(block, key, kind)
    yield from _reachable(block, key, kind, place)
    if kind == "unix":
        yield from _alone(block, key)
        return
    if not peers:
        yield Found(key, "nobody may send", 'add peers = [{ name = "192.0.2.10", host = "mx1" }]')
    for number, peer in enumerate(peers):
        if isinstance(peer, Mapping):
            yield from _peer(peer, (*key, "peers", number), kind)


def _alone(block: Block, key: Path) -> Iterator[Found]:
    if block.get("peers"):
        remedy = "leave it out; mode and group say who may write to the socket"
        yield Found((*key, "peers"), "a unix socket has no peers", remedy)


def _files(block: Block, key: Path, kind: str) -> Iterator[Found]:
    for name in FILES:
        if kind == "tls" and not block.get(name):
            yield Found(key, f"{name} is missing", f"add {name} = the path of a PEM file")
        if kind != "tls" and block.get(name):
            yield Found((*key, name), "is for tls alone", 'leave it out, or write listen = "tls:…"')


def _reachable(block: Block, key: Path, kind: str, place: str) -> Iterator[Found]:
    """UDP from other hosts says nothing about who sent it (contracts 12)."""
    if kind != "udp" or words.loopback(place) or block.get("allow_unauthenticated_udp") is True:
        return
    message = "whoever reaches this port can send lines in the name of any peer"
    remedy = 'write listen = "tls:…", or allow_unauthenticated_udp = true where the network itself keeps strangers out'
    yield Found((*key, "listen"), message, remedy)


def _peer(peer: Block, key: Path, kind: str) -> Iterator[Found]:
    name, host = peer.get("name"), peer.get("host", "")
    if not isinstance(name, str) or not isinstance(host, str):
        return
    wrong = certificate(name) if kind == "tls" else words.network(name)
    if wrong is not None:
        yield Found((*key, "name"), *wrong)
    elif words.name(host or name) is not None:
        message = f"{shown(host or name)} cannot be the name of a mail server"
        yield Found((*key, "host" if host else "name"), message, 'add host = "mx1.example.org"')


def certificate(name: str) -> words.Wrong:
    """The name in a certificate: a DNS name, and no address."""
    if words.network(name) is None or words.domain(name) is not None:
        message = f"{shown(name)} is no DNS name in a certificate"
        return message, 'write the name in its subjectAltName, such as "mx1.example.org"'
    return None
