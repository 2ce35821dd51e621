"""Sendmail's log, behind the syslog header: versions 8.9 to 8.18.

Owns which lines are looked at. A message is the account's that logged in on the same process before; since 8.15 the
protocol says whether somebody had (`ESMTPSA`), and once a log does so, a message without it is nobody's.
Source: Sendmail's Installation and Operation Guide, section 2.1; cf/README, "STARTTLS" and "SMTP AUTHENTICATION".
"""

import re

from gatepost.mta.base import Record
from gatepost.mta.sendmail.deliveries import read_delivery, read_notice
from gatepost.mta.sendmail.grammar import IDENTIFIED
from gatepost.mta.sendmail.refusals import read_refusal
from gatepost.mta.sendmail.sessions import read_message, read_session
from gatepost.mta.sessions import keep

OTHER = "Sendmail's own affairs"
QUEUE = "a note on a message"
CONTINUED = "the rest of a long line"
TOLD = "failed logins that were told one by one"
TOO_LONG = "longer than any line Sendmail writes"

MAX_TEXT = 8192
"""Characters looked at: Sendmail writes about a thousand to a line."""

MAX_FAILED = 10_000
"""Sessions whose failed logins are remembered."""

_OWNED = re.compile(r"sendmail(?:-[a-z]{1,24})?|sm-[a-z-]{1,32}")
_AUTHENTICATED = frozenset({"esmtpa", "esmtpsa"})


class Sendmail:
    """Reads what stands behind a syslog header of Sendmail's, in the order of the log.

    Args:
        tag: what gatepost's own refusals start with.
    """

    name = "sendmail"
    vague = frozenset({OTHER})

    def __init__(self, tag: str = "[gatepost]") -> None:
        self.tag = tag
        self._says_login = False
        self._failed: dict[str, None] = {}

    def owns(self, program: str) -> bool:
        """Whether a header's program is Sendmail's: "sendmail", "sm-mta", "sm-msp-queue"."""
        return _OWNED.fullmatch(program) is not None

    def message(self, program: str, pid: str, text: str) -> Record:
        """What a message states. Never raises, whatever it holds.

        Args:
            program: not used: every one of Sendmail's speaks the same language.
            pid: what the lines of a session share.
            text: the message behind the header.
        """
        if len(text) > MAX_TEXT:
            return Record(kind="ignored", why=TOO_LONG)
        found = IDENTIFIED.match(text)
        if found is not None and found[2] is not None and int(found[2]) > 1:
            return Record(kind="ignored", why=CONTINUED, queue_id=found[1])
        at, queue_id = (found.end(), found[1] or "") if found is not None else (0, "")
        record = self._read(text, at, queue_id)
        record.session = pid or "-"
        return record

    def _read(self, text: str, at: int, queue_id: str) -> Record:
        if queue_id and text.startswith("from=", at):
            return self._message(read_message(text, at, queue_id))
        if queue_id and text.startswith("to=", at):
            return read_delivery(text, at, queue_id)
        record = read_refusal(text, at, queue_id, self.tag) or read_session(text, at, queue_id)
        if record is not None:
            return self._login(record) if record.kind == "login" and queue_id else record
        notice = read_notice(text, at, queue_id) if queue_id else None
        return notice or Record(kind="ignored", why=QUEUE if queue_id else OTHER, queue_id=queue_id)

    def _message(self, record: Record) -> Record:
        """A message says whether somebody had logged in, or the log's Sendmail is too old to say it."""
        self._says_login = self._says_login or record.protocol in _AUTHENTICATED
        if record.part == "sent" and self._says_login and record.protocol not in _AUTHENTICATED:
            record.part = "received"
        return record

    def _login(self, record: Record) -> Record:
        """A failed login: told by itself, or by the count that ends the session's patience, never by both."""
        if not record.reply and record.queue_id in self._failed:
            return Record(kind="ignored", why=TOLD, queue_id=record.queue_id)
        keep(self._failed, record.queue_id, None, MAX_FAILED)
        return record
