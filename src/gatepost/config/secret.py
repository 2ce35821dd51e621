"""A secret: a file, or one of systemd's credentials, so that no configuration that is shown or copied holds it."""

import re
from pathlib import Path

from gatepost.core.errors import ConfigError
from gatepost.store.credential import OpenToAll, content, located

SHORTEST = 16
MOST = 4096
"""Octets that are looked at: the longest secret, and blanks around it."""

_SECRET = re.compile(rb"[!-~]{16,2048}")


def secret(place: str, whose: str) -> bytes:
    """Read a secret.

    Args:
        place: a file with one line, or "credential:NAME".
        whose: for messages: "door dovecot".

    Raises:
        ConfigError: it cannot be read, others can read it, or it is too short to be one.
    """
    path = _located(place, whose)
    try:
        found = content(path, MOST).strip()
    except OpenToAll as error:
        msg = f"{whose}: every user of this host can reach the secret; chmod 0640, and give it gatepost's group"
        raise ConfigError(msg, str(path)) from error
    except OSError as error:
        msg = f"{whose}: the secret cannot be read: {error.strerror}; openssl rand -hex 24 makes one"
        raise ConfigError(msg, str(path)) from error
    if not _SECRET.fullmatch(found):
        msg = f"{whose}: no secret: {SHORTEST} to 2048 letters, digits and signs; openssl rand -hex 24 makes one"
        raise ConfigError(msg, str(path))
    return found


def _located(place: str, whose: str) -> Path:
    try:
        return located(place)
    except LookupError as error:
        remedy = f"add LoadCredential={error.args[0]}:FILE to gatepost's unit, or name a file"
        raise ConfigError(f"{whose}: there is no such credential; {remedy}", place) from error
