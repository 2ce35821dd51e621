"""Mails that report about mail of ours: late failures (RFC 3464) and complaints of feedback loops (RFC 5965).

Owns what a report states. It is read from what its standard calls machine-readable parts; a failure that has none, as
qmail and old Exchange write it, from its words (`wire/bounced.py`). Nothing of it is believed: anybody may have
written it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from gatepost.core.events import MAX_REPLY
from gatepost.core.reports import MOST_FAILED, MOST_HOPS, Failed, Hop, Report
from gatepost.wire import bounced, mime
from gatepost.wire.mime import Fields, Part

RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822")
"""Kinds of parts that hold the reported message or its header (RFC 6522, RFC 6533)."""

STATUS = ("message/delivery-status", "message/global-delivery-status")

COMPLAINTS = ("abuse", "fraud", "virus")
"""Kinds of feedback that say something about whoever sent it (RFC 5965 section 7.3)."""

ADDRESS = 254
"""Characters of an address (RFC 5321 section 4.5.3.1.3)."""

NO_REPORT = "no report about mail"
NO_FAILURE = "reports no failure: a delay, or a receipt"
NO_COMPLAINT = "feedback that accuses nobody"

_BY = re.compile(r"\bby\s+([A-Za-z0-9][A-Za-z0-9._-]{0,252})")
_ID = re.compile(r"\bid\s+<?([A-Za-z0-9][A-Za-z0-9._-]{3,60})")
_LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]{3,45})\]")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,300}>")


def read(mail: bytes) -> Report | str:
    """What a mail reports; a fixed phrase when it reports nothing that could count. Never raises."""
    whole, parts = mime.read(mail)
    kinds = {part.kind: part for part in reversed(parts)}
    returned = next((mime.head(kinds[kind].body) for kind in RETURNED if kind in kinds), {})
    feedback = kinds.get("message/feedback-report")
    if feedback is not None:
        return _complaint(whole, mime.head(feedback.body), returned)
    status = next((kinds[kind] for kind in STATUS if kind in kinds), None)
    if status is not None:
        return _failure(whole, status, returned)
    found = bounced.read(whole, parts)
    if found is None:
        return NO_REPORT
    failed, below = found
    return _report(whole, returned or below, failed) if failed else NO_FAILURE


def _complaint(whole: Part, stated: Fields, returned: Fields) -> Report | str:
    if _first(stated, "feedback-type").lower() not in COMPLAINTS:
        return NO_COMPLAINT
    who = [_plain(value, ADDRESS).strip("<>") for value in stated.get("original-rcpt-to", [""])[:MOST_FAILED]]
    by = _first(stated, "reporting-mta").rpartition(";")[2]
    return _report(whole, returned, [Failed(address) for address in who], by, complaint=True)


def _failure(whole: Part, status: Part, returned: Fields) -> Report | str:
    """The first block is about the message, each other about one recipient (RFC 3464 section 2.1)."""
    blocks = [mime.head(block) for block in status.body.strip().split(b"\n\n", MOST_FAILED)]
    failed = [found for block in blocks if (found := _recipient(block)) is not None][:MOST_FAILED]
    by = _typed(_first(blocks[0], "reporting-mta"))
    return _report(whole, returned, failed, by) if failed else NO_FAILURE


def _recipient(block: Fields) -> Failed | None:
    """One recipient, when its delivery failed for good."""
    address, original = (_typed(_first(block, name)) for name in ("final-recipient", "original-recipient"))
    action, status = _first(block, "action").lower(), _first(block, "status").split(" ")[0]
    if not (address or original) or not (action.startswith("failed") or (not action and status.startswith("5"))):
        return None
    reply = _plain(_first(block, "diagnostic-code").partition(";")[2] or _first(block, "diagnostic-code"), MAX_REPLY)
    return Failed(
        _plain(address or original, ADDRESS),
        _plain(_XTEXT.sub(lambda found: chr(int(found[1], 16)), original), ADDRESS),
        _plain(status, 20),
        reply,
        _plain(_typed(_first(block, "remote-mta")).split(" ")[0], ADDRESS),
    )


def _report(
    whole: Part, returned: Fields, failed: Sequence[Failed], by: str = "", *, complaint: bool = False
) -> Report:
    return Report(
        "complaint" if complaint else "failed",
        _client(whole.fields.get("received", [])),
        _plain(by, ADDRESS).strip().lower(),
        next(_destinations(whole.fields), ""),
        next((found[0] for value in returned.get("message-id", []) if (found := _MESSAGE_ID.search(value))), ""),
        tuple(_hops(returned.get("received", [])[:MOST_HOPS])),
        tuple(failed[:MOST_FAILED]),
    )


def _destinations(fields: Fields) -> Iterator[str]:
    """The envelope recipient, as our server's own fields say."""
    for name in ("envelope-to", "x-original-to", "delivered-to", "to"):
        for value in fields.get(name, [])[:1]:
            found = bounced.ADDRESS.search(value[: 2 * ADDRESS])
            if found is not None:
                yield found[0]


def _client(received: Iterable[str]) -> str:
    """Who handed us the report, by the uppermost Received field that names a host other than our own.

    Its from clause holds a name of the client's choice. Exim writes the address before it ("from [192.0.2.1] (helo=…)",
    "from name ([192.0.2.1] helo=…)"), the others after it; neither lets a client write a parenthesis into it.
    """
    for value in received:
        clause = _BY.split(value, maxsplit=1)[0]
        found = _LITERAL.findall(clause)
        if not found:
            return ""
        try:
            address = ip_address(found[0] if "(Exim " in value or "helo=" in clause else found[-1])
        except ValueError:
            return ""
        if not address.is_loopback:
            return str(address)
    return ""


def _hops(received: Iterable[str]) -> Iterator[Hop]:
    for value in received:
        by, queue_id = _BY.search(value), _ID.search(value)
        if by is not None and queue_id is not None:
            yield Hop(by[1].lower(), queue_id[1])


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def _typed(value: str) -> str:
    """The value of a field that states its type first: "rfc822; bob@example.net"."""
    return value.partition(";")[2].strip().strip("<>") if ";" in value else value.strip().strip("<>")


def _plain(text: str, most: int) -> str:
    """Text without control characters, cut."""
    return _CONTROL.sub(" ", text[: 4 * most]).strip()[:most]
