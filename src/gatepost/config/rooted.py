"""Files of the configuration, seen from its folder."""

from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from gatepost.store.credential import absolute

S = TypeVar("S", bound=Struct)

ACTION = (
    "path",
    "templates",
    "spool",
    "key",
    "authority",
    "certificate",
    "secret",
    "url_file",
    "password",
    "ca",
)
"""Settings of an action that are files, of whichever kind it is."""


def rooted(found: S, folder: Path, *names: str) -> S:
    """The same with absolute paths; a setting that is empty, or that it does not have, stays so.

    Args:
        found: a block of settings.
        folder: of the configuration.
        names: the settings that are files, or one of systemd's credentials.
    """
    moved = {name: absolute(text, folder) for name in names if (text := getattr(found, name, ""))}
    return replace(found, **moved)
