"""The lines nearly every log is made of, each read in one pass.

Owns the shapes a line has when nobody plays with it: no quotes or brackets where a stranger could put them, one client,
no certificate's name, no ident. A line of any other shape is None here and left to the grammar; whatever is read here,
the grammar reads the same (a law of tests/laws/test_dialects.py).
Source: Exim specification, chapter "Log files"; the readers of each kind name the source files.
"""

import re
from collections.abc import Callable

from gatepost.core.events import MAX_REPLY
from gatepost.mta.base import Record
from gatepost.mta.exim.arrivals import lawful
from gatepost.mta.exim.deliveries import outcome
from gatepost.mta.exim.grammar import QUEUE_ID, QUOTED
from gatepost.mta.exim.rejections import because
from gatepost.mta.exim.sessions import FAILED

_MAILBOX = r'[^ "<>@]++(?:@[^ "<>:,()\[]++)?'
_CLIENT = (
    r'(?:[^ ()\[\]"]++ )?(?:\(([^ ()"]*+)\) )?\[([0-9A-Fa-f.:]{2,64}+)\](?::[0-9]{1,6}+)?'
    r"(?: I=\[[^ \]]++\](?::[0-9]{1,6}+)?)?"
)
_CIPHER = r'(?: X=([^ "]++)(?: CV=[a-z]++)?(?: SNI=[^ "]++)?)?'
_LOGIN = r'(?: A=([^ :"]++)(?::([^ :]++))?)?'
_RECIPIENT = r'([^ "<>@|/:(),]++(?:@[^ "<>@:(),\[]++)?)(?: <([^ "<>@|/:(),]++@[^ "<>@:(),\[]++)>)?'

_ARRIVAL = re.compile(
    rf"(<>|{_MAILBOX}) H={_CLIENT} P=([0-9A-Za-z-]{{1,64}}+)(?: L[*.-]*+)?{_CIPHER}{_LOGIN}"
    r"(?: PRDR)?(?: PRX=[0-9A-Fa-f.:]++)?(?: K)? S=([0-9]++)"
    r'(?>(?: (?:M8S|DKIM|DMARC|SPF|RT|Q)=[^ "]++| ARC)*)(?: id\*?=([^ "]++))?'
    rf'(?: T={QUOTED})?(?: for ([^"<>(),:\[]++))?\Z',
    re.DOTALL,
)
HEAD = re.compile(
    rf"(?:\[[0-9]{{1,10}}\] )?{QUEUE_ID} "
    rf"(?:[=-]> {_RECIPIENT} [FRTQ]=|(<= |Completed\Z|[=*>-]> |\*\* |== ))"
)
"""What stands behind a stamp: queue id, and of plain delivered mail recipient and original recipient, else the kind.
One pattern for all, because a pattern in use stays in the processor's cache."""

_OUTCOME = re.compile(rf"{_RECIPIENT}(?= [FRTQ]=)")

_FAILURE = re.compile(
    rf"(?!DS )([0-9A-Za-z_]++){FAILED}(?:H=)?{_CLIENT}: "
    r"(535 Incorrect authentication data(?: \(set_id=(.*)\))?)\Z",
    re.DOTALL,
)
_REJECTION = re.compile(
    rf"H={_CLIENT}{_CIPHER} F=<((?:{_MAILBOX})?)>{_LOGIN} (?:temporarily )?rejected RCPT <({_MAILBOX})>"
    rf"(?:: (?=(.{{0,{MAX_REPLY}}}))|\Z)",
    re.DOTALL,
)
_LONGEST = 80
"""Characters of a refused recipient: Exim cuts the command after a hundred octets."""


def arrival(line: str, at: int, queue_id: str, flag: str) -> Record | None:
    """A message from one client, with or without a login."""
    found = _ARRIVAL.match(line, at)
    if found is None:
        return None
    sender, helo, client, protocol, cipher, mechanism, account, size, message_id, names = found.groups()
    if (helo is not None and line.find(") [", found.end(3)) >= 0) or not lawful(protocol, mechanism):
        return None
    recipients = None if names is None else _recipients(names)
    if recipients == ():
        return None
    return Record(
        kind="submission" if mechanism else "part",
        part="" if mechanism else "received",
        account=account,
        mechanism=mechanism or "",
        client=client,
        helo=helo or "",
        tls=cipher is not None,
        protocol=protocol,
        queue_id=queue_id,
        envelope_sender="" if sender == "<>" else sender,
        recipients=recipients,
        message_id=message_id or "",
        size=int(size[:15]),
    )


def session(line: str, at: int, tag: str) -> Record | None:
    """A line without a queue id: a refused recipient or a failed login.

    Args:
        line: the whole line.
        at: where the text begins, behind the stamp.
        tag: what gatepost's own refusals start with.
    """
    if line.startswith("H=", at):
        return _rejection(line, at, tag)
    return _failure(line, at) if FAILED in line else None


def _rejection(line: str, at: int, tag: str) -> Record | None:
    found = _REJECTION.match(line, at)
    if found is None:
        return None
    helo, client, cipher, sender, mechanism, account, address, reason = found.groups()
    if len(address) > _LONGEST or not address.isascii():
        return None
    if helo is not None and line.find(") [", found.end(2)) >= 0:
        return None
    record = Record(
        kind="delivery",
        account=account,
        mechanism=mechanism or "",
        client=client,
        helo=helo or "",
        tls=cipher is not None,
        envelope_sender=sender,
        address=address,
        result="refused",
    )
    return because(record, reason or "", tag)


def _failure(line: str, at: int) -> Record | None:
    found = _FAILURE.match(line, at)
    if found is None or (found[2] is not None and line.find(") [", found.end(3)) >= 0):
        return None
    mechanism, helo, client, reply, claimed = found.groups()
    return Record(
        kind="login",
        ok=False,
        account=claimed,
        mechanism=mechanism,
        client=client,
        helo=helo or "",
        reply=reply[:MAX_REPLY],
    )


def _recipients(text: str) -> tuple[str, ...]:
    """The addresses behind " for "; none at all when one of them has no domain."""
    names = tuple(text.split(" "))
    for name in names:
        if not 0 < name.find("@") < len(name) - 1:
            return ()
    return names


def delivery(line: str, at: int, queue_id: str, flag: str) -> Record | None:
    """An outcome with a recipient that is nothing but an address."""
    found = _OUTCOME.match(line, at)
    if found is None:
        return None
    address, original = found.groups()
    return outcome(line, found.end(), queue_id, flag, original or address)


def completed(line: str, at: int, queue_id: str, flag: str) -> Record:
    """The message has left the queue."""
    return Record(kind="part", part="completed", queue_id=queue_id)


DELIVERED = "=> "
"""The kind of plain delivered mail, of which HEAD tells the recipient."""

READERS: dict[str, Callable[[str, int, str, str], Record | None]] = {
    "<= ": arrival,
    **dict.fromkeys(("=> ", "-> ", ">> ", "*> ", "** ", "== "), delivery),
    "Completed": completed,
}
"""By what stands behind the queue id; each gets the line, where the rest begins, the queue id and the flag."""
