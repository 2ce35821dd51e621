"""Whether queued mail could be kept, and sessions ended; nothing is changed.

Owns what can be asked without doing it: the queue is read, programs are called about nothing and nobody, and sudo is
asked what it would allow.
Source: sudo(8), -l command; Exim specification, "The Exim command line", -bpc, and queue_list_requires_admin;
postsuper(1), "-" for ids on standard input; doveadm-kick(1).
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path

from gatepost.act.eximqueue import readable
from gatepost.act.foreign import visible
from gatepost.act.program import run
from gatepost.config.measures import QueueSettings, SessionsSettings, Settings
from gatepost.config.queues import dovecot
from gatepost.core.errors import ActionError
from gatepost.surface.doctor.check import Check, untried
from gatepost.surface.doctor.locks import NOBODY

NOTHING = "000000-000000-00"
"""A message that there is not, in Exim's form."""

Ask = Callable[[], Coroutine[None, None, str]]


def look(found: Settings, *, offline: bool) -> Iterator[Check]:
    """What one block needs.

    Args:
        found: the block.
        offline: connect nowhere.
    """
    if isinstance(found, SessionsSettings):
        yield _sessions(found, offline=offline)
    elif found.server == "exim":
        yield _asked(f"queue exim:{found.spool}: read", partial(_spool, Path(found.spool)))
        yield _asked(f"queue exim:{found.spool}: keep", partial(_exim, found))
    else:
        yield _asked("queue postfix: list", partial(_listing, found.postqueue))
        yield _asked("queue postfix: envelopes", partial(_postcat, found.postcat))
        yield _asked("queue postfix: hold", partial(_postsuper, found.postsuper))


def _asked(name: str, ask: Ask) -> Check:
    """What came of a question."""
    try:
        return Check(name, "ok", asyncio.run(ask()))
    except ActionError as error:
        says, _, remedy = str(error).partition("; ")
        return Check(name, "fail", visible(says, 300), remedy or "mend it: until then this measure fails")


def _sessions(found: SessionsSettings, *, offline: bool) -> Check:
    """Sessions of a login that nobody has are ended, and its password is forgotten."""
    name = f"sessions {found.url or ' '.join(found.doveadm)}"
    if offline and found.url:
        return untried(name)

    async def ask() -> str:
        server = dovecot(found)
        await server.forget([NOBODY])
        await server.kick(NOBODY)
        return "Dovecot can be told to end sessions and to forget passwords"

    return _asked(name, ask)


async def _spool(spool: Path) -> str:
    await asyncio.to_thread(readable, spool)
    return f"{spool} can be read"


async def _exim(found: QueueSettings) -> str:
    """One of its admins may count the queue; through sudo, whether it would allow the call."""
    if _sudo(found.exim):
        return await _allowed(found.exim, "-Mf", NOTHING)
    said = await run(found.exim, "-bpc")
    if said.code:
        remedy = "let gatepost's user be one of Exim's admins: gpasswd -a gatepost Debian-exim"
        raise ActionError(f"{found.exim[0]}: {said.complaint}; {remedy}")
    return f"{found.exim[0]} takes orders from this user"


async def _listing(command: Sequence[str]) -> str:
    said = await run(command, "-j")
    if said.code:
        raise ActionError(f"{command[0]}: {said.complaint}; authorized_mailq_users in main.cf must let gatepost in")
    return f"{command[0]} lists the queue"


async def _postcat(command: Sequence[str]) -> str:
    """Asked about a message that there is not, it says so."""
    if _sudo(command):
        return await _allowed(command, "-e", "-q", "000000")
    said = await run(command, "-e", "-q", "000000")
    if said.code and "No such file" not in said.err:
        raise ActionError(f"{command[0]}: {said.complaint}; let gatepost call it through sudo")
    return f"{command[0]} may look into messages"


async def _postsuper(command: Sequence[str]) -> str:
    """Told to hold no message at all."""
    if _sudo(command):
        return await _allowed(command, "-h", "-")
    said = await run(command, "-h", "-")
    if said.code:
        raise ActionError(f"{command[0]}: {said.complaint}; let gatepost call it through sudo")
    return f"{command[0]} may put mail on hold"


def _sudo(command: Sequence[str]) -> bool:
    return Path(command[0]).name == "sudo"


async def _allowed(command: Sequence[str], *words: str) -> str:
    said = await run((command[0], "-l", *command[1:]), *words)
    if said.code:
        raise ActionError(
            f"sudo does not allow {' '.join((*command[1:], *words))}; docs/actions/queue.md has its rules"
        )
    return f"sudo allows {said.out.strip().splitlines()[0] if said.out.strip() else 'it'}"
