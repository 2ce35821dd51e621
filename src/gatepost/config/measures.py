"""What an operator may set of the measures that go beyond a deny table: queued mail and open sessions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from gatepost.act.url import url_of
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


class SessionsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="sessions"):
    """Ends the IMAP, POP3 and ManageSieve sessions of a stopped account in Dovecot."""

    doveadm: tuple[str, ...] = ("doveadm",)  #: calls doveadm, a word each: ["sudo", "-n", "/usr/bin/doveadm"]
    url: str = ""  #: doveadm's HTTP API instead: "http://127.0.0.1:8080/doveadm/v1"; "" = the program
    key: str = ""  #: file with doveadm_api_key, not for others to read; or "credential:NAME"
    authority: str = ""  #: of https: file of the certificates that sign the server's, PEM; "" = the system's
    on: tuple[Stop, ...] = ("block",)  #: levels that end sessions: hold, block


Settings = QueueSettings | SessionsSettings
"""What these blocks may be."""

_COMMANDS: Mapping[str, tuple[str, ...]] = {"exim": ("exim",), "postfix": ("postqueue", "postsuper", "postcat")}
"""The programs of each server."""

_OF = {"spool": "exim", **{name: server for server, names in _COMMANDS.items() for name in names}}
"""Whose each setting is."""


def check(blocks: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Found]:
    """What does not fit in [[action]] blocks of kind queue."""
    for number, block in blocks:
        if block.get("kind") == "queue":
            yield from _queue(block, ("action", number))
        elif block.get("kind") == "sessions":
            yield from _sessions(block, ("action", number))


def _sessions(block: Mapping[str, Any], key: Path) -> Iterator[Found]:
    """An address of the web and a key, or neither."""
    yield from _command(block.get("doveadm"), (*key, "doveadm"))
    url = block.get("url")
    if isinstance(url, str) and url:
        yield from _address(url, (*key, "url"))
        if not block.get("key"):
            yield Found((*key, "key"), "key is missing", "write the file that holds doveadm_api_key")
        if block.get("doveadm"):
            yield Found((*key, "doveadm"), "with url the program is not called", "leave one of them out")
    elif block.get("key") or block.get("authority"):
        name = "key" if block.get("key") else "authority"
        yield Found((*key, name), "without url it is not used", 'write url = "http://127.0.0.1:8080/doveadm/v1"')


def _address(text: str, key: Path) -> Iterator[Found]:
    """Where the key may travel: within this host, or encrypted."""
    try:
        url = url_of(text)
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        yield Found(key, f"{shown(text)}: {message}", remedy)
        return
    if not url.tls and not url.local:
        yield Found(key, "the key would be read by everybody on the way", "write https://, or 127.0.0.1")


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
