"""The secret of a door: a file, so that no configuration that is shown or copied holds it."""

import re
import stat
from pathlib import Path

from gatepost.core.errors import ConfigError

SHORTEST = 16

_SECRET = re.compile(rb"[!-~]{16,256}")


def secret(path: Path, door: str) -> bytes:
    """Read a secret.

    Args:
        path: a file with one line.
        door: whose, for messages.

    Raises:
        ConfigError: it cannot be read, others can read it, or it is too short to be one.
    """
    try:
        open_to_all = stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO
        found = path.read_bytes().strip()
    except OSError as error:
        msg = f"door {door}: the secret cannot be read: {error.strerror}; openssl rand -hex 24 makes one"
        raise ConfigError(msg, str(path)) from error
    if open_to_all:
        msg = f"door {door}: every user of this host can reach the secret; chmod 0640, and give it gatepost's group"
        raise ConfigError(msg, str(path))
    if not _SECRET.fullmatch(found):
        msg = f"door {door}: no secret: {SHORTEST} to 256 letters, digits and signs; openssl rand -hex 24 makes one"
        raise ConfigError(msg, str(path))
    return found
