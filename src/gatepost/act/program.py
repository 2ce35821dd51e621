"""Programs of the mail server, called without a shell.

Owns how they are called: words, never a line for a shell, so that nothing in a name means anything; a clean
environment; a deadline; as much of what they say as is worth keeping. Whether a call worked is the caller's to judge.
"""

import asyncio
import contextlib
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence

from msgspec import Struct

from gatepost.act.foreign import visible
from gatepost.core.errors import ActionError

MOST = 1 << 16
"""Octets of what a program says that are kept; the rest is read and forgotten."""

LINE = 1 << 24
"""Octets of one line: postqueue names every recipient of a message on it."""

TURN = 50
"""Lines after which others have their turn: mail servers are waiting for answers."""

GRACE = 1.0
"""Seconds for a program that was ended to be gone."""

FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"

Take = Callable[[bytes], None]


class Said(Struct, frozen=True):
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The first thing it says that is wrong, harmless to show."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return visible(lines[0]) if lines else f"exit code {self.code}"


async def run(command: Sequence[str], *words: str, text: bytes = b"", within: float = 20.0) -> Said:
    """Call a program and wait for it.

    Args:
        command: the program and the words that always stand first: ("sudo", "-n", "/usr/sbin/postsuper").
        words: more of them.
        text: its standard input.
        within: seconds it may take.

    Raises:
        ActionError: it cannot be started, or takes too long; worth another try.
    """
    kept = bytearray()

    def keep(line: bytes) -> None:
        kept.extend(line[: MOST - len(kept)])

    said = await stream(command, *words, take=keep, text=text, within=within)
    return Said(said.code, kept.decode("utf-8", "surrogateescape"), said.err)


async def stream(command: Sequence[str], *words: str, take: Take, text: bytes = b"", within: float = 60.0) -> Said:
    """The same for a program that says much: each line is handed on when it comes.

    Raises:
        ActionError: as `run`; so too for a line of more than 16 MB.
    """
    process = await _start(command, words, bool(text))
    try:
        async with asyncio.timeout(within):
            _, _, err = await asyncio.gather(_write(process, text), _lines(process, take), _rest(process))
            code = await process.wait()
    except TimeoutError:
        raise ActionError(f"{command[0]}: no answer within {within:.0f} s", retry=True) from None
    except ValueError:
        raise ActionError(f"{command[0]}: says a line of more than {LINE} octets", retry=True) from None
    finally:
        await _end(process)
    return Said(code, "", err.decode("utf-8", "surrogateescape"))


async def _start(command: Sequence[str], words: Sequence[str], spoken: bool) -> Process:
    environment = {"PATH": os.environ.get("PATH", "") + ":" + FOLDERS, "LC_ALL": "C"}
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            *words,
            stdin=PIPE if spoken else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            limit=LINE,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"{command[0]} cannot be started: {reason}; write its whole path, and see that gatepost's user may run it"
        raise ActionError(msg, retry=True) from error


async def _write(process: Process, text: bytes) -> None:
    if process.stdin is not None:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(text)
            await process.stdin.drain()
        process.stdin.close()


async def _lines(process: Process, take: Take) -> None:
    assert process.stdout is not None
    number = 0
    while line := await process.stdout.readline():
        take(line)
        number += 1
        if number % TURN == 0:  # readline does not wait for what is there already
            await asyncio.sleep(0)


async def _rest(process: Process) -> bytes:
    """The beginning of what it complains about; all of it is read, so that it never waits for us."""
    assert process.stderr is not None
    kept = b""
    while part := await process.stderr.read(MOST):
        kept += part[: MOST - len(kept)]
    return kept


async def _end(process: Process) -> None:
    """End what still runs; what runs as somebody else ends by itself, for nobody reads it any more."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError, TimeoutError):
            process.kill()
            async with asyncio.timeout(GRACE):
                await process.wait()
