"""Exim's main log, line by line.

Owns the order in which a line is taken apart: syslog header, stamp, process id, queue id, and then the reader of its
kind. The usual line (usual.py) takes a shorter way to the same record. A line is read by itself, but for pieces of one
line and copies of one line (repeats.py) and the clock change.
Source: Exim specification, chapter "Log files".
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from gatepost.core.units import Instant
from gatepost.mta.base import Record
from gatepost.mta.container import bare
from gatepost.mta.exim.arrivals import read_arrival
from gatepost.mta.exim.clock import Clock, year_for
from gatepost.mta.exim.deliveries import RESULTS, read_delivery
from gatepost.mta.exim.grammar import MESSAGE_ID
from gatepost.mta.exim.kept import read_kept
from gatepost.mta.exim.notes import EMPTY, HEADER_DUMP, OTHER, TOO_LONG, message_note, note, unstamped
from gatepost.mta.exim.rejections import read_rejection
from gatepost.mta.exim.repeats import DUPLICATE, FIRST_PIECES, LOST_PIECES, MAX_LINE, PIECE, Copies, Pieces
from gatepost.mta.exim.sessions import FAILED, NO_MAIL, read_failure, read_no_mail
from gatepost.mta.exim.usual import DELIVERED, HEAD, READERS, session
from gatepost.mta.repeated import times, within
from gatepost.wire.syslog import Header, in_utc, read_header

OTHER_PROGRAM = "another program's line"

_PID = re.compile(r"\[[0-9]{1,10}\] ")
_COMPLETED = re.compile(r"Completed(?: QT=[0-9.wdhms]++)?\Z")

_READERS: dict[str, Callable[[str, int, str, str], Record]] = {
    "<= ": read_arrival,
    "(= ": read_arrival,
    **dict.fromkeys(RESULTS, read_delivery),
}


class Exim:
    """Reads Exim's log lines.

    Args:
        zone: where stamps without a zone were written; None is the machine's own.
        tag: what gatepost's own refusals start with.
        reference: an instant near the newest line, for syslog headers without a year; without it, and before any
            line with a year was read, such lines have no time.
    """

    name = "exim"
    vague = frozenset({EMPTY, HEADER_DUMP, OTHER, OTHER_PROGRAM})

    def __init__(self, zone: tzinfo | None = UTC, tag: str = "[gatepost]", reference: Instant | None = None) -> None:
        self.tag = tag
        self.reference = reference
        self._clock = Clock(zone)
        self._pieces = Pieces()
        self._copies = Copies()
        self._stamp, self._at, self._time = "\0", 0, Instant(0.0)
        """The stamp of the line before, where the text behind it begins, and its instant."""
        self._line: str | None = None
        """A line that was skimmed in vain."""
        self._found: re.Match[str] | None = None
        """What HEAD found in it."""

    def read(self, line: str) -> Record:
        """Read one line without its newline. Never raises, whatever the line holds."""
        return self.read_usual(line) or self.read_slowly(line)

    def read_usual(self, line: str, *, wrapped: bool = False) -> Record | None:
        """A line of the shapes of which there are most; None: it must be read slowly.

        Args:
            line: without a syslog header.
            wrapped: it stood behind one; there the reject log's copies come too, of lines without a message.
        """
        if line is self._line:
            found = self._found
        elif (not line.startswith(self._stamp) and not self._turn(line)) or len(line) > MAX_LINE:
            return None
        else:
            found = HEAD.match(line, self._at)
        if found is None:
            record = None if wrapped or self._copies.expected else session(line, self._at, self.tag)
        else:
            queue_id, address, _, flag = found.groups()
            at, flag = (found.end(), flag) if address is None else (found.start(2), DELIVERED)
            record = READERS[flag](line, at, queue_id, flag)
        if record is not None:
            record.time = self._time
        return record

    def skim(self, line: str) -> tuple[str, str] | None:
        """Queue id and original recipient of an unmistakable line of delivered mail; None: read it whole."""
        if (not line.startswith(self._stamp) and not self._turn(line)) or len(line) > MAX_LINE:
            return None
        found = HEAD.match(line, self._at)
        if found is not None:
            queue_id, address, original, _ = found.groups()
            if address is not None:
                return queue_id, original or address
        self._line, self._found = line, found
        return None

    def when(self, line: str) -> Instant | None:
        """The event time of a line, as `read` says it."""
        at = self._at
        if (line.startswith(self._stamp) and line[at : at + 1] not in "+-") or self._turn(line):
            return self._time
        return self.read_slowly(line).time

    def _turn(self, line: str) -> bool:
        """Whether the line has a stamp; it is remembered for the lines that share it."""
        stamped = self._clock.read(line)
        if stamped is None:
            return False
        self._time, self._at = Instant(stamped[0]), stamped[1]
        self._stamp, self._line = line[: self._at], None
        return True

    def read_slowly(self, line: str, *, framed: bool = False) -> Record:
        """Read any line by the whole grammar: other stamps, syslog headers, every shape.

        Args:
            line: without its newline.
            framed: a container's log driver had put something around it, which was taken off.
        """
        stamped = self._clock.read(line)
        if stamped is None:
            inner = line if framed else bare(line)
            if inner == line:
                return self._read_header(line)
            return self.read_usual(inner) or self.read_slowly(inner, framed=True)
        record = self._read_text(line, stamped[1], stamped[0])
        record.time = Instant(stamped[0])
        return record

    def _read_text(self, line: str, at: int, time: float | None, copied: str = "") -> Record:
        """What stands behind the stamp; `copied` is whose lines may come twice."""
        if len(line) > MAX_LINE:
            return Record(kind="unread", why=TOO_LONG)
        if line.startswith("[", at):
            pid = _PID.match(line, at)
            at = pid.end() if pid else at
        found = MESSAGE_ID.match(line, at)
        if found is None:
            return self._once(self._read_session(line, at), line, at, time, copied)
        at, queue_id = found.end(), found[1]
        flag = line[at : at + 3]
        if flag in _READERS:
            return _READERS[flag](line, at + 3, queue_id, flag)
        if flag == "Com" and _COMPLETED.match(line, at):
            return Record(kind="part", part="completed", queue_id=queue_id)
        if " rejected " in line and line.startswith(("H=", "U=", "F=", "DS "), at):
            return self._once(read_rejection(line, at, queue_id, self.tag), line, at, time, copied)
        return read_kept(line, at, queue_id, self.tag) or message_note(line, at, queue_id)

    def _read_session(self, line: str, at: int) -> Record:
        """A line without a queue id."""
        if line.startswith(("H=", "U=", "F=", "DS "), at):
            return read_rejection(line, at, "", self.tag) if " rejected " in line else note(line, at)
        if line.startswith(NO_MAIL, at):
            return read_no_mail(line, at)
        middle = line.find(FAILED, at)
        if middle > at and line.find(" ", at) == middle:
            return read_failure(line, at, self.tag)
        return note(line, at)

    def _once(self, record: Record, line: str, at: int, time: float | None, copied: str) -> Record:
        """The record, unless the line is the reject log's copy, which Exim's own main log never holds."""
        if record.kind == "ignored" or not (copied or self._copies.expected):
            return record
        if not self._copies.again(time, f"{copied} {line[at:]}"):
            return record
        return Record(kind="ignored", why=DUPLICATE, queue_id=record.queue_id)

    def _read_header(self, line: str) -> Record:
        """A line whose stamp, if any, is syslog's."""
        header = read_header(line)
        if header is None:
            return self._unstamped(line)
        if not header.program.lower().startswith("exim"):
            return Record(kind="ignored", why=OTHER_PROGRAM, host=header.host, time=self._header_time(header))
        record = self._read_message(header, line[header.end :])
        record.host = header.host
        return record

    def _unstamped(self, line: str) -> Record:
        """A line without a time; the headers of a refused message show that the reject log is in this log too."""
        record = unstamped(line)
        if record.why == HEADER_DUMP:
            self._copies.expected = True
        return record

    def _read_message(self, header: Header, text: str) -> Record:
        repeated = within(text)
        if repeated is not None:
            return times(self._read_said(header, repeated[1]), repeated[0])
        return self._read_said(header, text)

    def _read_said(self, header: Header, text: str) -> Record:
        time = self._header_time(header)
        piece = PIECE.match(text)
        if piece is not None:
            whole = self._pieces.add(header.host, header.pid, piece, text[piece.end() :])
            if not whole:
                missing = whole is None
                why = LOST_PIECES if missing else FIRST_PIECES
                return Record(kind="unread" if missing else "ignored", why=why, time=time)
            text = whole.partition("\n")[0]
        writer = f"{header.host} {header.pid}"
        stamped = self._clock.read(text)
        if stamped is not None:
            record = self._read_text(text, stamped[1], stamped[0], writer)
            record.time = Instant(stamped[0])
            return record
        record = self._read_text(f" {text}", 1, time, writer)
        record.time = time
        return record

    def _header_time(self, header: Header) -> Instant | None:
        """The instant of a header; its year is found from the newest time known when it names none."""
        local = header.local
        if local is None:
            return None
        try:
            return self._instant(local)
        except (ValueError, OverflowError, OSError):
            return None

    def _instant(self, local: datetime) -> Instant | None:
        known = in_utc(local)
        if known is not None:
            return Instant(known)
        if local.year < 1970:
            newest = max(self.reference if self.reference is not None else float("-inf"), self._clock.newest)
            if newest == float("-inf"):
                return None
            local = local.replace(year=year_for(local.month, local.day, Instant(newest)))
        return Instant(self._clock.place(local))
