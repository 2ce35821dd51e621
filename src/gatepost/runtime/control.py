"""The door for the operator: a unix socket that takes instructions and answers what became of them.

Owns who may speak: the socket's owner and group; who did speak is the peer's user (SO_PEERCRED), never free text.
One JSON object a line each way, at most 64 kB.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from gatepost.core.errors import ConfigError
from gatepost.core.events import Cursor, Instruction, Verb
from gatepost.core.incident import Incident
from gatepost.core.ports import IncidentStore, Row
from gatepost.core.reports import Heard, Report
from gatepost.core.units import Account, Instant

LIMIT = 65536

MAX_NAME = 500
"""Characters of an account; more than any mail server takes for a login (RFC 5321 section 4.5.3.1: 64 + 1 + 255)."""

SILENT = "the running gatepost hung up; the order may still be carried out: see gatepost incidents"


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """What the operator says."""

    verb: Verb | Literal["reload", "report"]
    account: str
    """Whom it concerns; "" for a reload or a report."""
    reason: str = ""
    how: Literal["", "honest", "password-changed"] = ""
    until: float | None = None
    sudo: str = ""
    """The name behind sudo; believed from root only."""
    incident: str = ""
    """The incident that was named; "" when the account was."""
    report: Report | None = None
    """What somebody says about mail of ours."""


class Reply(Struct, frozen=True):
    """What became of it."""

    error: str = ""
    incident: Incident | None = None
    rows: tuple[Row, ...] = ()
    enforcing: bool = True
    note: str = ""
    """What is in force after a reload."""
    heard: tuple[Heard, ...] = ()
    """What became of a report, for each recipient."""


Obey = Callable[[Request, str], Awaitable[Reply]]


def socket_path(state: Path) -> Path:
    """Where the socket of a state is."""
    return state.with_name(f"{state.name}.sock")


def instruction(request: Request, by: str, at: Instant) -> Instruction:
    """A request about an account as an event."""
    assert request.verb != "reload" and request.verb != "report"
    return Instruction(
        at=at,
        account=Account(request.account),
        host="",
        cursor=Cursor("operator", 0, 0),
        verb=request.verb,
        by=by,
        reason=request.reason[:200],
        how=request.how,
        until=Instant(request.until) if request.until is not None else None,
    )


def wrong(request: Request, incidents: IncidentStore) -> str:
    """Why a request cannot be obeyed; "" when it can."""
    if not request.account or len(request.account) > MAX_NAME:
        return f"an account has between 1 and {MAX_NAME} characters"
    if request.verb == "release" and not request.how:
        return "say whether the password was changed or the account was honest"
    standing = {incident.key for incident in incidents.find(Account(request.account), standing=True)}
    if request.incident and standing and request.incident not in standing:
        return f"{request.incident} has ended; what stands now is {', '.join(standing)}: name that one"
    return ""


def speaker(uid: int, sudo: str) -> str:
    """Who speaks: the user's name, with the one behind sudo when that user is root."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return f"{sudo} (sudo)" if sudo and uid == 0 and sudo != name else name


@contextlib.asynccontextmanager
async def listening(state: Path, group: str, obey: Obey) -> AsyncIterator[None]:
    """Answer on the socket while the context lasts.

    Raises:
        ConfigError: the socket cannot be made, or not given to the group.
    """
    path = socket_path(state)
    try:
        server = await _open(path, group, obey)
    except (OSError, LookupError) as error:
        msg = f"the control socket cannot be made ({getattr(error, 'strerror', None) or error})"
        raise ConfigError(f"{msg}; check [state] path and group", str(path)) from error
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _open(path: Path, group: str, obey: Obey) -> asyncio.Server:
    """A socket for the owner and the group."""
    path.unlink(missing_ok=True)
    mask = os.umask(0o117)
    try:
        server = await asyncio.start_unix_server(lambda r, w: _serve(r, w, obey), path=path, limit=LIMIT)
    finally:
        os.umask(mask)
    try:
        if group:
            shutil.chown(path, group=group)
    except (OSError, LookupError):
        server.close()
        path.unlink(missing_ok=True)
        raise
    return server


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, obey: Obey) -> None:
    try:
        async with asyncio.timeout(30):
            line = await reader.readuntil(b"\n")
            peer = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            _, uid, _ = struct.unpack("3i", peer)
            request = msgspec.json.decode(line, type=Request)
            reply = await obey(request, speaker(uid, request.sudo))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
        writer.close()
        return
    except msgspec.MsgspecError as error:
        reply = Reply(error=f"no request: {error}")
    with contextlib.suppress(OSError):
        writer.write(msgspec.json.encode(reply) + b"\n")
        await writer.drain()
    writer.close()


async def ask(state: Path, request: Request, timeout: float) -> Reply | None:
    """Put a request to a running gatepost; None when none is running. It may hang up without a word: that is an error.

    Raises:
        TimeoutError: it did not answer in time; PermissionError: this user may not speak to it.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(socket_path(state), limit=16 * LIMIT)
    except PermissionError:
        raise
    except OSError:
        return None
    try:
        async with asyncio.timeout(timeout):
            writer.write(msgspec.json.encode(request) + b"\n")
            await writer.drain()
            line = await reader.readline()
    except (ConnectionError, ValueError):
        line = b""
    finally:
        writer.close()
    return msgspec.json.decode(line, type=Reply) if line else Reply(error=SILENT)
