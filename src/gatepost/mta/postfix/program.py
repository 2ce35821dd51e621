"""Postfix's log, behind the syslog header: which of its servers wrote a line, and who reads it.

Owns the names: every instance and service logs as `postfix…/…/server` (`syslog_name`), and the server's own name is the
last part. Versions 2.11 to 3.11.
Source: Postfix's postconf(5), `syslog_name`; src/global/mail_task.c.
"""

import re
from collections.abc import Callable
from functools import partial

from gatepost.mta.base import Record
from gatepost.mta.postfix.deliveries import read_delivery, skim_delivery
from gatepost.mta.postfix.grammar import IDENTIFIED, NO_QUEUE
from gatepost.mta.postfix.notes import OTHER, OUTGOING, QUEUE, SERVERS, SETUP, note
from gatepost.mta.postfix.queue import read_queue, read_usual
from gatepost.mta.postfix.refusals import read_refusal
from gatepost.mta.postfix.sessions import SESSION, read_opened, read_session

_DAEMONS = frozenset(
    {"smtpd", "smtp", "lmtp", "local", "virtual", "pipe", "error", "discard", "cleanup", "qmgr", "nqmgr", "oqmgr",
     "pickup", "bounce", "postsuper"}
)  # fmt: skip
_SERVER_NOTES = {"smtp": OUTGOING, "lmtp": OUTGOING, "postsuper": SETUP}
MAX_PROGRAMS = 1000
"""Programs whose readers are remembered."""

_OWNED = re.compile(r"postfix[^/]*(?:/|\Z)", re.IGNORECASE)


class Postfix:
    """Reads what Postfix's servers say.

    Args:
        tag: what gatepost's own refusals start with.
    """

    name = "postfix"
    vague: frozenset[str] = frozenset()
    skim = staticmethod(skim_delivery)

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag
        self._readers: dict[str, Callable[[str], Record] | None] = {}
        """Who reads the lines of a program; None: nobody."""

    def owns(self, program: str) -> bool:
        """Whether a header's program is Postfix's: "postfix/smtpd", "postfix-out/submission/smtpd", "mx/qmgr"."""
        if _OWNED.match(program) is not None:
            return True
        name, slash, server = program.rpartition("/")
        return bool(slash and name) and (server in _DAEMONS or server in SERVERS)

    def message(self, program: str, pid: str, text: str) -> Record:
        """What a message states. Never raises, whatever it holds."""
        if program not in self._readers:
            self._get_to_know(program)
        read = self._readers[program]
        if read is None:
            return Record(kind="ignored", why=SERVERS.get(_server(program), OTHER))
        record = read(text)
        record.session = pid or "-"
        return record

    def _get_to_know(self, program: str) -> None:
        """Remember who reads the lines of a program: there are few."""
        if len(self._readers) >= MAX_PROGRAMS:
            self._readers.clear()
        server = _server(program)
        reads = self._smtpd if server == "smtpd" else partial(self._queued, _SERVER_NOTES.get(server, QUEUE))
        self._readers[program] = reads if server in _DAEMONS else None

    def _smtpd(self, text: str) -> Record:
        if text.startswith(SESSION):
            return read_session(text) or note(text)
        found = IDENTIFIED.match(text)
        if found is None:
            proxied = read_refusal(text, 0, "", self.tag) if text.startswith("proxy-") else None
            return proxied or read_session(text) or note(text)
        at, queue_id = found.end(), found[1] if found[1] != NO_QUEUE else ""
        if text.startswith("client=", at):
            return read_opened(text, at, queue_id)
        return read_refusal(text, at, queue_id, self.tag) or Record(kind="ignored", why=QUEUE, queue_id=queue_id)

    def _queued(self, otherwise: str, text: str) -> Record:
        """A line of any other server: what tells of a message begins with its queue id."""
        found = IDENTIFIED.match(text)
        if found is None or found[1] == NO_QUEUE:
            return note(text, otherwise)
        at, queue_id = found.end(), found[1]
        if text.startswith("to=", at):
            return read_delivery(text, at, queue_id)
        return (
            read_usual(text, at, queue_id)
            or read_refusal(text, at, queue_id, self.tag)
            or read_queue(text, at, queue_id)
        )


def _server(program: str) -> str:
    """The server of "postfix/submission/smtpd"."""
    return program[program.rfind("/") + 1 :]
