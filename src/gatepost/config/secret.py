"""A secret: a file, or one of systemd's credentials, so that no configuration that is shown or copied holds it."""

import os
import re
import stat
from pathlib import Path

from gatepost.core.errors import ConfigError

SHORTEST = 16

CREDENTIAL = "credential:"
"""Begins the name of a credential: a file in $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=)."""

_SECRET = re.compile(rb"[!-~]{16,2048}")


def secret(place: str, whose: str) -> bytes:
    """Read a secret.

    Args:
        place: a file with one line, or "credential:NAME".
        whose: for messages: "door dovecot".

    Raises:
        ConfigError: it cannot be read, others can read it, or it is too short to be one.
    """
    path = _file(place, whose)
    try:
        open_to_all = stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO
        found = path.read_bytes().strip()
    except OSError as error:
        msg = f"{whose}: the secret cannot be read: {error.strerror}; openssl rand -hex 24 makes one"
        raise ConfigError(msg, str(path)) from error
    if open_to_all:
        msg = f"{whose}: every user of this host can reach the secret; chmod 0640, and give it gatepost's group"
        raise ConfigError(msg, str(path))
    if not _SECRET.fullmatch(found):
        msg = f"{whose}: no secret: {SHORTEST} to 2048 letters, digits and signs; openssl rand -hex 24 makes one"
        raise ConfigError(msg, str(path))
    return found


def absolute(place: str, folder: Path) -> str:
    """A place as it is found from a folder; a credential stays one."""
    return place if place.startswith(CREDENTIAL) else str(folder / place)


def _file(place: str, whose: str) -> Path:
    if not place.startswith(CREDENTIAL):
        return Path(place)
    folder, name = os.environ.get("CREDENTIALS_DIRECTORY", ""), place.removeprefix(CREDENTIAL)
    if not folder or not name or "/" in name or name.startswith("."):
        msg = f"{whose}: there is no such credential; add LoadCredential={name}:FILE to gatepost's unit, or name a file"
        raise ConfigError(msg, place)
    return Path(folder, name)
