"""Programs of the mail server and of the operator, called without a shell.

Owns how they are called: words, never a line for a shell, so that nothing in a name means anything; a clean
environment; a deadline, after which the program and what it started end; as much of what they say as is worth keeping.
Whether a call worked is the caller's to judge.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from gatepost.act.foreign import visible
from gatepost.core.errors import ActionError

MOST = 1 << 16
"""Octets of what a program says that are kept, of its beginning and its end; the rest is read and forgotten."""

END = 1 << 12
"""Of them, those of the end."""

LINE = 1 << 24
"""Octets of one line: postqueue names every recipient of a message on it."""

TURN = 50
"""Lines after which others have their turn: mail servers are waiting for answers."""

GRACE = 1.0
"""Seconds for a program that was ended to be gone."""

FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"

NOTHING: Mapping[str, str] = MappingProxyType({})

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

    @property
    def last(self) -> str:
        """The last thing it says, as it is."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1] if lines else ""


async def run(
    command: Sequence[str],
    *words: str,
    text: bytes = b"",
    within: float = 20.0,
    about: Mapping[str, str] = NOTHING,
) -> Said:
    """Call a program and wait for it.

    Args:
        command: the program and the words that always stand first: ("sudo", "-n", "/usr/sbin/postsuper").
        words: more of them.
        text: its standard input.
        within: seconds it may take.
        about: what its environment holds besides.

    Raises:
        ActionError: it cannot be started, or takes too long; worth another try.
    """
    return await _call(command, words, text, within, about, lambda process: _rest(process.stdout))


async def stream(
    command: Sequence[str],
    *words: str,
    take: Take,
    text: bytes = b"",
    within: float = 60.0,
    about: Mapping[str, str] = NOTHING,
) -> Said:
    """The same for a program that says much: each line is handed on when it comes.

    Raises:
        ActionError: as `run`; so too for a line of more than 16 MB.
    """
    return await _call(command, words, text, within, about, lambda process: _lines(process, take))


async def _call(
    command: Sequence[str],
    words: Sequence[str],
    text: bytes,
    within: float,
    about: Mapping[str, str],
    hear: Callable[[Process], Awaitable[bytes]],
) -> Said:
    process = await _start(command, words, about, spoken=bool(text))
    try:
        async with asyncio.timeout(within):
            _, out, err = await asyncio.gather(_write(process, text), hear(process), _rest(process.stderr))
            code = await process.wait()
    except TimeoutError:
        raise ActionError(f"{command[0]}: did not end within {within:g} s and was ended", retry=True) from None
    except ValueError:
        raise ActionError(f"{command[0]}: says a line of more than {LINE} octets", retry=True) from None
    finally:
        await _end(process)
    return Said(code, out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape"))


async def _start(command: Sequence[str], words: Sequence[str], about: Mapping[str, str], *, spoken: bool) -> Process:
    environment = {"PATH": os.environ.get("PATH", "") + ":" + FOLDERS, "LC_ALL": "C", **about}
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            *words,
            stdin=PIPE if spoken else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            cwd="/",
            limit=LINE,
            start_new_session=True,
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


async def _lines(process: Process, take: Take) -> bytes:
    assert process.stdout is not None
    number = 0
    while line := await process.stdout.readline():
        take(line)
        number += 1
        if number % TURN == 0:  # readline does not wait for what is there already
            await asyncio.sleep(0)
    return b""


async def _rest(said: asyncio.StreamReader | None) -> bytes:
    """The beginning and the end of what it says; all of it is read, so that it never waits for us."""
    assert said is not None
    begun, ended = b"", b""
    while part := await said.read(MOST):
        room = MOST - END - len(begun)
        begun, ended = begun + part[:room], (ended + part[room:])[-END:]
    return begun + ended


async def _end(process: Process) -> None:
    """End it and what it started, if it still runs; what runs as somebody else ends by itself: nobody reads it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await process.wait()
