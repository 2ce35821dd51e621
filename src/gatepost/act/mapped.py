"""A deny table for Postfix: a text, and the database that postmap(1) makes of it.

Owns the two files as one: the database is built under a temporary name and takes its place before the text does, so a
text that is right stands for a database that is. Postfix sees a whole database, the old or the new one, and its smtpd
processes look for a new one before each client.

Source: postmap(1), access(5), DATABASE_README; dict_changed_name() in src/util/dict.c, by which a database that was
replaced is noticed; tried with Postfix 3.7 and 3.10.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from gatepost.act.durable import Owner, as_wanted, replace
from gatepost.act.forms import content_of
from gatepost.act.noted import parse, render
from gatepost.core.errors import ActionError

Kind = Literal["hash", "lmdb", "cdb"]

SUFFIXES: Mapping[Kind, str] = {"hash": ".db", "lmdb": ".lmdb", "cdb": ".cdb"}

PATIENCE = 60.0
"""Seconds that postmap may take."""

_FOLDERS = "/usr/sbin:/usr/local/sbin"


class Mapped:
    """One line a key, `ann@example.org REJECT 5.7.1 …`, and its database."""

    def __init__(self, path: Path, owner: Owner, kind: Kind, answer: str) -> None:
        """Describe a table.

        Args:
            path: the text; the database has a suffix behind it.
            owner: who may read both.
            kind: type of the database.
            answer: the action of access(5) behind each key.
        """
        self.path, self.owner, self.kind, self._answer = path, owner, kind, answer

    @property
    def database(self) -> Path:
        """What Postfix reads."""
        return _beside(self.path, self.kind)

    def read(self) -> dict[str, str]:
        """The entries of the text; none when there is no file."""
        return parse(content_of(self.path) or b"", self.kind)

    def write(self, ours: Mapping[str, str], kept: Mapping[str, str]) -> bool:
        """Replace database and text; a missing database is built even when it holds nobody, since Postfix wants one."""
        content = render({**kept, **ours}, self._answer)
        if content_of(self.path) == content and self.database.exists() and self._as_wanted():
            return False
        replace(self.path, content, self.owner, self._build)
        return True

    def _as_wanted(self) -> bool:
        return as_wanted(self.path, self.owner) and as_wanted(self.database, self.owner)

    def _build(self, part: Path) -> Iterator[tuple[Path, Path]]:
        postmap("postmap", f"{self.kind}:{part}")
        yield _beside(part, self.kind), self.database


def _beside(path: Path, kind: Kind) -> Path:
    return path.with_name(path.name + SUFFIXES[kind])


def postmap(*words: str) -> None:
    """Run one of Postfix's programs.

    Raises:
        ActionError: it is not there, failed, or took too long.
    """
    name = words[0]
    program = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_FOLDERS}")
    if program is None:
        msg = f"{name} was not found: install Postfix on this host, or add its folder to gatepost's PATH"
        raise ActionError(msg, retry=True)
    try:
        done = subprocess.run([program, *words[1:]], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.SubprocessError) as error:
        msg = f"{' '.join(words)} failed: {error}: try it by hand as the user gatepost runs as"
        raise ActionError(msg, retry=True) from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip()[:300]
        msg = f"{' '.join(words)} failed: {told}: try it by hand as the user gatepost runs as"
        raise ActionError(msg, retry=True)
