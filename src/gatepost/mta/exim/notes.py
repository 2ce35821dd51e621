"""Lines that tell of no account: connections, daemons, queue runs, warnings, and what stands in other logs.

Owns the fixed phrase said of each. What a message's own note changes for its thread (it froze) is a part.
Source: Exim specification, chapter "Log files", sections "Miscellaneous log entries" and "Reject log".
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.exim.kept import FROZEN_BY_ACL

CONNECTION = "a connection that came or went"
DAEMON = "the daemon or its children"
QUEUE_RUN = "a queue run"
TLS = "an encryption error"
PROTOCOL = "a protocol or syntax error in a session"
REFUSED_EARLY = "a refusal before any mail"
CALLOUT = "a sender or recipient check"
PANIC = "a configuration or system error"
UNFINISHED = "a transaction that was not finished"
MESSAGE_NOTE = "a note on a message"
OTHER = "a line of no interest"
EMPTY = "an empty line"
HEADER_DUMP = "headers of a refused message (reject log)"
NO_STAMP = "no time stamp that can be read"
TOO_LONG = "longer than any line Exim writes"

_OPENINGS: tuple[tuple[str, str], ...] = (
    ("SMTP connection ", CONNECTION),
    ("SMTP call from ", PROTOCOL),
    ("SMTP protocol ", PROTOCOL),
    ("SMTP syntax error ", PROTOCOL),
    ("SMTP command timeout ", CONNECTION),
    ("SMTP data timeout ", CONNECTION),
    ("Connection from ", CONNECTION),
    ("connection from ", CONNECTION),
    ("refused connection ", REFUSED_EARLY),
    ("connection refused ", REFUSED_EARLY),
    ("rejected ", REFUSED_EARLY),
    ("too many ", PROTOCOL),
    ("unexpected ", CONNECTION),
    ("no host name found ", CONNECTION),
    ("no IP address found ", CONNECTION),
    ("VRFY ", CONNECTION),
    ("exim ", DAEMON),
    ("Exim ", DAEMON),
    ("daemon", DAEMON),
    ("pid ", DAEMON),
    ("cwd=", DAEMON),
    ("Start ", QUEUE_RUN),
    ("End ", QUEUE_RUN),
    ("TLS ", TLS),
    ("ignoring AUTH=", PROTOCOL),
    ("Warning: ", OTHER),
    ("failed to ", PANIC),
    ("Failed ", PANIC),
)
_OPENING = re.compile("|".join(f"({re.escape(opening)})" for opening, _ in _OPENINGS))
_MESSAGE: tuple[tuple[str, str], ...] = (
    ("H=", "a delivery attempt or a warning on a message"),
    ("Unfrozen", "a message thawed"),
    ("unfrozen", "a message thawed"),
    ("removed ", "a message removed from the queue"),
    ("cancelled ", "a message removed from the queue"),
    ("Spool file ", "a message another process works on"),
    ("no immediate delivery", "a message that waits in the queue"),
    ("DKIM: ", "a signature check"),
    ("SMTP error from remote mail server ", "a delivery attempt"),
    ("SMTP timeout ", "a delivery attempt"),
)
_FROZEN = re.compile(r"(?:\*\*\* )?(?:[Ff]rozen\b|Message is frozen\b)")
_DUMP = re.compile(
    r"(?:Envelope-(?:from|to): <|[A-Z* ] [!-9;-~]{1,76}:|[ \t]+[^ \t]|-{8,}\Z|\*\*\* truncated \*\*\*\Z)"
)


def note(line: str, at: int) -> Record:
    """A stamped line without a queue id that tells of no account."""
    found = _OPENING.match(line, at)
    if found is not None:
        return Record(kind="ignored", why=_OPENINGS[(found.lastindex or 1) - 1][1])
    if " sender verify " in line or "discarded by" in line:
        return Record(kind="ignored", why=CALLOUT)
    if "incomplete transaction" in line:
        return Record(kind="ignored", why=UNFINISHED)
    return Record(kind="ignored", why=OTHER)


def message_note(line: str, at: int, queue_id: str) -> Record:
    """A stamped line that says something about a message, but not of its arrival or its recipients."""
    if _FROZEN.match(line, at):
        kept = line.startswith(FROZEN_BY_ACL, at) and len(line) == at + len(FROZEN_BY_ACL)
        return Record(kind="part", part="kept" if kept else "frozen", queue_id=queue_id)
    for opening, why in _MESSAGE:
        if line.startswith(opening, at):
            return Record(kind="ignored", why=why, queue_id=queue_id)
    return Record(kind="ignored", why=MESSAGE_NOTE, queue_id=queue_id)


def unstamped(line: str) -> Record:
    """A line without a time stamp: a reject log's headers, or nothing Exim wrote."""
    if not line.strip():
        return Record(kind="ignored", why=EMPTY)
    if _DUMP.match(line):
        return Record(kind="ignored", why=HEADER_DUMP)
    return Record(kind="unread", why=NO_STAMP)
