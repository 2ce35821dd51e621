"""What became of recipients: the lines with `to=<…>` and `status=`.

Owns where the recipient ends and the remote server's words begin. Both may hold a whole line of Postfix's; between them
stand `relay=`, `delay=`, `delays=`, `dsn=` and `status=`, which a reader can find once in an honest line. A line that
holds them twice is tampered with: nobody can say which are Postfix's.
Source: Postfix's src/global/log_adhoc.c, sent.c, defer.c, bounce.c; src/local/forward.c ("forwarded as").
"""

import re
from collections.abc import Sequence

from gatepost.core.events import Result
from gatepost.mta.base import Record
from gatepost.mta.near import near
from gatepost.mta.postfix.grammar import QUEUE_ID, bounded
from gatepost.mta.postfix.notes import PROBE

UNREADABLE = "a delivery whose fields are not in Postfix's order"

RESULTS: dict[str, Result] = {
    "sent": "delivered",
    "deferred": "deferred",
    "bounced": "bounced",
    "SOFTBOUNCE": "deferred",
    "expired": "bounced",
    "force-expired": "bounced",
}
_PROBES = frozenset({"deliverable", "undeliverable"})

_FIELDS = (
    r"relay=([^ ,]++), (?:conn_use=[0-9]++, )?delay=[0-9.]++, delays=[0-9./]++, (?:tls=[^ ,]++, )?"
    r"dsn=([245]\.[0-9]{1,3}\.[0-9]{1,3}), status=([A-Za-z-]{4,16}) \("
)
_CORE = re.compile(rf">, {_FIELDS}", re.DOTALL)
_OLD_CORE = re.compile(r">, relay=([^ ,]++), delay=[0-9.]++, (?:dsn=()[0-9.]++, )?status=([A-Za-z-]{4,16}) \(")
"""Before 2.3, and other writers of the same shape."""

_USUAL = re.compile(rf'to=<([^ "<>]*+)>(?:, orig_to=<([^ "<>]*+)>)?, {_FIELDS}')
"""Almost every line: addresses without spaces, quotes and brackets."""

_BARE = re.compile(rf"to=([^ ,<>\"]++)(?:, orig_to=([^ ,<>\"]++))?, {_FIELDS}")
"""Addresses without brackets, as some loggers rewrite them."""

_TO = "to=<"
_BETWEEN = ">, orig_to=<"
_HANDED = re.compile(rf"queued as ({QUEUE_ID})\)?\Z")
_FORWARDED = re.compile(rf"forwarded as ({QUEUE_ID})\)?\Z")
_SAID = re.compile(r"host [^ ]{1,300} (?:said|refused to talk to me): ")
_COMMAND = re.compile(r" \(in reply to [A-Za-z :-]{1,40}\)\Z")
MAX_NAME = 253
"""Characters of a host's name (RFC 1035 section 2.3.4, without the dot at its end)."""
_IN_REPLY = " (in reply to "
_RELAY = re.compile(r"\[([0-9A-Fa-f.:]{2,45})\]")

_SKIM = re.compile(
    r"(?:[A-Z][a-z]{2} [ 0-3]?[0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)"
    r" [^ ]{1,255} postfix[^ \[:]{0,36}/(?:smtp|lmtp|local|virtual|pipe)(?:\[[0-9]{1,10}\])?: "
    rf'({QUEUE_ID}): to=<([^ "<>]*+)>, (?:orig_to=<([^ "<>]*+)>, )?'
    r"relay=([^ ,]++), (?:conn_use=[0-9]++, )?delay=[0-9.]++, delays=[0-9./]++, (?:tls=[^ ,]++, )?"
    r"dsn=2\.[0-9]{1,3}\.[0-9]{1,3}, status=sent \("
)
MAX_SKIM = 4096
"""Characters of a line that is skimmed."""

MAX_CANDIDATES = 10
"""Recipients named that a tampered outcome could be about."""


def read_delivery(text: str, at: int, queue_id: str) -> Record:
    """Read an outcome.

    Args:
        text: the message.
        at: where "to=" begins.
        queue_id: the message's.
    """
    usual = _USUAL.match(text, at) or _BARE.match(text, at)
    if usual is not None and text.find(", status=", usual.end()) < 0:
        address, original, *fields = usual.groups()
        return _outcome(queue_id, address if original is None else original, fields, text[usual.end() :])
    found = list(_CORE.finditer(text, at)) or list(_OLD_CORE.finditer(text, at))
    if len(found) > 1:
        return _tampered(text, at, queue_id, found)
    if not found:
        return Record(kind="unread", why=UNREADABLE, queue_id=queue_id)
    address, between, original = text[at + len(_TO) : found[0].start()].partition(_BETWEEN)
    if _BETWEEN in original:
        return _tampered(text, at, queue_id, found)
    return _outcome(queue_id, original if between else address, found[0].groups(), text[found[0].end() :])


def _tampered(text: str, at: int, queue_id: str, found: Sequence[re.Match[str]]) -> Record:
    """An outcome nobody can be sure of, with every recipient it could be about."""
    begun = text[at + len(_TO) :]
    names = [begun[: core.start() - at - len(_TO)] for core in found[:MAX_CANDIDATES]]
    originals = [name.partition(_BETWEEN)[2] or name for name in names]
    candidates = dict.fromkeys(bounded(name) for name in originals)
    return Record(kind="unread", why="tampered", queue_id=queue_id, candidates=tuple(candidates))


def _outcome(queue_id: str, address: str, fields: Sequence[str], behind: str) -> Record:
    """An outcome whose fields are told apart."""
    relay, dsn, status = fields
    result = RESULTS.get(status)
    if result is None:
        probe = status in _PROBES
        return Record(kind="ignored" if probe else "unread", why=PROBE if probe else UNREADABLE, queue_id=queue_id)
    words = behind.removesuffix(")")
    record = Record(
        kind="delivery",
        queue_id=queue_id,
        address=address,
        result=result,
        status=dsn or "",
        reply=bounded(_words(words)),
        receiver=_receiver(relay) if result != "delivered" else "",
    )
    if result == "delivered":
        record.relay = _address(relay)
        _follow(record, relay, words)
    return record


def _receiver(relay: str | None) -> str:
    """The host of "host[address]:port"; "" for none, and for a transport on this machine."""
    name, bracket, _ = (relay or "").partition("[")
    return name if bracket and len(name) <= MAX_NAME else ""


def skim_delivery(line: str) -> tuple[str, str] | None:
    """Queue id and original recipient of an unmistakable line of delivered mail; None: read it whole."""
    if ", status=sent (" not in line or len(line) > MAX_SKIM:
        return None
    found = _SKIM.match(line)
    if found is None or line.find(", status=", found.end()) >= 0:
        return None
    queue_id, address, original, relay = found.groups()
    if line.find(" as ", found.end()) >= 0 and (relay == "local" or ("queued as " in line and _near(relay))):
        return None
    return queue_id, address if original is None else original


def _follow(record: Record, relay: str, words: str) -> None:
    """Where a message goes on under another queue id: behind a filter of ours, or forwarded by its recipient."""
    if relay == "local":
        forwarded = _FORWARDED.search(words)
        if forwarded is not None:
            record.child, record.part = forwarded[1], "notice"
        return
    handed = _HANDED.search(words) if "queued as " in words and near(record.relay) else None
    if handed is not None:
        record.child, record.part = handed[1], "handed"


def _near(relay: str) -> bool:
    """Whether a relay is on this host or in a private network, where filters are; strangers are not."""
    return near(_address(relay))


def _address(relay: str | None) -> str:
    """The address of "host[address]:port"; "" for a transport on this machine."""
    found = _RELAY.search(relay or "")
    return found[1] if found is not None else ""


def _words(words: str) -> str:
    """The remote server's words, or Postfix's own when it never came to a conversation."""
    said = _SAID.match(words)
    if said is None:
        return words
    command = words.rfind(_IN_REPLY)
    return words[said.end() : command] if command >= 0 and _COMMAND.match(words, command) else words[said.end() :]
