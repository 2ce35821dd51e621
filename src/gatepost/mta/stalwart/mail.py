"""Messages of Stalwart's: their envelope, and what became of their recipients.

Owns what is believed of a line behind its queue id. A sender, a recipient and a reply can hold what looks like a field:
a list of recipients that stands twice is not stated, and a recipient that stands twice makes the line tampered with.
Source: Stalwart, crates/smtp (outbound/delivery.rs, queue/dsn.rs, queue/spool.rs).
"""

import re

from gatepost.core.events import MAX_REPLY, Result
from gatepost.mta.base import TAMPERED, Record
from gatepost.mta.texts import MAX_ADDRESS
from gatepost.wire.texts import kept

EVENT = "an event of no message and no login"
UNSAID = "a message that is put off, without saying which of its recipients"

QUEUE_ID = re.compile(r"queueId = ([0-9]{1,20})(?:, |\Z)")
_NOTICE = ", queueId = "
_NEW_ID = re.compile(r"[0-9]{1,20}(?=, )")
_TO_LIST = ", to = ["
_TO_ONE = ', to = "'
_SENDER = re.compile(r'(?:queueName = "[^"]{0,64}", )?from = "?')
_SIZE = re.compile(r"\], size = ([0-9]{1,15})(?:, |\Z)")
_ONE_ENDS = re.compile(r'"(?:, (?:hostname|code|details|elapsed|total) = |\Z)')
_CODE = re.compile(r"(?:\A|, )code = ([245][0-9]{2})(?:, |\Z)")
_DETAILS = re.compile(r'(?:\A|, )details = "?')
_TAIL = re.compile(r'"?(?:, [a-zA-Z]{1,32} = [0-9A-Za-z:.-]{1,40}){0,6}\Z')
_ENHANCED = re.compile(r"(?:Enhanced code: |\A)([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

_SENT = frozenset({"delivery.delivered", "delivery.dsn-success"})
_RESULTS: dict[str, Result] = {
    **dict.fromkeys(_SENT, "delivered"),
    "delivery.dsn-perm-fail": "bounced",
    "delivery.dsn-temp-fail": "deferred",
    "queue.rescheduled": "deferred",
}
_REFUSALS = frozenset(
    f"delivery.{step}-{how}"
    for step in ("rcpt-to", "mail-from", "message", "ehlo", "greeting")
    for how in ("rejected", "failed")
)


def unescaped(quoted: str) -> str:
    """A text without its escapes: a line break, written as two characters, stays none."""
    return _ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted


def envelope(rest: str) -> tuple[str | None, tuple[str, ...] | None, int | None]:
    """Sender, recipients and size; not stated when an address looks like the list of recipients."""
    sender = _SENDER.match(rest)
    if sender is None or rest.count(_TO_LIST) != 1:
        return None, None, None
    at = rest.index(_TO_LIST)
    size = _SIZE.search(rest, at)
    if size is None:
        return None, None, None
    listed = rest[at + len(_TO_LIST) : size.start()].removeprefix('"').removesuffix('"').split('", "')
    recipients = dict.fromkeys(kept(unescaped(address), MAX_ADDRESS) for address in listed if address)
    name = kept(unescaped(rest[sender.end() : at].removesuffix('"')), MAX_ADDRESS)
    return "" if name == "<>" else name, tuple(recipients), int(size[1])


def outcome(event: str, queue_id: str, rest: str) -> Record:
    """What became of one recipient: the event says it, and for a refusal its code."""
    result = _RESULTS.get(event)
    if result is None and event not in _REFUSALS:
        return Record(kind="ignored", why=EVENT, queue_id=queue_id)
    if rest.count(_TO_ONE) > 1:
        return Record(kind="unread", why=TAMPERED)
    address, behind = _recipient(rest)
    code = _CODE.search(behind)
    if result is None:
        result = "bounced" if code is not None and code[1].startswith("5") else "deferred"
    if not address:
        return Record(kind="ignored", why=UNSAID, queue_id=queue_id)
    words = _words(behind) if event not in _SENT else ""
    status = _ENHANCED.search(words)
    return Record(
        kind="delivery",
        queue_id=queue_id,
        address=address,
        result=result,
        status=status[1] if status else "",
        reply=kept(words, MAX_REPLY),
    )


def _words(fields: str) -> str:
    """What the remote server said, or Stalwart itself; more of it than is kept."""
    found = _DETAILS.search(fields)
    return unescaped(_TAIL.sub("", fields[found.end() : found.end() + 2 * MAX_REPLY])) if found else ""


def _recipient(rest: str) -> tuple[str, str]:
    """The recipient, and the fields behind it; without its own field the only one in the list of the message."""
    at = rest.find(_TO_ONE)
    if at >= 0:
        end = _ONE_ENDS.search(rest, at + len(_TO_ONE))
        if end is None:
            return "", ""
        return kept(unescaped(rest[at + len(_TO_ONE) : end.start()]), MAX_ADDRESS), rest[end.start() + 1 :]
    _, recipients, _ = envelope(rest)
    size = _SIZE.search(rest)
    behind = rest[size.end() :] if size else ""
    return (recipients[0], behind) if recipients is not None and len(recipients) == 1 else ("", behind)


def notice(fields: str) -> Record:
    """A notification about a message is nobody's, where its queue id can be told."""
    first, found, new = fields.partition(_NOTICE)
    queue_id = _NEW_ID.match(new)
    if not found or _NOTICE in new or queue_id is None:
        return Record(kind="ignored", why=EVENT)
    about = QUEUE_ID.match(f"{first}, ")
    return Record(kind="part", part="local", queue_id=queue_id[0], parent=about[1] if about else "")
