"""What happens to a message in the queue: accepted, named, bounced, requeued, removed.

Owns the lines of qmgr, cleanup, pickup, bounce and postsuper. A sender may hold anything, so what stands behind it is
found from the end of the line.
Source: Postfix's src/qmgr/qmgr_active.c, src/cleanup/cleanup_message.c, src/pickup/pickup.c, src/postsuper/postsuper.c,
src/bounce/bounce_notify_service.c.
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.postfix.grammar import QUEUE_ID
from gatepost.mta.postfix.notes import QUEUE

EXPIRED = "too long in the queue"

_ACTIVE = re.compile(r"from=<(.*)>, size=([0-9]{1,15}), nrcpt=([0-9]{1,9}) \(queue [a-z]{1,20}\)\Z", re.DOTALL)
_EXPIRED = re.compile(r"from=<(.*)>, status=(?:force-)?expired, returned to sender\Z", re.DOTALL)
_RESENT = "resent-message-id="
_PICKED_UP = re.compile(rf"uid=([0-9]{{1,10}}) from=<(.*)>(?: orig_id=({QUEUE_ID}))?\Z", re.DOTALL)
_NOTICE = re.compile(rf"[a-z]{{1,20}} (?:non-delivery|delivery status|delay) notification: ({QUEUE_ID})\Z")
_ON_HOLD = ("placed on hold", "hold: ")

MAX_MESSAGE_ID = 1000


def read_usual(text: str, at: int, queue_id: str) -> Record | None:
    """Read one of the three lines that every message has; None when it is none of them.

    Args:
        text: the message.
        at: where it begins, behind the queue id.
        queue_id: the message's.
    """
    if text.startswith("from=<", at):
        return _sent_on(text, at, queue_id)
    if text.startswith("removed", at):
        return Record(kind="part", part="completed", queue_id=queue_id) if len(text) == at + 7 else None
    return _named(text, at + 11, queue_id) if text.startswith("message-id=", at) else None


def _named(text: str, at: int, queue_id: str) -> Record:
    """The message's id, which begins here."""
    name = text[at:]
    name = name[1:].removesuffix(">") if name.startswith("<") else name
    return Record(kind="part", part="named", queue_id=queue_id, message_id=name[:MAX_MESSAGE_ID])


def read_queue(text: str, at: int, queue_id: str) -> Record:
    """Read what else becomes of a message as a whole; of no interest when it is none of these.

    Args:
        text: the message.
        at: where it begins, behind the queue id.
        queue_id: the message's.
    """
    if text.startswith(_RESENT, at):
        return _named(text, at + len(_RESENT), queue_id)
    picked = _PICKED_UP.match(text, at)
    if picked is not None:
        user, sender, parent = picked.groups()
        return Record(
            kind="part", part="local", queue_id=queue_id, user=user, envelope_sender=sender, parent=parent or ""
        )
    notice = _NOTICE.match(text, at)
    if notice is not None:
        return Record(kind="part", part="notice", queue_id=queue_id, child=notice[1])
    if text.startswith(_ON_HOLD, at):
        return Record(kind="part", part="frozen", queue_id=queue_id)
    return Record(kind="ignored", why=QUEUE, queue_id=queue_id)


def _sent_on(text: str, at: int, queue_id: str) -> Record:
    """The queue manager's line: the message is active, again or for the first time, or it is given up."""
    active = _ACTIVE.match(text, at)
    if active is not None:
        return Record(
            kind="part",
            part="queued",
            queue_id=queue_id,
            envelope_sender=active[1],
            size=int(active[2]),
            recipient_count=int(active[3]),
        )
    expired = _EXPIRED.match(text, at)
    if expired is None:
        return Record(kind="ignored", why=QUEUE, queue_id=queue_id)
    return Record(
        kind="delivery",
        part="failed",
        queue_id=queue_id,
        envelope_sender=expired[1],
        result="bounced",
        status="4.4.7",
        reply=EXPIRED,
    )
