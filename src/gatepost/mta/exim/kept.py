"""What our own access control let in and froze: "H=... Warning: [gatepost] kept", and "frozen by ACL".

Owns when such a line is believed. The greeting stands in it unescaped, so the tag counts only where every way to read
the client leaves it directly behind "Warning: " (contracts 2). The second line holds nothing a client chose.
Source: Exim's src/src/acl.c (acl_warn), src/src/receive.c ("frozen by %s").
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.exim.grammar import Scan, TooManyWays, clients

FROZEN_BY_ACL = "frozen by ACL"

_HOST = re.compile(r"(?:DS )?H=")
_WARNING = " Warning: "


def read_kept(line: str, at: int, queue_id: str, tag: str) -> Record | None:
    """A warning of ours on a message that is being taken in; None when it is, or could be, anybody else's.

    Args:
        line: the whole line.
        at: where its text begins, behind the queue id.
        queue_id: the message's.
        tag: what gatepost's own words start with.
    """
    host = _HOST.match(line, at)
    if host is None or f"{_WARNING}{tag}" not in line:
        return None
    try:
        found = list(clients(Scan(line), host.end()))
    except TooManyWays:
        return None
    if not found or not all(line.startswith(f"{_WARNING}{tag}", client.end) for client in found):
        return None
    return Record(kind="own", part="kept", queue_id=queue_id, client=found[0].address if len(found) == 1 else "")
