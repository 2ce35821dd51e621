"""A program of the operator's that locks an account, and one that unlocks it.

Owns how they are run: no shell, the account as an argument behind "--" or in the environment, nothing of gatepost's
own environment, a deadline after which the program and its children end, and at most OUTPUT octets of what it says.
Exit code 0 is success; everything else is tried again.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from gatepost.act.foreign import shown
from gatepost.act.keys import unclear
from gatepost.core.errors import ActionError
from gatepost.core.incident import Order
from gatepost.core.ports import Target

OUTPUT = 4096
"""Octets of a program's output that are looked at; the rest is read and dropped."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Command:
    """An Action that runs programs."""

    def __init__(
        self,
        lock: Sequence[str],
        unlock: Sequence[str],
        *,
        on: frozenset[str] = frozenset({"blocked"}),
        argument: bool = True,
        seconds: float = 30.0,
    ) -> None:
        """Say which; nothing runs yet.

        Args:
            lock: program and arguments; run again after a crash, it must not fail because the account is locked.
            unlock: the same for unlocking.
            on: the orders that lock: "held", "blocked".
            argument: whether "--" and the account follow the arguments; in the environment it always is.
            seconds: deadline.
        """
        self.name, self.ensures = f"command:{' '.join(lock)}", on
        self._lock, self._unlock = tuple(lock), tuple(unlock)
        self._argument, self._seconds = argument, seconds

    def plan(self, order: Order, target: Target) -> str:
        """The undo record: the journal's row is enough.

        Raises:
            ActionError: a name that no argument can hold, or that is not known exactly.
        """
        wrong = unclear(order.account) or ("it has control characters" if not order.account.isprintable() else "")
        if wrong:
            raise ActionError(f"{order.account!r} is given to no program: {wrong}; change this password by hand")
        return ""

    async def ensure(self, order: Order, target: Target) -> str:
        """Run the program that locks."""
        return await self._run(self._lock, order)

    async def undo(self, order: Order, target: Target, record: str) -> str:
        """Run the program that unlocks."""
        return await self._run(self._unlock, order)

    async def _run(self, words: Sequence[str], order: Order) -> str:
        name = shown(words[0], 80)
        try:
            child = await asyncio.create_subprocess_exec(
                *words,
                *(("--", order.account) if self._argument else ()),
                env={"PATH": PATH, "LC_ALL": "C.UTF-8", **_about(order)},
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            msg = f"{name} cannot be run ({error.strerror}): correct the command, or its access mode"
            raise ActionError(msg, retry=True) from None
        try:
            async with asyncio.timeout(self._seconds):
                said = await _listen(child)
                code = await child.wait()
        except TimeoutError:
            await _end(child)
            raise ActionError(f"{name} did not end within {self._seconds:g} s and was ended", retry=True) from None
        except asyncio.CancelledError:
            await _end(child)
            raise
        if code:
            raise ActionError(f"{name} ended with code {code}: {said or 'it said nothing'}", retry=True)
        return f"{name} done{': ' if said else ''}{said}"


def _about(order: Order) -> dict[str, str]:
    return {"GATEPOST_ACCOUNT": order.account, "GATEPOST_INCIDENT": order.incident, "GATEPOST_ORDER": order.ensure}


async def _listen(child: asyncio.subprocess.Process) -> str:
    """The last line of a program's output, quoted."""
    kept = b""
    assert child.stdout is not None
    while found := await child.stdout.read(OUTPUT):
        kept = (kept + found)[-OUTPUT:]
    lines = kept.decode("utf-8", "replace").strip().splitlines()
    return shown(lines[-1], 200) if lines else ""


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the program and what it started, when it still runs."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    if child.returncode is None:
        await child.wait()
