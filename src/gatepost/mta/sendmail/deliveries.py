"""What became of recipients: the lines with `to=` and `stat=`, and notifications about a message.

Owns where the recipients end and the remote server's words begin. Both may hold a whole line of Sendmail's; between
them stands `delay=`, with `xdelay=`, `mailer=` or `pri=` behind it, once in an honest line. A line that holds that
twice is tampered with. Whether a recipient is done is what `dsn=` says, not a word.
Source: Sendmail's sendmail/deliver.c (logdelivery), savemail.c (returntosender), envelope.c (dropenvelope).
"""

import re

from gatepost.core.events import Result
from gatepost.mta.base import TAMPERED, Record
from gatepost.mta.sendmail.grammar import QUEUE_ID, bounded

UNREADABLE = "a delivery whose fields are not in Sendmail's order"
QUEUED = "a recipient that was only queued"

MAX_RECIPIENTS = 200
"""Recipients of one line: a line has about a thousand characters."""

_CORE = re.compile(
    r", delay=(?:[0-9]{1,5}\+)?[0-9]{2}:[0-9]{2}:[0-9]{2}, (?:xdelay=[0-9+:]{8,14}, )?"
    r"(?=mailer=|pri=|relay=|dsn=|stat=)"
)
_REST = re.compile(
    r"(?:mailer=[^ ,]{1,40}, )?(?:pri=-?[0-9]{1,12}, )?(?:relay=[^,]{0,300}, )?"
    r"(?:dsn=([245]\.[0-9]{1,3}\.[0-9]{1,3}), )?(?:reply=.*?, )?(?:quarantine=[^,]{0,100}, )?(?:ntries=[0-9]{1,9}, )?"
    r"stat=(.*)\Z",
    re.DOTALL,
)
_CONTROLLER = re.compile(r", ctladdr=[^,]{1,256}\Z")
_RECIPIENT = re.compile(r'<((?>(?:"(?>(?:[^"\\]++|\\.)*)"|[^"<>])*))>|([^,<> ][^,<>]{0,319})', re.DOTALL)
_NOTICE = re.compile(rf"({QUEUE_ID}): ((?:[Pp]ostmaster|owner|sender) notify|DSN|return to sender|[Rr]eturn receipt): ")
_CLONE = re.compile(rf"({QUEUE_ID}): clone: owner=")
_EXPIRED = "Cannot send message "


def read_delivery(text: str, at: int, queue_id: str) -> Record:
    """Read an outcome, of one recipient or of several.

    Args:
        text: the message.
        at: where "to=" begins.
        queue_id: the message's.
    """
    found = list(_CORE.finditer(text, at))
    rest = _REST.match(text, found[0].end()) if len(found) == 1 else None
    if len(found) > 1:
        return Record(kind="unread", why=TAMPERED, queue_id=queue_id)
    if rest is None:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    status, words = rest[1] or "", rest[2]
    if words.startswith("queued"):
        return Record(kind="ignored", why=QUEUED, queue_id=queue_id)
    result = _result(status, words)
    record: Record | None = None
    for address in reversed(_recipients(text[at + len("to=") : found[0].start()])):
        record = Record(
            kind="delivery",
            part="counted",
            queue_id=queue_id,
            address=address,
            result=result,
            status=status,
            reply=bounded(words),
            also=record,
        )
    return record or Record(kind="unread", why=UNREADABLE, queue_id=queue_id)


def _result(status: str, words: str) -> Result:
    """Done, waiting or failed; Sendmail before 8.9 says it in words alone."""
    if status:
        return {"2": "delivered", "4": "deferred", "5": "bounced"}[status[0]]  # type: ignore[return-value]
    return "delivered" if words.startswith("Sent") else "deferred" if words.startswith("Deferred") else "bounced"


def _recipients(listed: str) -> list[str]:
    """The addresses of a list, without brackets; who controls them is no recipient."""
    controller = _CONTROLLER.search(listed)
    listed = listed[: controller.start()] if controller is not None else listed
    found = [bracketed or bare for bracketed, bare in _RECIPIENT.findall(listed)]
    return found[:MAX_RECIPIENTS]


def read_notice(text: str, at: int, queue_id: str) -> Record | None:
    """Read a line about another message that came of this one; None when it is none.

    Args:
        text: the message.
        at: where the other queue id begins.
        queue_id: the message's.
    """
    found = _NOTICE.match(text, at)
    if found is None:
        clone = _CLONE.match(text, at)
        return Record(kind="part", part="notice", queue_id=queue_id, child=clone[1]) if clone is not None else None
    words = text[found.end() :]
    if not words.startswith(_EXPIRED):
        return Record(kind="part", part="notice", queue_id=queue_id, child=found[1])
    return Record(
        kind="delivery",
        part="failed",
        queue_id=queue_id,
        result="bounced",
        status="4.4.7",
        reply=bounded(words),
        also=Record(
            kind="part",
            part="completed",
            queue_id=queue_id,
            also=Record(kind="part", part="local", queue_id=found[1]),
        ),
    )
