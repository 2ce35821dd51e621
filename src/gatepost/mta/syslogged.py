"""Mail servers that write to syslog, alone or several in one file.

Owns the header, what stands around it (container.py, repeated.py), and who is asked what the text behind it means: a
file in which Postfix and Dovecot write by turns is the normal case.
Source: RFC 3164 section 4.1, RFC 5424 section 6.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from typing import NamedTuple, Protocol, runtime_checkable

from gatepost.core.units import Instant
from gatepost.mta.base import Dialect, Record
from gatepost.mta.container import bare
from gatepost.mta.headers import HeaderClock
from gatepost.mta.repeated import BEGINNINGS, again, times, within
from gatepost.wire.syslog import read_header

OTHER_PROGRAM = "another program's line"
EMPTY = "an empty line"
NO_HEADER = "no syslog header that can be read"
TOO_LONG = "longer than any line a mail server writes"
REPEATED = "a repetition of a line that was not read"

MAX_LINE = 65536
"""Characters of one line: syslog carries 8 kB by default, the rest is headroom."""

MAX_HOSTS = 64
"""Hosts in one file whose last line is remembered, for "last message repeated"."""

MAX_HEADS = 10_000
"""Hosts, programs and process ids that are told at once when they come again."""

_REST = re.compile(r"([^ ]{1,255}) ([^ \[:]{1,48})(?:\[([0-9]{1,10})\])?: ?")
_HOST = re.compile(r"([^ ]{1,255}) ")
_STAMP_ALONE = re.compile(
    r"(?:<[0-9]{1,3}>)?([A-Z][a-z]{2} [ 0-3]?[0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[^ ]{8,25}) "
)

Skim = Callable[[str], tuple[str, str] | None]


class Program(Protocol):
    """One mail server's messages behind a syslog header."""

    name: str
    """The dialect's: "postfix"."""
    vague: frozenset[str]
    """Reasons for ignoring a message that another server of the same program names could have written."""

    def owns(self, program: str) -> bool:
        """Whether a header's program is this server's: "postfix/smtpd", "postfix-out/submission/smtpd"."""

    def message(self, program: str, pid: str, text: str) -> Record:
        """What the text behind the header states. Never raises; time and host are the caller's to set."""


@runtime_checkable
class Skimming(Protocol):
    """A program whose lines of delivered mail can be told without reading them."""

    def skim(self, line: str) -> tuple[str, str] | None:
        """Queue id and original recipient, as `message` would say them; None: the line must be read whole."""


class Stamped(Dialect, Protocol):
    """A dialect whose lines carry stamps of their own, also behind a syslog header."""

    def read_usual(self, line: str, *, wrapped: bool = False) -> Record | None:
        """A line without a syslog header, of the shapes of which there are most; None: `read` must see all of it."""


class Head(NamedTuple):
    """What stands between the stamp and the message."""

    host: str
    program: str
    pid: str
    owner: Program | None
    dated: bool
    """Whether its messages may hold a time of their own."""


class Syslogged:
    """A log in syslog's form, and the mail servers that may have written it.

    Args:
        programs: whose lines are read; every other program's are ignored.
        zone: where headers without a zone were written; None is the machine's own.
        tag: what gatepost's own refusals start with.
        reference: an instant near the newest line, for headers without a year.
        name: the dialect's, for those who show it.
        exim: reads the lines of Exim, which has headers of its own making.
    """

    def __init__(
        self,
        programs: Iterable[Program],
        zone: tzinfo | None = UTC,
        tag: str = "[gatepost]",
        reference: Instant | None = None,
        *,
        name: str = "syslog",
        exim: Stamped | None = None,
    ) -> None:
        self.name, self.tag, self._exim = name, tag, exim
        self._programs = tuple(programs)
        self.vague = frozenset({EMPTY, OTHER_PROGRAM, REPEATED}).union(
            *(program.vague for program in self._programs), exim.vague if exim is not None else ()
        )
        self._clock = HeaderClock(zone, reference)
        self.skim = _first([program.skim for program in self._programs if isinstance(program, Skimming)])
        """Queue id and original recipient of an unmistakable line of delivered mail; None: read it whole."""
        self._owners: dict[str, Program | None] = {}
        self._heads: dict[str, Head] = {}
        self._last: dict[str, Record] = {}
        """The last message of each host."""

    def read(self, line: str) -> Record:
        """Read one line without its newline. Never raises, whatever the line holds."""
        if len(line) > MAX_LINE:
            return Record(kind="unread", why=TOO_LONG)
        at = self._clock.behind(line)
        if at:
            colon = line.find(": ", at)
            head = self._heads.get(line[at:colon]) if colon > at else None
            if head is not None:
                at = colon + 2
                read = self._message if line.startswith(BEGINNINGS, at) else self._said
                return read(self._clock.time, head, line, at)
            found = _REST.match(line, at)
            if found is not None:
                return self._message(self._clock.time, self._head(found, colon), line, found.end())
        return self._read_slowly(line)

    def when(self, line: str) -> Instant | None:
        """The event time of a line, as `read` says it."""
        at = self._clock.behind(line) if len(line) <= MAX_LINE else 0
        head = self._heads.get(line[at : line.find(": ", at)]) if at else None
        return self.read(line).time if head is None or head.dated else self._clock.time

    def whose(self, line: str) -> str:
        """The name of the server that wrote a line; "" when it could be anybody's."""
        record = self.read(line)
        header = read_header(bare(line))
        owner = self._owner(header.program) if header is not None else None
        if owner is None or record.kind == "unread" or record.why in self.vague:
            return ""
        return owner.name

    def _read_slowly(self, line: str) -> Record:
        """A line with a new stamp, or in another form."""
        line = bare(line)
        header = read_header(line)
        if header is None:
            return self._headless(line)
        time = self._clock.at(header.local)
        self._clock.keep(line, header.local, time)
        head = self._written_by(header.host, header.program, header.pid)
        return self._message(time, head, line, header.end)

    def _headless(self, line: str) -> Record:
        """A line without a program: a repetition, nothing at all, or no syslog line."""
        if not line.strip():
            return Record(kind="ignored", why=EMPTY)
        stamp = _STAMP_ALONE.match(line)
        host = _HOST.match(line, stamp.end()) if stamp else None
        number = again(line, host.end()) if host else None
        if stamp is None or host is None or number is None:
            return Record(kind="unread", why=NO_HEADER)
        header = read_header(f"{stamp[1]} x x: ")
        return self._again(host[1], number, self._clock.at(header.local) if header else None)

    def _head(self, found: re.Match[str], colon: int) -> Head:
        """Who wrote a line; remembered by what stands between stamp and message, where that ends in colon and space."""
        host, program, pid = found.groups()
        head = self._written_by(host, program, pid or "")
        if found.end() == colon + 2:
            if len(self._heads) >= MAX_HEADS:
                self._heads.clear()
            self._heads[found.string[found.start() : colon]] = head
        return head

    def _written_by(self, host: str, program: str, pid: str) -> Head:
        owner = self._owner(program)
        dated = hasattr(owner, "begins") if owner is not None else program.lower().startswith("exim")
        return Head(host, program, pid, owner, dated)

    def _message(self, time: Instant | None, head: Head, line: str, at: int) -> Record:
        if line.startswith(BEGINNINGS, at):
            number, repeated = again(line, at), within(line[at:])
            if number is not None:
                return self._again(head.host, number, time)
            if repeated is not None:
                return times(_copy(self._said(time, head, line[:at] + repeated[1], at)), repeated[0])
        return self._said(time, head, line, at)

    def _said(self, time: Instant | None, head: Head, line: str, at: int) -> Record:
        """A message by itself."""
        if head.owner is None:
            record = self._foreign(head.program, line, at)
        else:
            record = head.owner.message(head.program, head.pid, line[at:])
        if record.time is None:
            record.time = time
        if record.also is not None:
            _dated(record.also, time)
        host, last = head.host, self._last
        record.host = host
        if host in last or len(last) < MAX_HOSTS:
            last[host] = record
        return record

    def _again(self, host: str, number: int, time: Instant | None) -> Record:
        """The last message of a host, as often as it came again."""
        last = self._last.get(host)
        if last is None or last.kind == "ignored":
            return Record(kind="ignored", why=REPEATED, time=time, host=host)
        record = _copy(last)
        record.time = time
        return times(record, number)

    def _foreign(self, program: str, line: str, at: int) -> Record:
        """Another program's line; Exim's mostly carry a stamp of its own, and are read from there on."""
        if self._exim is not None and program.lower().startswith("exim"):
            return self._exim.read_usual(line[at:], wrapped=True) or self._exim.read(line)
        return Record(kind="ignored", why=OTHER_PROGRAM)

    def _owner(self, program: str) -> Program | None:
        """Who reads this program's lines; remembered, because there are few."""
        if program not in self._owners:
            if len(self._owners) >= MAX_HOSTS * 16:
                self._owners.clear()
            self._owners[program] = next((each for each in self._programs if each.owns(program)), None)
        return self._owners[program]


def _copy(record: Record) -> Record:
    """Another one that says the same: the first is remembered as it was."""
    return Record(**{name: getattr(record, name) for name in Record.__struct_fields__})


def _first(skims: Sequence[Skim]) -> Skim:
    """The first answer of several; the only one's own where there is one."""
    if len(skims) == 1:
        return skims[0]

    def skim(line: str) -> tuple[str, str] | None:
        return next((found for each in skims if (found := each(line)) is not None), None)

    return skim


def _dated(record: Record | None, time: Instant | None) -> None:
    """Give a line's further events its time."""
    while record is not None:
        if record.time is None:
            record.time = time
        record = record.also
