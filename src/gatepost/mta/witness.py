"""What a mail server asks in the dialogue, as the record of what happened there (contracts 9).

For hosts of which no log is read. A message counts when its end was asked about and neither refused nor kept, with the
number of recipients that the server states then; those that RCPT named are its addresses. What was answered otherwise
is gatepost's own and no evidence (contracts 2). Messages that never end leave nothing behind.
"""

from msgspec import Struct, field

from gatepost.core.asked import Answer, Outcome, Question
from gatepost.core.events import MAX_ADDRESSES
from gatepost.core.units import Instant
from gatepost.mta.base import Kind, Part, Record
from gatepost.mta.sessions import keep

MAX_MESSAGES = 4_000
"""Messages in progress whose addresses are remembered; of the oldest only the number will be known."""

MAX_ADDRESS = 320
"""Characters of an address that is remembered: RFC 5321 section 4.5.3.1 allows 254."""

UNKNOWN = "5.1.1"
"""The status of a recipient that the mail server says does not exist."""

_Key = tuple[str, str]


class _Begun(Struct):
    addresses: dict[str, None] = field(default_factory=dict)
    kept: bool = False


class Witness:
    """Remembers messages in progress of one host until they end."""

    def __init__(self, *, holds_at_once: bool, tells: bool, local_users: bool = False) -> None:
        """Say what the mail server does.

        Args:
            holds_at_once: it keeps a message as soon as that was answered once, at whatever stage (Postfix); else only
                when it is answered at the end (Exim).
            tells: outcomes will be told; else a message is over when it was accepted.
            local_users: it asks in the name of local users too, without a client's address.
        """
        self._holds_at_once, self._tells, self._local_users = holds_at_once, tells, local_users
        self._begun: dict[_Key, _Begun] = {}
        self._ended: dict[_Key, None] = {}

    def asked(self, question: Question, answer: Answer, at: Instant) -> Record | None:
        """What a question and its answer mean; None is nothing yet.

        Args:
            question: of somebody who authenticated.
            answer: what it was answered.
            at: now.
        """
        key = (question.login, question.progress)
        if question.login.startswith("relay/") or (question.stage == "end" and key in self._ended):
            return None
        if answer.act in ("deny", "defer"):
            if question.stage in ("data", "end"):
                self._begun.pop(key, None)
            return self._record("own", question, at)
        if question.stage == "rcpt":
            return self._recipient(key, question, answer, at)
        return self._end(key, question, answer, at) if question.stage == "end" else None

    def told(self, outcome: Outcome, at: Instant) -> Record:
        """What became of a recipient."""
        return Record(
            kind="delivery",
            part="counted",
            time=at,
            queue_id=outcome.queue_id,
            address=outcome.recipient,
            result=outcome.result,
            status=outcome.status,
            reply=outcome.reply,
            receiver=outcome.receiver,
        )

    def _recipient(self, key: _Key, question: Question, answer: Answer, at: Instant) -> Record | None:
        address = question.recipient.lower()
        if question.unknown:
            refused = self._record("delivery", question, at)
            refused.result, refused.address, refused.status = "refused", address, UNKNOWN
            return refused
        begun = self._begun.get(key)
        if begun is None:
            begun = _Begun()
            keep(self._begun, key, begun, MAX_MESSAGES)
        begun.kept = begun.kept or (answer.act == "hold" and self._holds_at_once)
        if len(begun.addresses) < MAX_ADDRESSES and 0 < len(address) <= MAX_ADDRESS:
            begun.addresses[address] = None
        return None

    def _end(self, key: _Key, question: Question, answer: Answer, at: Instant) -> Record:
        begun = self._begun.pop(key, None) or _Begun()
        if question.message or question.queue_id:
            keep(self._ended, key, None, MAX_MESSAGES)
        if answer.act == "hold" or begun.kept:
            return self._record("own", question, at, "kept")
        found = self._record("submission", question, at)
        found.envelope_sender, found.size = question.sender, question.size
        found.recipients = tuple(begun.addresses) or None
        found.recipient_count = question.recipients or len(begun.addresses) or None
        if not self._tells:
            found.also = Record(kind="part", part="completed", time=at, queue_id=question.queue_id)
        return found

    def _record(self, kind: Kind, question: Question, at: Instant, part: Part = "") -> Record:
        local = self._local_users and not question.client and question.login.startswith("local/")
        return Record(
            kind=kind,
            part=part,
            time=at,
            account=question.login,
            user=question.login.removeprefix("local/").rpartition("@")[0] if local else "",
            client=question.client,
            helo=question.helo,
            mechanism=question.mechanism,
            tls=question.tls,
            queue_id=question.queue_id,
        )
