"""What an operator may set of the measures that go beyond a deny table: queued mail."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path

Stop = Literal["hold", "block"]


class QueueSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="queue"):
    """Keeps the mail that a stopped account has in the queue."""

    server: Literal["exim", "postfix"]  #: whose queue it is
    spool: str = ""  #: Exim's spool folder: exim -bP spool_directory says it
    exim: tuple[str, ...] = ("exim",)  #: calls Exim as an admin user, a word each: ["sudo", "-n", "/usr/sbin/exim4"]
    postqueue: tuple[str, ...] = ("postqueue",)  #: calls Postfix's program that lists the queue
    postsuper: tuple[str, ...] = ("postsuper",)  #: holds and deletes: ["sudo", "-n", "/usr/sbin/postsuper"]
    postcat: tuple[str, ...] = ("postcat",)  #: reads envelopes: ["sudo", "-n", "/usr/sbin/postcat"]
    on: tuple[Stop, ...] = ("hold", "block")  #: levels that keep queued mail: hold, block


_COMMANDS: Mapping[str, tuple[str, ...]] = {"exim": ("exim",), "postfix": ("postqueue", "postsuper", "postcat")}
"""The programs of each server."""

_OF = {"spool": "exim", **{name: server for server, names in _COMMANDS.items() for name in names}}
"""Whose each setting is."""


def check(blocks: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Found]:
    """What does not fit in [[action]] blocks of kind queue."""
    for number, block in blocks:
        if block.get("kind") == "queue":
            yield from _queue(block, ("action", number))


def placed(found: QueueSettings, folder: File) -> QueueSettings:
    """The same with absolute paths."""
    return replace(found, spool=str(folder / found.spool)) if found.spool else found


def _queue(block: Mapping[str, Any], key: Path) -> Iterator[Found]:
    """What is missing, and commands that are none."""
    server = str(block.get("server"))
    if server == "exim" and not block.get("spool"):
        yield Found((*key, "spool"), "spool is missing", 'write such as spool = "/var/spool/exim4"')
    for name, whose in _OF.items():
        if name in block and server in _COMMANDS and whose != server:
            yield Found((*key, name), f"it is {whose}'s, and this queue is {server}'s", "leave it out")
        if name != "spool":
            yield from _command(block.get(name), (*key, name))


def _command(words: object, key: Path) -> Iterator[Found]:
    """A program and its words."""
    if isinstance(words, list) and (not words or not all(isinstance(word, str) and _word(word) for word in words)):
        remedy = 'write each word by itself: ["sudo", "-n", "/usr/sbin/exim4"]; there is no shell'
        yield Found(key, f"{shown(str(words))} is no command", remedy)


def _word(word: str) -> bool:
    return bool(word) and "\0" not in word
