"""Lines of Dovecot's submission service: messages it handed on for an account.

Owns account, sender and number of recipients of a relayed message. The account stands in front and has logged in; the
sender is the client's text, the reply the relay's, which is the operator's own. The client is not on the line: it is
that of the session's login, when this reader has seen it.
Source: Dovecot src/submission/submission-backend-relay.c.
"""

import re

from gatepost.core.events import MAX_REPLY
from gatepost.mta.base import Record
from gatepost.mta.dovecot.memory import Memory
from gatepost.mta.dovecot.wording import LEVEL, SERVER

_RELAYED = re.compile(
    rf"submission\((?P<user>[^()<>]*)\)(?:<[0-9]+>)?(?:<(?P<session>[^<>, ]*)>)?: {LEVEL}"
    r"(?P<what>Successfully relayed|Failed to relay) message: from=<(?P<sender>.*)>, size=(?P<size>[0-9]{1,18}), "
    r"id=[^ ,]{0,128}, nrcpt=(?P<count>[0-9]{1,9}), reply=`(?P<reply>.*)'",
    re.DOTALL,
)
_QUEUED = re.compile(r"\b(?:queued as |id=)([A-Za-z0-9-]{6,32})\Z")


def read_relayed(text: str, memory: Memory) -> Record:
    """Read a line of the submission service, beginning with the process's name."""
    found = _RELAYED.fullmatch(text)
    if found is None:
        return Record(kind="ignored", why=SERVER)
    taken = found["what"].startswith("S")
    queued = _QUEUED.search(found["reply"]) if taken else None
    client = memory.clients.get(found["session"]) if found["session"] else None
    return Record(
        kind="submission" if taken else "delivery",
        account=found["user"] or None,
        client=client or "",
        protocol="submission",
        queue_id=queued[1] if queued else "",
        envelope_sender=found["sender"],
        recipient_count=int(found["count"]),
        size=int(found["size"]),
        result=None if taken else "refused",
        reply=found["reply"][:MAX_REPLY],
    )
