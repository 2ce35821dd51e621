"""Exim asks and tells: requests of ${readsocket} to questions and outcomes, answers to words (docs/doors/exim.md).

The login is $authenticated_id, known from MAIL on; before that, `server_condition` of the authenticator knows whom it
lets in. acl_smtp_data runs when the message has been read: it is our `end`, acl_smtp_predata our `data`. Events are
those of a transport's `event_action` (Exim specification, chapter "Event actions") that tell a recipient's fate.
"""

from collections.abc import Iterator

from gatepost.core.asked import Answer, Asked, Outcome, Question, Stage
from gatepost.core.events import MAX_REPLY, Result
from gatepost.mta.exim.deliveries import said, status_of
from gatepost.wire import readsocket
from gatepost.wire.readsocket import Request
from gatepost.wire.texts import number

_STAGES: dict[str, Stage] = {"auth": "auth", "mail": "mail", "rcpt": "rcpt", "predata": "data", "data": "end"}

_RESULTS: dict[str, Result] = {
    "msg:delivery": "delivered",
    "msg:fail:delivery": "bounced",
    "msg:fail:internal": "bounced",
    "msg:defer": "deferred",
    "msg:rcpt:defer": "deferred",
}


class Talk:
    """One connection of an Exim process; it asks one question, or tells one outcome."""

    lasting = False
    """The connection ends with the answer: Exim reads until then."""

    def __init__(self) -> None:
        self._requests = readsocket.Requests()

    @property
    def halfway(self) -> bool:
        """Whether a question has begun and not ended."""
        return self._requests.halfway

    def receive(self, data: bytes) -> Iterator[Asked | None]:
        """What is asked or told; None concerns nobody (another verb, another ACL, another event).

        Raises:
            WireError: bytes that are no request.
        """
        for request in self._requests.feed(data):
            yield _outcome(request) if request.verb == "tell" else _question(request)

    def reply(self, answer: Answer) -> bytes:
        """The words for an answer."""
        return readsocket.line(words(answer))


def _question(request: Request) -> Question | None:
    get = request.fields.get
    stage = _STAGES.get(get("stage", "")) if request.verb == "ask" else None
    if stage is None:
        return None
    return Question(
        stage=stage,
        login=get("login", ""),
        client=get("client", ""),
        sender=get("sender", ""),
        recipient=_recipient(request),
        helo=get("helo", ""),
        mechanism=get("mechanism", ""),
        tls=bool(get("cipher", "")),
        queue_id=get("queue_id", ""),
        message=get("message", ""),
        recipients=number(get("recipients", "")),
        size=number(get("size", "")),
        unknown=stage == "rcpt" and get("unknown", "") == "yes",
    )


def _outcome(request: Request) -> Outcome | None:
    get = request.fields.get
    result, recipient = _RESULTS.get(get("event", "")), _recipient(request)
    if result is None or not recipient:
        return None
    reply = said(get("data", ""))
    return Outcome(
        login=get("login", ""),
        queue_id=get("queue_id", ""),
        recipient=recipient,
        result=result,
        client=get("client", ""),
        helo=get("helo", ""),
        mechanism=get("mechanism", ""),
        tls=bool(get("cipher", "")),
        reply=reply[:MAX_REPLY],
        status=status_of(reply),
        receiver=get("host", ""),
    )


def _recipient(request: Request) -> str:
    """An address; Exim has no local part where there is no recipient."""
    found = request.fields.get("recipient", "")
    return "" if found.startswith("@") else found


def words(answer: Answer) -> str:
    """What the ACL acts on: "pass", "slow 5", "defer …", "hold …", "deny …"."""
    if answer.act == "pass":
        return "pass"
    return f"slow {answer.seconds}" if answer.act == "slow" else f"{answer.act} {answer.text}"
