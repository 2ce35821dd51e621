"""What the settings of reports that are delivered mean together: where, by whom, and that they can count."""

from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.config import words
from gatepost.config.mistakes import Found, shown

Block = Mapping[str, Any]


def check(block: Block) -> Iterator[Found]:
    """Every mistake in [reports] about LMTP; values of the wrong kind are passed over."""
    listen = block.get("lmtp", "")
    if not isinstance(listen, str):
        return
    key = ("reports", "lmtp")
    if listen and words.listen(listen):
        yield Found(
            key,
            f"{shown(listen)} is no address to listen on",
            'write "unix:/run/gatepost/lmtp" or "inet:127.0.0.1:2424"',
        )
    elif listen.startswith("inet:") and not words.loopback(listen):
        yield Found(key, f"{shown(listen)} is reached from other hosts", "listen on 127.0.0.1, or on a unix socket")
    if listen and block.get("keep", "0s") == "0s":
        yield Found(key, "no sent message is known, so no report can count", 'set keep = "7d"')
    if block.get("lmtp_group") and not listen.startswith("unix:"):
        yield Found(("reports", "lmtp_group"), "only a unix socket has a group", 'remove it, or write lmtp = "unix:…"')
