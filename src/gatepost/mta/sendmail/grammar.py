"""The pieces every Sendmail line is made of.

Owns queue ids and clients. A client is `name [address]`, with `(may be forged)` behind it when the name does not
resolve back, and with `user@` in front when an ident server said so: Sendmail lets no bracket into what that server
says, so the address in the last brackets of a relay is always the one Sendmail saw.
Source: Sendmail's sendmail/queue.c (assign_queueid), daemon.c (getauthinfo), conf.c (sm_syslog); Installation and
Operation Guide, section 2.1 "System log".
"""

import re

from gatepost.core.events import MAX_REPLY
from gatepost.mta.addresses import ADDRESS, plain

QUEUE_ID = r"[0-9A-Za-z]{8}[0-9]{6,10}|[A-Z]{3}[0-9]{5,10}"
"""Eight characters of time and a process id; before 8.10 three and one."""

IDENTIFIED = re.compile(rf"(?:NOQUEUE|({QUEUE_ID})(?:\[([0-9]{{1,3}})\])?): ")
"""What a line begins with; a long line goes on in others, with `[2]`, `[3]`, … behind the queue id."""

FORGED = r"(?: \(may be forged\))?"
HOST = rf"(?:[^ \[\],]{{1,255}} )?\[(?:IPv6:)?({ADDRESS})\]{FORGED}"
"""A client: one group, its address."""

_STATUS = re.compile(r"(?:[245][0-9]{2}[ -])?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")


def address_of(found: str | None) -> str:
    """A client's address, in the one spelling; "" when the line has none."""
    return plain(found) if found else ""


def status_of(reply: str) -> str:
    """The enhanced status code (RFC 3463) at the start of a reply; "" when it has none."""
    found = _STATUS.match(reply)
    return found[1] if found is not None else ""


def bounded(reply: str) -> str:
    """As much of a reply as is kept."""
    return reply[:MAX_REPLY]
