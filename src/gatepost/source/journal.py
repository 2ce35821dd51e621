"""The systemd journal, read by `journalctl`: only what a mail server's own processes wrote there.

Owns the choice of records and the place in the journal. A record's unit, user and program are the kernel's word, fields
that begin with "_" cannot be written by a client; everything else of it is text like that of a log line.
Source: journalctl(1), systemd.journal-fields(7) ("trusted journal fields"), the journal's JSON format.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gatepost.core.ports import Position
from gatepost.source.given import Lines
from gatepost.source.lines import length
from gatepost.wire.frames import LONGEST, as_line

PIECE = 1 << 17
"""Bytes of JSON read at once."""

RECORD = 1 << 20
"""Bytes of one record in JSON; a longer one is left out and counted as a gap."""

QUIET = 1.0
"""Seconds without a record after which everything that is there was read."""

LATEST = 4_102_444_800 * 10**6
"""2100, in microseconds: no record is later."""

FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID,_SYSTEMD_UNIT,_TRANSPORT,_SOURCE_REALTIME_TIMESTAMP"

TRANSPORTS = frozenset({"syslog", "journal"})
"""How a record may have come. Not "stdout": programs that the server runs for a user may print there."""

_NAME = re.compile(r"[^ \[:]{1,48}")


class Chosen(Struct, frozen=True):
    """Which records are a mail server's."""

    host: str
    """The mail server."""
    units: frozenset[str]
    """"postfix@-.service"."""
    users: frozenset[int]
    """Numbers of the users its own processes run as. A program that it starts for a user runs as that user, in the same
    unit."""

    def line(self, record: Mapping[str, Any]) -> str | None:
        """A record as a line of a log; None when it is not the mail server's, or says nothing."""
        said = _octets(record.get("MESSAGE"))
        trusted = str(record.get("_SYSTEMD_UNIT")) in self.units and _number(record.get("_UID")) in self.users
        if not trusted or said is None or str(record.get("_TRANSPORT")) not in TRANSPORTS:
            return None
        program = str(record.get("SYSLOG_IDENTIFIER"))
        pid = _number(record.get("SYSLOG_PID")) or _number(record.get("_PID"))
        who = (program if _NAME.fullmatch(program) else "unknown") + (f"[{pid}]" if pid else "")
        text = f"{_stamp(record)} {self.host} {who}: ".encode("utf-8", "backslashreplace") + said
        return as_line(text[:LONGEST], self.host.encode()).decode("utf-8", "surrogateescape")


def _octets(value: object) -> bytes | None:
    """A field: text, octets as numbers when it is no UTF-8, or the first of several values."""
    if isinstance(value, list) and value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value)
    if isinstance(value, list) and value:
        return _octets(value[0])
    return value.encode("utf-8", "backslashreplace") if isinstance(value, str) else None


def _number(value: object) -> int | None:
    """A field that is a number; None when it is something else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 17 else None


def _microseconds(record: Mapping[str, Any]) -> int:
    return _number(record.get("_SOURCE_REALTIME_TIMESTAMP")) or _number(record.get("__REALTIME_TIMESTAMP")) or 0


def _stamp(record: Mapping[str, Any]) -> str:
    at = min(_microseconds(record), LATEST)
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat(timespec="microseconds")


class Journal:
    """One journal, followed."""

    def __init__(
        self, chosen: Chosen, place: str = "", position: Position | None = None, learn_since: float | None = None
    ) -> None:
        """Say what to read; nothing is started yet.

        Args:
            chosen: whose records.
            place: a journal file, or a folder of them; "" is this host's journal.
            position: where reading ended the last time: the journal's cursor is its `head`, and its offset counts the
                bytes of the lines before it. None at the very first start.
            learn_since: at the very first start, records from this instant on are read; None: only what comes.
        """
        self.position = position or Position(1)
        self.at_end, self.trouble, self.gaps, self.touched = False, "", 0, 0.0
        self._chosen, self._place = chosen, place
        self._learn_since = learn_since
        self._rest = b""

    @property
    def where(self) -> str:
        """The journal, as `journalctl` would be told of it."""
        return f"journal {self._place}".rstrip()

    def command(self) -> Sequence[str]:
        """What is run: everything behind the cursor, the record at the cursor first, to see that it is still there."""
        cursor, since = self.position.head.decode("ascii", "replace"), self._learn_since
        begin = [f"--cursor={cursor}", "--no-tail"] if cursor else ["--lines=0"]
        if not cursor and since is not None:
            begin = [f"--since=@{max(0, int(since))}", "--no-tail"]
        kind = "--directory" if Path(self._place).is_dir() else "--file"
        where = [f"{kind}={self._place}"] if self._place else []
        matches = [f"_SYSTEMD_UNIT={unit}" for unit in sorted(self._chosen.units)]
        matches += [f"_UID={user}" for user in sorted(self._chosen.users)]
        fixed = ["journalctl", "--quiet", "--all", "--output=json", f"--output-fields={FIELDS}", "--follow"]
        return [*fixed, *where, *begin, *matches]

    async def lines(self) -> AsyncIterator[Lines]:
        """Lines for ever.

        Raises:
            OSError: `journalctl` cannot be run, or has ended; ask again later.
        """
        command = self.command()
        self._rest = b""
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        child = await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=pipe, stderr=nothing)
        assert child.stdout is not None
        try:
            looking = bool(self.position.head)
            while True:
                data = await self._read(child.stdout)
                if data is None:
                    break
                records = self._records(data)
                if looking and records:
                    looking, records = False, self._behind(records)
                found = self._taken(records)
                if found is not None:
                    yield found
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            code = await child.wait()
        msg = f"journalctl ended with exit code {code}; try it by hand: {' '.join(command)}"
        raise OSError(msg)

    async def _read(self, stream: asyncio.StreamReader) -> bytes | None:
        """What came next; None at the end of the child."""
        while True:
            try:
                async with asyncio.timeout(QUIET):
                    data = await stream.read(PIECE)
            except TimeoutError:
                self.at_end, self.trouble = True, ""
                continue
            return data or None

    def _records(self, data: bytes) -> list[Mapping[str, Any]]:
        """The whole records in what came."""
        head, newline, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest if newline else head + rest
        if len(self._rest) > RECORD:
            self._rest, self.gaps = b"", self.gaps + 1
        found: list[Mapping[str, Any]] = []
        for line in head.split(b"\n") if newline else ():
            try:
                record = json.loads(line)
            except ValueError:
                self.gaps += 1
                continue
            if isinstance(record, dict):
                found.append(record)
        return found

    def _behind(self, records: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Without the record of the cursor; when it is gone, so may be others behind it."""
        if str(records[0].get("__CURSOR")).encode() == self.position.head:
            return records[1:]
        self.gaps += 1
        return records

    def _taken(self, records: Sequence[Mapping[str, Any]]) -> Lines | None:
        """The lines of records, and the position behind them."""
        if not records:
            return None
        lines = [line for record in records if (line := self._chosen.line(record)) is not None]
        before, last = self.position, records[-1]
        offset = before.offset + sum(map(length, lines))
        self.position = replace(before, offset=offset, head=str(last.get("__CURSOR")).encode())
        self.touched, self.at_end = _microseconds(last) / 1e6, False
        return Lines(before.generation, before.offset, lines, self.position)

    def close(self) -> None:
        """Nothing is held between two calls of `lines`."""
        self._rest = b""
