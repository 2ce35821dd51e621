"""How Dovecot is told to end sessions and to forget passwords: by its program, or over HTTP.

Exit code 68, "no users kicked", is success: nobody was there.
Source: doveadm-kick(1), doveadm-auth(1); Dovecot's manual, "Doveadm HTTP API"; tried with 2.3.
"""

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import Mapping, Sequence

import h11
import msgspec

from gatepost.act.foreign import shown
from gatepost.act.program import Said, run
from gatepost.act.url import Url
from gatepost.core.errors import ActionError

NOBODY = 68
"""Exit code when no session was open (EX_NOHOST of sysexits.h)."""

MOST = 1 << 16
"""Octets of an answer."""

PATIENCE = 15.0
"""Seconds for one call: Dovecot takes its time before it refuses a key."""

Asked = tuple[str, Mapping[str, Sequence[str]], str]
"""A command, its parameters, and a tag that comes back."""


class Program:
    """doveadm, called for each name."""

    def __init__(self, command: Sequence[str] = ("doveadm",)) -> None:
        """Say how it is called."""
        self._command = tuple(command)

    async def kick(self, name: str) -> int:
        """End all sessions of a user."""
        said = await run(self._command, "kick", "--", name, within=PATIENCE)
        if said.code not in (0, NOBODY):
            raise self._refused(said)
        return 1 if said.code == 0 else 0

    async def forget(self, names: list[str]) -> None:
        """Drop cached passwords."""
        said = await run(self._command, "auth", "cache", "flush", "--", *names, within=PATIENCE)
        if said.code:
            raise self._refused(said)

    def _refused(self, said: Said) -> ActionError:
        remedy = "let gatepost call doveadm through sudo, or use url and key"
        return ActionError(f"{self._command[0]}: {said.complaint}; {remedy}", retry=True)


class Api:
    """doveadm over HTTP."""

    def __init__(self, url: Url, key: bytes, tls: ssl.SSLContext) -> None:
        """Say where.

        Args:
            url: of the listener: "http://127.0.0.1:8080/doveadm/v1".
            key: doveadm_api_key.
            tls: of the connection, where the address is https.
        """
        self._url, self._key, self._tls = url, key, tls

    async def kick(self, name: str) -> int:
        """End all sessions of a user."""
        kind, said = await self._ask(("kick", {"mask": [name]}, "gatepost"))
        if kind == "error" and said != {"type": "exitCode", "exitCode": NOBODY}:
            raise self._refused(f"kick: {shown(json.dumps(said))}")
        return len(said) if isinstance(said, list) else 0

    async def forget(self, names: list[str]) -> None:
        """Drop cached passwords."""
        kind, said = await self._ask(("authCacheFlush", {"user": names}, "gatepost"))
        if kind == "error":
            raise self._refused(f"authCacheFlush: {shown(json.dumps(said))}")

    async def _ask(self, asked: Asked) -> tuple[str, object]:
        try:
            async with asyncio.timeout(PATIENCE):
                status, body = await self._post(json.dumps([asked]).encode())
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            why = shown(str(error) or f"no answer within {PATIENCE:.0f} s: is the key right?")
            raise self._refused(why) from error
        if status != 200:
            raise self._refused(f"status {status}: is the key doveadm_api_key?")
        try:
            (kind, said, _tag), *_ = msgspec.json.decode(body, type=list[tuple[str, object, str]])
        except (msgspec.MsgspecError, ValueError) as error:
            raise self._refused(f"no answer of doveadm: {shown(body[:80].decode('latin-1'))}") from error
        return kind, said

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        secure, name = (self._tls, self._url.host) if self._url.tls else (None, None)
        reader, writer = await asyncio.open_connection(self._url.host, self._url.port, ssl=secure, server_hostname=name)
        try:
            talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST)
            for event in (self._head(body), h11.Data(data=body), h11.EndOfMessage()):
                writer.write(talk.send(event) or b"")
            await writer.drain()
            return await _answer(talk, reader)
        finally:
            with contextlib.suppress(OSError):
                writer.transport.abort()

    def _head(self, body: bytes) -> h11.Request:
        headers = [
            ("Host", self._url.authority),
            ("Authorization", "X-Dovecot-API " + base64.b64encode(self._key).decode()),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        return h11.Request(method="POST", target=self._url.target, headers=headers)

    def _refused(self, why: str) -> ActionError:
        return ActionError(f"doveadm at {self._url.authority}: {why}", retry=True)


async def _answer(talk: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body."""
    status, body = 0, bytearray()
    while True:
        event = talk.next_event()
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MOST:
                raise ConnectionError(f"an answer of more than {MOST} octets")
        elif event is h11.NEED_DATA:
            talk.receive_data(await reader.read(4096))
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            return status, bytes(body)
