"""What an operator may set of the actions that tell machines and chats, and what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from gatepost.act.url import url_of
from gatepost.config import words
from gatepost.config.mistakes import Found, shown
from gatepost.config.secret import absolute
from gatepost.core.units import Seconds

Step = Literal["throttle", "hold", "block"]
Block = Mapping[str, Any]

LONGEST = 30.0
"""Seconds one try may take: half of what every action may."""


class HookSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="hook"):
    """A web hook: signed JSON for another program."""

    url: str  #: where it is posted: "https://hooks.example.org/gatepost"
    secret: str  #: file with what signs it, one line of 16 signs or more, not for others to read; or "credential:NAME"
    name: str = ""  #: its name in messages; "" = host and port of url
    on: tuple[Step, ...] = ("throttle", "hold", "block")  #: levels that are told, and their end
    networks: tuple[str, ...] = ()  #: networks not public that url may lead to: "10.0.0.0/24", "fd00::/64"
    plain: bool = False  #: true lets url be http:// on another host: everybody on the way can read it
    authority: str = ""  #: file of the certificates that sign the receiver's, PEM; "" = the system's
    timeout: Seconds = Seconds(10)  #: how long one try may take, at most "30s"


TellerSettings = HookSettings


def placed(found: TellerSettings, folder: File) -> TellerSettings:
    """The same with absolute paths."""
    authority = str(folder / found.authority) if found.authority else ""
    return replace(found, secret=absolute(found.secret, folder), authority=authority)


def check(blocks: Sequence[tuple[int, Block]]) -> Iterator[Found]:
    """What is wrong with the [[action]] blocks of these kinds; values of the wrong kind are passed over."""
    names: dict[str, int] = {}
    for number, block in blocks:
        if block.get("kind") == "hook":
            yield from _hook(number, block)
            name = str(block.get("name") or block.get("url"))
            if names.setdefault(name, number) != number:
                remedy = "give each a name of its own"
                yield Found(("action", number, "name"), f"it is called as action[{names[name]}] is", remedy)


def _hook(number: int, block: Block) -> Iterator[Found]:
    key = ("action", number)
    yield from _url(key, block)
    for setting, word in (("secret", words.path), ("authority", words.path), ("name", words.name)):
        if (value := block.get(setting)) and isinstance(value, str) and (wrong := word(value)):
            yield Found((*key, setting), *wrong)
    for place, network in enumerate(_list(block, "networks")):
        if isinstance(network, str) and (wrong := words.network(network)):
            yield Found((*key, "networks", place), *wrong)
    yield from _timeout(key, block)


def _list(block: Block, name: str) -> list[Any]:
    value = block.get(name)
    return value if isinstance(value, list) else []


def _url(key: tuple[str | int, ...], block: Block) -> Iterator[Found]:
    text = block.get("url")
    if not isinstance(text, str):
        return
    try:
        url = url_of(text)
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        yield Found((*key, "url"), f"{shown(text)}: {message}", remedy)
        return
    if not url.tls and not url.local and block.get("plain") is not True:
        message = "http:// can be read and changed by everybody on the way"
        yield Found((*key, "url"), message, "write https://, or plain = true where nobody else is on the way")


def _timeout(key: tuple[str | int, ...], block: Block) -> Iterator[Found]:
    text = block.get("timeout")
    try:
        seconds = Seconds.parse(text) if isinstance(text, str) else Seconds(1)
    except ValueError:
        return
    if not 0 < seconds <= LONGEST:
        yield Found((*key, "timeout"), f"{shown(str(text))} is no time for one try", 'write "1s" to "30s"')
