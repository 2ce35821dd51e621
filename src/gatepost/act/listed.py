"""A deny table for Dovecot: a passwd-file of bare names for each service that is shut.

Owns the files, `deny.smtp` beside `deny.sieve`, which hold the same; reading mail goes on since nobody writes
`deny.imap`.

Dovecot takes a file for unchanged when its size and its time in whole seconds are: a second change of the same length
within a second would never be seen (passwd_file_sync() in src/auth/db-passwd-file.c; tried with 2.3 and 2.4). So each
file is at least a second younger than the one it replaces.
"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from gatepost.act.durable import Owner, as_wanted, replace
from gatepost.act.forms import content_of
from gatepost.act.noted import parse, render


class Listed:
    """One bare name a line: anything behind it would be a password, and Dovecot would ask for that."""

    def __init__(self, path: Path, owner: Owner, services: Sequence[str]) -> None:
        """Describe a table.

        Args:
            path: without the service: /etc/dovecot/gatepost/deny.
            owner: who may read the files; Dovecot's auth process must be able to.
            services: Dovecot's names of what is shut: smtp is the login of Postfix and Exim.
        """
        self.owner = owner
        self.files = tuple(path.with_name(f"{path.name}.{service}") for service in services)

    def read(self) -> dict[str, str]:
        """The entries of all files together."""
        found: dict[str, str] = {}
        for file in self.files:
            found |= parse(content_of(file) or b"", "passwd-file")
        return found

    def everywhere(self) -> dict[str, str]:
        """The entries that every file has."""
        first, *others = (parse(content_of(file) or b"", "passwd-file") for file in self.files)
        return {key: why for key, why in first.items() if all(key in other for other in others)}

    def write(self, ours: Mapping[str, str], kept: Mapping[str, str]) -> bool:
        """Replace the files that are not right."""
        content = render({**kept, **ours})
        wrong = [file for file in self.files if content_of(file) != content or not as_wanted(file, self.owner)]
        for file in wrong:
            replace(file, content, self.owner, partial(_younger, file))
        return bool(wrong)


def _younger(file: Path, part: Path) -> tuple[()]:
    """Make a new file at least a second younger than the one it will replace."""
    if file.exists():
        before, now = int(file.stat().st_mtime), int(part.stat().st_mtime)
        if now <= before:
            os.utime(part, (before + 1, before + 1))
    return ()
