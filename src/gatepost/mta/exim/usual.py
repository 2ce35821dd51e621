"""The lines nearly every log is made of, each read in one pass.

Owns the shapes a line has when nobody plays with it: no quotes or brackets where a stranger could put them, one client,
no certificate's name, no ident. A line of any other shape is None here and left to the grammar; whatever is read here,
the grammar reads the same (a law of tests/laws/test_dialects.py).
Source: Exim specification, chapter "Log files"; the readers of each kind name the source files.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from gatepost.core.events import MAX_REPLY
from gatepost.mta.base import Record
from gatepost.mta.exim.arrivals import lawful
from gatepost.mta.exim.deliveries import outcome
from gatepost.mta.exim.grammar import QUEUE_ID, QUOTED
from gatepost.mta.exim.rejections import because
from gatepost.mta.exim.sessions import FAILED

MAX_LINKS = 2048
"""Links kept: a client's protocol, cipher and login are the same from message to message."""

STAMP = 20
"""Characters of "2026-03-02 10:00:00 ": the text begins behind them."""

_MAILBOX = r'[^ "<>@]++(?:@[^ "<>:,()\[]++)?'
_QUALIFIED = r'[^ "<>@]++@[^ "<>:,()\[]++'
_CLIENT = (
    r'(?:[^ ()\[\]"]++ )?(?:\(([^ ()"]*+)\) )?\[([0-9A-Fa-f.:]{2,64})\](?::[0-9]{1,6})?'
    r"(?: I=\[[^ \]]++\](?::[0-9]{1,6})?)?"
)
_CIPHER = r'(?: X=([^ "]++)(?: CV=[a-z]++)?(?: SNI=[^ "]++)?)?'
_LOGIN = r'(?: A=([^ :"]++)(?::([^ :]++))?)?'
_RECIPIENT = r'([^ "<>@|/:(),]++(?:@[^ "<>@:(),\[]++)?)(?: <([^ "<>@|/:(),]++@[^ "<>@:(),\[]++)>)?'

_ARRIVAL = re.compile(rf"{QUEUE_ID} <= (<>|{_MAILBOX}) H={_CLIENT}(?= P=)")
_LINK = re.compile(
    rf" P=([0-9A-Za-z-]{{1,64}})(?: L[*.-]*+)?{_CIPHER}{_LOGIN}(?: PRDR)?(?: PRX=[0-9A-Fa-f.:]++)?(?: K)?",
)
_SHORT_TAIL = re.compile(
    r' S=([0-9]++)(?: id=([^ "]++))?(?: T="[^"\\]*+")?'
    rf"(?: for ({_QUALIFIED}(?: {_QUALIFIED})*))?\Z",
    re.DOTALL,
)
_TAIL = re.compile(
    r' S=([0-9]++)(?>(?: (?=[ADMQRS])(?:M8S|DKIM|DMARC|SPF|RT|Q)=[^ "]++| ARC)*)(?: id\*?=([^ "]++))?'
    rf"(?: T={QUOTED})?(?: for ({_QUALIFIED}(?>(?: {_QUALIFIED})*)))?\Z",
    re.DOTALL,
)
_OUTCOME = re.compile(rf"{QUEUE_ID} ([=*>-]> |\*\* |== ){_RECIPIENT}(?= [FRTQ]=)")
_COMPLETED = re.compile(rf"{QUEUE_ID} Completed\Z")
SKIM = re.compile(rf"[0-5][0-9] {QUEUE_ID} [=-]> {_RECIPIENT} [FRTQ]=")
"""A line of delivered mail from its stamp's seconds on: queue id, recipient, original recipient."""

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


class Link(NamedTuple):
    """What stands between P= and S= of an arrival."""

    protocol: str
    tls: bool
    mechanism: str
    account: str | None


class Usual:
    """Reads usual lines and remembers the links it saw.

    Args:
        tag: what gatepost's own refusals start with.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self._links: dict[str, Link] = {}
        self.readers: dict[str, Callable[[str], Record | None]] = {
            "<= ": self.arrival,
            **dict.fromkeys(("=> ", "-> ", ">> ", "*> ", "** ", "== "), delivery),
            "Com": completed,
        }
        """By the three characters behind the queue id."""

    def arrival(self, line: str) -> Record | None:
        """A message from one client, with or without a login."""
        head = _ARRIVAL.match(line, STAMP)
        if head is None:
            return None
        queue_id, sender, helo, client = head.groups()
        start, end = head.end(), line.find(" S=", head.end())
        link = self._links.get(line[start:end]) or self._learn(line[start:end])
        tail = _SHORT_TAIL.match(line, end) or _TAIL.match(line, end) if link is not None and end > 0 else None
        if link is None or tail is None or (helo is not None and line.find(") [", start) >= 0):
            return None
        size, message_id, names = tail.groups()
        protocol, tls, mechanism, account = link
        return Record(
            kind="submission" if mechanism else "part",
            part="" if mechanism else "received",
            account=account,
            mechanism=mechanism,
            client=client,
            helo=helo or "",
            tls=tls,
            protocol=protocol,
            queue_id=queue_id,
            envelope_sender="" if sender == "<>" else sender,
            recipients=tuple(names.split(" ")) if names else None,
            message_id=message_id or "",
            size=int(size[:15]),
        )

    def _learn(self, text: str) -> Link | None:
        """The link a text says, remembered; None when it says another thing."""
        found = _LINK.fullmatch(text)
        if found is None or not lawful(found[1], found[3] or ""):
            return None
        if len(self._links) >= MAX_LINKS:
            self._links.clear()
        link = self._links[text] = Link(found[1], found[2] is not None, found[3] or "", found[4])
        return link

    def session(self, line: str) -> Record | None:
        """A line without a queue id: a refused recipient or a failed login."""
        if line.startswith("H=", STAMP):
            return self._rejection(line)
        return _failure(line) if FAILED in line else None

    def _rejection(self, line: str) -> Record | None:
        found = _REJECTION.match(line, STAMP)
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
        return because(record, reason or "", self.tag)


def _failure(line: str) -> Record | None:
    found = _FAILURE.match(line, STAMP)
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


def delivery(line: str) -> Record | None:
    """An outcome with a recipient that is nothing but an address."""
    found = _OUTCOME.match(line, STAMP)
    if found is None:
        return None
    queue_id, flag, address, original = found.groups()
    return outcome(line, found.end(), queue_id, flag, original or address)


def completed(line: str) -> Record | None:
    """The message has left the queue."""
    found = _COMPLETED.match(line, STAMP)
    return Record(kind="part", part="completed", queue_id=found[1]) if found is not None else None
