"""A TOML file to settings, or every mistake in it at once.

Owns the order: read the file, parse it, look at names and types, then at meaning, then say where everything stands.
"""

import os
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any, get_type_hints

from msgspec.structs import fields, replace

from gatepost.config import checks, heard
from gatepost.config import detectors as blocks
from gatepost.config.asking import DoorSettings
from gatepost.config.mistakes import ConfigErrors, Found, Mistake, one_of, shown
from gatepost.config.naming import Naming
from gatepost.config.places import Places
from gatepost.config.rooted import ACTION, rooted
from gatepost.config.settings import Data, Settings, Tail
from gatepost.config.shape import Broken, Shaper
from gatepost.config.streams import Journal, Stdin, Syslog
from gatepost.config.syntax import parse
from gatepost.config.zones import load_zone
from gatepost.core.errors import ConfigError

__all__ = ["default_path", "load", "load_zone", "read"]

Source = Tail | Syslog | Journal | Stdin

SYSTEM = File("/etc/gatepost/gatepost.toml")


def default_path() -> File:
    """$GATEPOST_CONFIG, else ./gatepost.toml, else /etc/gatepost/gatepost.toml."""
    told = os.environ.get("GATEPOST_CONFIG")
    if told:
        return File(told)
    here = File("gatepost.toml")
    return here if here.exists() else SYSTEM


def load(path: File) -> Settings:
    """Settings of a file; relative paths in it start from its folder.

    Raises:
        ConfigErrors: the file says something wrong; `mistakes` has all of it.
        ConfigError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = "name another with --config or GATEPOST_CONFIG, or make this one readable"
        msg = f"the configuration cannot be read: {error.strerror or error}; {remedy}"
        raise ConfigError(msg, str(path)) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02x} is no UTF-8"
        raise ConfigErrors([Mistake(str(path), line, "", message, "save the file as UTF-8")]) from error
    return read(text, str(path), path.absolute().parent)


def read(text: str, file: str, folder: File) -> Settings:
    """Settings of a text.

    Args:
        text: TOML.
        file: how mistakes call the file.
        folder: what relative paths start from.

    Raises:
        ConfigErrors: with every mistake, in the order of the file.
    """
    text = text.replace("\r\n", "\n")
    root, text, mistakes = parse(text, file)
    shaper = Shaper()
    settings = _shape(root, shaper)
    shaper.found += checks.check(root, folder)
    places = Places(text)
    mistakes += [found.placed(file, places.line(found.key)) for found in shaper.found]
    if mistakes:
        raise ConfigErrors(sorted(mistakes, key=lambda mistake: (mistake.line, mistake.key)))
    return _absolute(settings, folder)


def _shape(root: Mapping[str, Any], shaper: Shaper) -> Settings:
    """Settings of what can be read; defaults stand where a mistake was found."""
    hints = get_type_hints(Settings)
    made: dict[str, Any] = {}
    for name, value in root.items():
        if name not in hints:
            shaper.found.append(Found((name,), f"there is no setting {shown(name)}", _remedy(name, value, hints)))
        elif name != "detector":
            part = shaper.value(hints[name], value, (name,))
            made |= {} if isinstance(part, Broken) else {name: part}
    settings = Settings(**made)
    tables = {"network": settings.data.asn, "country": settings.data.country}
    facts = frozenset(name for name, table in tables.items() if table != "none")
    return replace(settings, detector=blocks.read(root.get("detector", []), facts, shaper))


def _remedy(name: str, value: object, hints: Mapping[str, Any]) -> str:
    """Where a key that stands too high belongs, or what is near."""
    homes = [
        f"[{block}]"
        for block, kind in hints.items()
        if not isinstance(value, Mapping)
        and hasattr(kind, "__struct_fields__")
        and name in [field.encode_name for field in fields(kind)]
    ]
    return f"write it under {' or '.join(homes)}" if homes else one_of(name, hints)


def _absolute(settings: Settings, folder: File) -> Settings:
    """The same with absolute paths, a host for every source and a name for every door."""
    sources = tuple(_source(source, folder) for source in settings.source)
    actions = tuple(rooted(action, folder, *ACTION) for action in settings.action)
    doors = tuple(_door(door, folder) for door in settings.door)
    paths = {
        "state": rooted(settings.state, folder, "path"),
        "domains": rooted(settings.domains, folder, "file"),
        "data": _tables(settings.data, folder),
        "bounces": rooted(settings.bounces, folder, "rules"),
        "letter": rooted(settings.letter, folder, "templates"),
        "selfservice": rooted(settings.selfservice, folder, "password"),
        "accounts": _accounts(settings.accounts, folder),
    }
    return replace(settings, source=sources, action=actions, door=doors, **paths)


def _door(door: DoorSettings, folder: File) -> DoorSettings:
    named = replace(door, name=door.name or str(door.__struct_config__.tag))
    return rooted(named, folder, "secret", *heard.FILES)


def _accounts(found: Naming, folder: File) -> Naming:
    aliases = found.aliases
    return replace(found, aliases=rooted(aliases, folder, "path", "password", "ca")) if aliases is not None else found


def _tables(data: Data, folder: File) -> Data:
    words = {"asn": data.asn, "country": data.country, "folder": data.folder}
    own = {name: str(folder / text) for name, text in words.items() if text not in ("", "bundled", "none")}
    return replace(data, **own)


def _source(source: Source, folder: File) -> Source:
    if not isinstance(source, Syslog):
        return rooted(replace(source, host=source.host or source.name), folder, "path", "spool")
    peers = tuple(replace(peer, host=peer.host or peer.name) for peer in source.peers)
    return rooted(replace(source, host=source.host or source.name, peers=peers), folder, *heard.FILES)
