"""The mail of an account in Exim's queue.

Whose a message is says the login in its header file, read by us (mta/exim/header.py): exipick would read conditions
from what strangers wrote. Freezing, thawing, delivering and removing are Exim's own doing: it locks a message that is
being delivered, and then leaves it as it is.
Source: Exim specification, chapter "The Exim command line", -Mf, -Mt, -M, -Mrm; tried with 4.96.
"""

import asyncio
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from gatepost.act.program import Said, run
from gatepost.act.queued import Mine, Queued
from gatepost.core.errors import ActionError
from gatepost.mta.exim.grammar import MESSAGE_ID
from gatepost.mta.exim.header import read_header

MOST = 1 << 20
"""Octets read of one header file, as for the log's sake (source/eximspool.py)."""

AT_ONCE = 20
"""Messages of one call that delivers: it waits for each."""

PATIENCE = 2.0
"""Seconds for delivering at once: a release waits for it; what is left goes with Exim's next queue run."""

_LOGINS = re.compile(rb"^--?(?:\([a-z0-9_]{1,32}\))?auth_id (.*)$", re.MULTILINE)
"""Whatever may be a login; which one is one says read_header."""


class EximQueue:
    """The queue of one Exim."""

    def __init__(self, spool: Path, command: Sequence[str] = ("exim",)) -> None:
        """Say where it is.

        Args:
            spool: what `exim -bP spool_directory` says.
            command: calls Exim as one of its admin users.
        """
        self._input, self._command = spool / "input", tuple(command)
        self._name = f"exim:{spool}"

    def name(self) -> str:
        """The spool."""
        return self._name

    async def of(self, mine: Mine) -> list[Queued]:
        """Read every header file; split spools too."""
        return await asyncio.to_thread(lambda: sorted(self._mine(mine), key=lambda one: (one.at, one.id)))

    async def again(self, mail: Sequence[Queued]) -> list[Queued]:
        """Read their header files."""
        return await asyncio.to_thread(lambda: [found for one in mail if (found := self._one(one.id)) is not None])

    async def keep(self, mail: Sequence[Queued]) -> None:
        """Freeze."""
        await self._call("-Mf", mail)

    async def free(self, mail: Sequence[Queued]) -> None:
        """Thaw."""
        await self._call("-Mt", mail)

    async def send(self, mail: Sequence[Queued]) -> None:
        """Deliver slice by slice for two seconds; a delivery that was begun is ended by Exim."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        for start in range(0, len(mail), AT_ONCE):
            left = end - loop.time()
            if left <= 0:
                return
            try:
                await self._call("-M", mail[start : start + AT_ONCE], left)
            except ActionError:
                return

    async def delete(self, mail: Sequence[Queued]) -> None:
        """Remove."""
        await self._call("-Mrm", mail)

    async def _call(self, what: str, mail: Sequence[Queued], within: float = 40.0) -> None:
        said = await run(self._command, what, *(one.id for one in mail), within=within)
        if said.code and _refused(said):
            remedy = "let gatepost's user be one of Exim's admins: gpasswd -a gatepost Debian-exim"
            raise ActionError(f"{self._command[0]} {what}: {said.complaint}; {remedy}", retry=True)

    def _mine(self, mine: Mine) -> Iterator[Queued]:
        for folder in (self._input, *self.folders()):
            for name in _names(folder):
                found = _read(folder / name, mine)
                if found is not None:
                    yield found

    def folders(self) -> Iterator[Path]:
        """Those of a split spool: one character each."""
        for name in _listed(self._input):
            if len(name) == 1 and name.isalnum():
                yield self._input / name

    def _one(self, queue_id: str) -> Queued | None:
        for folder in (self._input, self._input / queue_id[5]):
            found = _read(folder / f"{queue_id}-H")
            if found is not None:
                return found
        return None


def readable(spool: Path) -> None:
    """Look whether a spool can be read, its first message too.

    Raises:
        ActionError: it cannot.
    """
    queue = EximQueue(spool)
    for folder in (spool / "input", *queue.folders()):
        for name in _names(folder)[:1]:
            _octets(folder / name)


def _refused(said: Said) -> bool:
    """Whether Exim complains of us; of a message that is locked, gone or frozen already it does on standard output."""
    return bool(said.err.strip()) or not said.out.strip()


def _names(folder: Path) -> list[str]:
    return [name for name in _listed(folder) if name.endswith("-H") and MESSAGE_ID.fullmatch(name[:-2])]


def _listed(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except FileNotFoundError:
        if folder.parent.name == "input":
            return []
        msg = f"{folder} is not there; correct spool: exim -bP spool_directory says it"
        raise ActionError(msg, retry=True) from None
    except OSError as error:
        raise _closed(folder, error) from error


def _closed(path: Path, error: OSError) -> ActionError:
    msg = f"{path}: {error.strerror}; let this user read Exim's spool: gpasswd -a gatepost Debian-exim"
    return ActionError(msg, retry=True)


def _read(path: Path, mine: Mine | None = None) -> Queued | None:
    """A message; None when it has gone, is somebody else's, or its file is not in Exim's form."""
    octets = _octets(path)
    if octets is None or (mine is not None and not any(map(mine, map(_text, _LOGINS.findall(octets))))):
        return None
    found = read_header(_text(octets), path.name[:-2])
    if found is None or (mine is not None and not mine(found.account)):
        return None
    return Queued(found.queue_id, found.at, found.client, found.sender, found.recipients, found.frozen, found.account)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _octets(path: Path) -> bytes | None:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _closed(path, error) from error
    try:
        return os.read(file, MOST) if stat.S_ISREG(os.fstat(file).st_mode) else None
    finally:
        os.close(file)
