"""What became of recipients: the lines with "=>", "->", ">>", "*>", "**" and "==".

Owns where the recipient ends and the remote server's words begin. The flag alone decides the result, the queue id
stands before it, and the recipient before every field: nothing a remote server answers can change them.
Source: Exim specification, chapter "Log files", sections "Logging deliveries", "Deferred deliveries" and "Delivery
failures"; src/src/deliver.c (string_log_address, delivery_log, deferral_log, failure_log).
"""

import re

from gatepost.core.events import MAX_REPLY, Result
from gatepost.mta.base import Record
from gatepost.mta.exim.grammar import ADDRESS, DOMAIN, LOCAL

UNREADABLE = "a delivery whose recipient cannot be told"
DISCARDED = "a message given up as a whole"

RESULTS: dict[str, Result] = {
    "=> ": "delivered",
    "-> ": "delivered",
    ">> ": "delivered",
    "*> ": "delivered",
    "** ": "bounced",
    "== ": "deferred",
}

EARLY = ">> "
"""Cutthrough delivery: Exim writes the outcome before the arrival."""

_NEXT = r"(?=(?: (?:[FPRTQHS]=|SRS=<|defer |routing |:|mua_wrapper forced )|:|\Z))"
_PLAIN = re.compile(rf"({LOCAL}(?:{DOMAIN})?)(?: \([^()\"]*+\))?(?: <({ADDRESS})>)?{_NEXT}", re.DOTALL)
"""An address, its parents in brackets when all are logged, and the original recipient in angle brackets."""

_ORIGINAL = re.compile(rf" <({ADDRESS})>{_NEXT}", re.DOTALL)
"""Behind a file, a pipe or an automatic reply, whose text may hold anything."""

_FIELDS = re.compile(
    rf"(?>(?: (?:F|P|SRS)=<(?:{ADDRESS})?>| [QRT]=[^ :]++| defer \(-?[0-9a-zA-Z]++\)| routing)*)",
    re.DOTALL,
)
_SAID = "SMTP error from remote mail server after "
_REMOTE = re.compile(
    rf"{_SAID}(?:(?:pipelined )?(?:RCPT TO|MAIL FROM):<(?:{ADDRESS})?>[^:]*+|[^:]*+): ?"
    r"(?:host [^ ]++ (?:[^ ]++ )?\[[^ \]]*+\][^ ]*?: )?",
    re.DOTALL,
)
_RECEIVER = re.compile(r"(?<= H=)[A-Za-z0-9._-]{1,253}(?= \[)")
_RELAY = re.compile(r" H=[^ ]{1,255} \[([0-9A-Fa-f.:]{2,45})\]")
MAX_FIELDS = 2000
"""Characters behind a recipient in which the receiving host is looked for."""
_WITHOUT_RECIPIENT = ("blackhole (", "mua_wrapper is set ")
_QUOTE = ' C="'
_CONFIRMATION = re.compile(r' C="([^"\\]*+(?>(?:\\.[^"\\]*+)*))"', re.DOTALL)
_CLASSES = frozenset("245")
_CODE = re.compile(r"([245])[0-9]{2}[ -](?:#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.]))?")
_TIMES = frozenset({" QT=", " DT="})
_TIME = re.compile(r" (?:QT|DT)=[0-9.wdhms]++")


def read_delivery(line: str, at: int, queue_id: str, flag: str) -> Record:
    """Read an outcome.

    Args:
        line: the whole line.
        at: where the recipient begins, behind the flag.
        flag: the two characters and the space.
    """
    if line.startswith(_WITHOUT_RECIPIENT, at):
        return Record(kind="ignored", why=DISCARDED, queue_id=queue_id)
    found = recipient(line, at)
    if found is None:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    address, end = found
    return outcome(line, end, queue_id, flag, address)


def outcome(line: str, end: int, queue_id: str, flag: str, address: str) -> Record:
    """What became of a recipient; `end` is where the fields behind it begin."""
    result = RESULTS[flag]
    reply = _confirmation(line, end) if result == "delivered" else _reason(line, end)
    return Record(
        kind="delivery",
        queue_id=queue_id,
        address=address,
        result=result,
        reply=reply[:MAX_REPLY],
        status=status_of(reply),
        receiver="" if result == "delivered" else _receiver(line, end),
        relay=_relay(line, end) if result == "delivered" else "",
        part="early" if flag == EARLY else "",
    )


def recipient(line: str, at: int) -> tuple[str, int] | None:
    """The original recipient of a delivery, and where the fields behind it begin."""
    if line[at : at + 1] not in {"|", "/", ":", ">"}:
        found = _PLAIN.match(line, at)
        if found is not None:
            return found[2] or found[1], found.end()
    found = _ORIGINAL.search(line, at)
    return (found[1], found.end()) if found is not None else None


def _receiver(line: str, at: int) -> str:
    """The host behind the first " H=", before the colon in front of the reason; "" when the message reached none."""
    found = _RECEIVER.match(line, line.find(" H=", at, at + MAX_FIELDS) + 3)
    return found[0] if found is not None and line.find(": ", at, found.start()) < 0 else ""


def _relay(line: str, at: int) -> str:
    """The address of the host that took a message, which stands behind everything a sender can have written."""
    fields = _FIELDS.match(line, at)
    found = _RELAY.match(line, fields.end() if fields else at)
    return found[1] if found is not None else ""


def status_of(reply: str) -> str:
    """The enhanced status code (RFC 3463) at the start of a reply; "" when it has none or one of another class."""
    found = _CODE.match(reply) if reply[:1] in _CLASSES else None
    if found is None:
        return ""
    kind, status = found.groups()
    return status if status and status[0] == kind else ""


def _confirmation(line: str, at: int) -> str:
    at = line.find(_QUOTE, at)
    while at >= 0:
        found = _CONFIRMATION.match(line, at)
        if found is not None:
            return _unescaped(found[1])
        at = line.find(_QUOTE, at + 1)
    return ""


def _unescaped(text: str) -> str:
    return text if "\\" not in text else re.sub(r"\\(.)", r"\1", text[: 2 * MAX_REPLY], flags=re.DOTALL)


def _reason(line: str, at: int) -> str:
    """The remote server's words, or Exim's own when it never came to a conversation."""
    fields = _FIELDS.match(line, at) if line.find('<"', at) >= 0 else None
    start = fields.end() if fields else at
    said = line.find(_SAID, start)
    remote = _REMOTE.match(line, said) if said >= 0 else None
    if remote is not None:
        start = remote.end()
    elif (colon := line.find(": ", start)) >= 0:
        start = colon + 2
    else:
        start = _unquoted(line, start)
    return _untimed(line[start : start + 2 * MAX_REPLY]).strip(" ")


def _unquoted(line: str, at: int) -> int:
    """Where the text behind the fields begins, when no colon says so."""
    fields = _FIELDS.match(line, at)
    return fields.end() if fields else at


def said(data: str) -> str:
    """The remote server's words in Exim's account of a failure; Exim's own when there was no conversation."""
    remote = _REMOTE.match(data)
    return data[remote.end() if remote is not None else 0 :].strip(" ")


def _untimed(reply: str) -> str:
    """A reason without the times Exim puts behind it (deliver_time, queue_time)."""
    last = reply.rfind(" ")
    while reply[last : last + 4] in _TIMES and _TIME.fullmatch(reply, last):
        reply = reply[:last]
        last = reply.rfind(" ")
    return reply
