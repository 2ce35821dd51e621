"""What an operator may set of the actions that tell machines and chats, and what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from gatepost.act.url import url_of
from gatepost.config import words
from gatepost.config.mistakes import Found, shown
from gatepost.config.places import Path
from gatepost.core.units import Seconds

Step = Literal["throttle", "hold", "block"]
Facility = Literal[
    "auth", "authpriv", "daemon", "mail", "user",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
]  # fmt: skip
Block = Mapping[str, Any]

FILES = ("authority", "certificate", "key")

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


class SiemSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="siem"):
    """A line for a SIEM: syslog (RFC 5424) around CEF."""

    server: str  #: where lines go: "tls:siem.example.org:6514", "tcp:…", "udp:192.0.2.5:514", "unix:/dev/log"
    name: str = ""  #: its name in messages; "" = server
    on: tuple[Step, ...] = ("throttle", "hold", "block")  #: levels that are told, and their end
    host: str = ""  #: name of this host in the lines; "" = its own
    facility: Facility = "auth"  #: syslog's facility
    authority: str = ""  #: of tls: file of the certificates that sign the receiver's, PEM; "" = the system's
    certificate: str = ""  #: of tls: file of ours, PEM, where the receiver asks for one
    key: str = ""  #: of tls: file of its key, PEM
    timeout: Seconds = Seconds(10)  #: how long one try may take, at most "30s"


class ChatSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="chat"):
    """A message in a chat of your team, through Apprise (gatepost[chat])."""

    url_file: str  #: file with the chat's URL in Apprise's form, one line, not for others to read; or "credential:NAME"
    name: str = "chat"  #: its name in messages
    on: tuple[Step, ...] = ("hold", "block")  #: levels that are told
    timeout: Seconds = Seconds(20)  #: how long one try may take, at most "30s"


class CustomerSettings(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="customer",
    rename={"sender": "from"},
):
    """A letter to the customer whose account was stolen, at another address of his."""

    sender: str  #: address in the From line; the envelope sender is always empty
    contact: str  #: whom customers tell that they have a new password: an address, a telephone number
    smtp: str = "127.0.0.1:25"  #: server that takes the mail, host:port
    on: tuple[Literal["hold", "block"], ...] = ("hold", "block")  #: levels that are worth a letter
    released: bool = False  #: true writes once more when the account may send again
    language: Literal["en", "de"] = "en"  #: of letters, where neither account nor domain names one
    templates: str = ""  #: folder with texts of your own, such as stolen.txt or de/stolen.txt; "" = ours


TellerSettings = HookSettings | SiemSettings | ChatSettings | CustomerSettings


def check(blocks: Sequence[tuple[int, Block]]) -> Iterator[Found]:
    """What is wrong with the [[action]] blocks of these kinds; values of the wrong kind are passed over."""
    names: dict[tuple[object, str], int] = {}
    for number, block in blocks:
        if (kind := block.get("kind")) not in _PLACE:
            continue
        if (look := _LOOKS.get(str(kind))) is not None:
            yield from look(("action", number), block)
        yield from _common(("action", number), block)
        name = (kind, _called(block, str(kind)))
        if names.setdefault(name, number) != number:
            alone = kind == "customer"
            remedy = "make one block of them" if alone else "give each a name of its own"
            key = ("action", number) if alone else ("action", number, "name")
            yield Found(key, f"it is called as action[{names[name]}] is", remedy)


_PLACE = {"hook": "url", "siem": "server", "chat": "name", "customer": "name"}
"""What an action is called by when it has no name."""


def _called(block: Block, kind: str) -> str:
    """As the action will be: a hook by the host of its address."""
    name = str(block.get("name") or block.get(_PLACE[kind]))
    try:
        return url_of(name).authority if kind == "hook" and not block.get("name") else name
    except ValueError:
        return name


def _common(key: Path, block: Block) -> Iterator[Found]:
    for setting in ("secret", "url_file", *FILES, "name", "host"):
        word = words.name if setting in ("name", "host") else words.path
        if (value := block.get(setting)) and isinstance(value, str) and (wrong := word(value)):
            yield Found((*key, setting), *wrong)
    yield from _timeout(key, block)


def _hook(key: Path, block: Block) -> Iterator[Found]:
    yield from _url(key, block)
    for place, network in enumerate(_list(block, "networks")):
        if isinstance(network, str) and (wrong := words.network(network)):
            yield Found((*key, "networks", place), *wrong)


def _customer(key: Path, block: Block) -> Iterator[Found]:
    for setting, word in (("contact", words.line), ("templates", words.path)):
        if isinstance(value := block.get(setting), str) and (value or setting == "contact") and (wrong := word(value)):
            yield Found((*key, setting), *wrong)


def _siem(key: Path, block: Block) -> Iterator[Found]:
    """Where lines go, and that files of TLS are all there, and only with it."""
    to = block.get("server")
    if not isinstance(to, str):
        return
    kind, _, place = to.partition(":")
    known = place.startswith("/") if kind == "unix" else kind in ("udp", "tcp", "tls") and words.server(place) is None
    if not known or "\0" in place:
        remedy = 'write "tls:siem.example.org:6514", "tcp:…", "udp:192.0.2.5:514" or "unix:/dev/log"'
        yield Found((*key, "server"), f"{shown(to)} is no address to send lines to", remedy)
    for name in FILES:
        if block.get(name) and kind != "tls":
            yield Found((*key, name), "is for tls alone", 'leave it out, or write server = "tls:…"')
    if bool(block.get("certificate")) != bool(block.get("key")):
        yield Found(key, "certificate and key belong together", "name both files, or none")


def _list(block: Block, name: str) -> list[Any]:
    value = block.get(name)
    return value if isinstance(value, list) else []


def _url(key: Path, block: Block) -> Iterator[Found]:
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


def _timeout(key: Path, block: Block) -> Iterator[Found]:
    text = block.get("timeout")
    try:
        seconds = Seconds.parse(text) if isinstance(text, str) else Seconds(1)
    except ValueError:
        return
    if not 0 < seconds <= LONGEST:
        yield Found((*key, "timeout"), f"{shown(str(text))} is no time for one try", 'write "1s" to "30s"')


_LOOKS = {"hook": _hook, "siem": _siem, "customer": _customer}
"""What else is wrong with a block of a kind."""
