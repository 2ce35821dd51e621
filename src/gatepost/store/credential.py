"""Where a secret lies: in a file, or among systemd's credentials. What it may look like is its reader's to say."""

import os
import stat
from pathlib import Path

CREDENTIAL = "credential:"
"""Begins the name of a credential: a file in $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=)."""


class OpenToAll(PermissionError):
    """Every user of this host can reach the file."""


def absolute(place: str, folder: Path) -> str:
    """A place as it is found from a folder; a credential stays one, and no place none."""
    return str(folder / place) if place and not place.startswith(CREDENTIAL) else place


def located(place: str) -> Path:
    """The file of a place.

    Raises:
        LookupError: there is no such credential.
    """
    if not place.startswith(CREDENTIAL):
        return Path(place)
    folder, name = os.environ.get("CREDENTIALS_DIRECTORY", ""), place.removeprefix(CREDENTIAL)
    if not folder or not name or "/" in name or name.startswith("."):
        raise LookupError(name)
    return Path(folder, name)


def content(path: Path, most: int) -> bytes:
    """What the file holds, at most so many octets.

    Raises:
        OpenToAll: others can read it.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & stat.S_IRWXO:
            raise OpenToAll
        return file.read(most)
