"""What became of recipients: the lines of the agents that deliver, and of envelopes that were given up.

Owns where the addresses end and the remote server's words begin. A local part may hold nearly anything, and so may the
words; between them stand `delay=`, `result=` and `stat=`, once in an honest line. A line that holds them twice, or from
which more than one pair of addresses could be read, is tampered with.
Source: OpenSMTPD's usr.sbin/smtpd/mta.c (mta_log), mda.c (mda_log), queue.c (queue_log), to.c.
"""

import re

from gatepost.core.events import MAX_REPLY, Result
from gatepost.mta.base import TAMPERED, Record

OUTGOING = "a delivery attempt"
UNREADABLE = "a delivery whose fields are not in OpenSMTPD's order"
REMOVED = "an envelope that an operator removed"

RESULTS: dict[str, Result] = {
    "Ok": "delivered",
    "TempFail": "deferred",
    "PermFail": "bounced",
    "Loop": "bounced",
    "Expire": "bounced",
}

_REMOTE = re.compile(
    r' source="[^"]{0,255}" relay="[^"]{0,512}" delay=[0-9dhms]{1,20} result="([A-Za-z]{1,12})" stat="', re.DOTALL
)
_LOCAL = re.compile(r" user=([^ ]{1,64}) delay=[0-9dhms]{1,20} result=([A-Za-z]{1,12}) stat=")
_HEAD = re.compile(r"(?:mta|mda) delivery evpid=([0-9a-f]{8})[0-9a-f]{8} from=<")
_GIVEN_UP = re.compile(
    r"(?:delivery|relay|bounce|smtp-out): ([A-Za-z]{2,12}) for ([0-9a-f]{8})[0-9a-f]{8}: "
    r"(?:session=[0-9a-f]{16}, )?from=<"
)
_OLDER = re.compile(
    r"(?:, user=[^ ,]{1,64})?(?:, method=[^ ,]{1,64})?(?:, source=[^,]{0,255})?(?:, relay=[^,]{0,512})?"
    r", delay=[0-9dhms]{1,20}, stat="
)
_STATUS = re.compile(r"(?:[245][0-9]{2}[ -])?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")


def read_delivery(text: str, at: int) -> Record:
    """Read a line of an agent, behind its session's id; of no interest when it is no outcome."""
    head = _HEAD.match(text, at)
    if head is None:
        return Record(kind="ignored", why=OUTGOING)
    remote = text.startswith("mta ", at)
    core = list((_REMOTE if remote else _LOCAL).finditer(text, head.end()))
    if len(core) != 1:
        return _unread(head[1], bool(core))
    result = RESULTS.get(core[0][1 if remote else 2])
    addresses = _addresses(text[head.end() : core[0].start()], " ")
    if result is None or addresses is None:
        return _unread(head[1], result is not None)
    words = text[core[0].end() :]
    return _outcome(head[1], addresses, result, words.removesuffix('"') if remote else words)


def read_given_up(text: str) -> Record | None:
    """Read a line about an envelope that is given up, or an outcome as before 6.0; None for any other line."""
    head = _GIVEN_UP.match(text)
    if head is None:
        return None
    result, queue_id = RESULTS.get(head[1]), head[2]
    if head[1] == "Remove":
        return Record(kind="ignored", why=REMOVED, queue_id=queue_id)
    core = list(_OLDER.finditer(text, head.end()))
    if len(core) != 1 or result is None:
        return _unread(queue_id, len(core) > 1)
    addresses = _addresses(text[head.end() : core[0].start()], ", ")
    if addresses is None:
        return _unread(queue_id, True)
    return _outcome(queue_id, addresses, result, text[core[0].end() :])


def _addresses(text: str, comma: str) -> tuple[str, str] | None:
    """Where an envelope went, and the recipient that was asked for; None when they cannot be told apart.

    Args:
        text: sender, destination and recipient, from behind "from=<" on.
        comma: what stands between two fields.
    """
    _, found, rest = text.partition(f">{comma}to=<")
    if not found or not rest.endswith(">") or f">{comma}to=<" in rest:
        return None
    destination, _, recipient = rest[:-1].partition(f">{comma}rcpt=<")
    return None if f">{comma}rcpt=<" in recipient else (destination, recipient)


def _unread(queue_id: str, tampered: bool) -> Record:
    return Record(kind="unread", why=TAMPERED if tampered else UNREADABLE, queue_id=queue_id)


def _outcome(queue_id: str, addresses: tuple[str, str], result: Result, words: str) -> Record:
    """An outcome; an alias's members are one recipient, the one that was asked for."""
    destination, recipient = addresses
    code = _STATUS.match(words)
    return Record(
        kind="delivery",
        part="counted",
        queue_id=queue_id,
        address=recipient if recipient not in {"", "-", "@"} else destination,
        result=result,
        status=code[1] if code is not None else "",
        reply=words[:MAX_REPLY],
    )
