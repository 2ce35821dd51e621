"""Exim asks: requests of ${readsocket} to questions, answers to words (docs/doors/exim.md has the other side).

The login is $authenticated_id, known from MAIL on; before that, `server_condition` of the authenticator knows whom it
lets in. acl_smtp_data runs when the message has been read: it is our `end`, acl_smtp_predata our `data`.
"""

from collections.abc import Iterator

from gatepost.core.asked import Answer, Question, Stage
from gatepost.wire import readsocket
from gatepost.wire.readsocket import Request

_STAGES: dict[str, Stage] = {"auth": "auth", "mail": "mail", "rcpt": "rcpt", "predata": "data", "data": "end"}


class Talk:
    """One connection of an Exim process; it asks one question."""

    lasting = False
    """The connection ends with the answer: Exim reads until then."""

    def __init__(self) -> None:
        self._requests = readsocket.Requests()

    @property
    def halfway(self) -> bool:
        """Whether a question has begun and not ended."""
        return self._requests.halfway

    def receive(self, data: bytes) -> Iterator[Question | None]:
        """The question; None is one that concerns nobody (another verb, another ACL).

        Raises:
            WireError: bytes that are no request.
        """
        for request in self._requests.feed(data):
            stage = _STAGES.get(request.fields.get("stage", "")) if request.verb == "ask" else None
            yield question(request, stage) if stage is not None else None

    def reply(self, answer: Answer) -> bytes:
        """The words for an answer."""
        return readsocket.line(words(answer))


def question(request: Request, stage: Stage) -> Question:
    """The fields of one request as a question."""
    get = request.fields.get
    recipient = get("recipient", "")
    return Question(
        stage=stage,
        login=get("login", ""),
        client=get("client", ""),
        sender=get("sender", ""),
        recipient=recipient if recipient != "@" else "",
        helo=get("helo", ""),
        mechanism=get("mechanism", ""),
        tls=bool(get("cipher", "")),
        queue_id=get("queue_id", ""),
        message=get("message", ""),
        recipients=number(get("recipients", "")),
        size=number(get("size", "")),
    )


def number(text: str) -> int:
    """Digits, at most ten; anything else (Exim's size before DATA is -1) is 0."""
    return int(text) if len(text) <= 10 and text.isascii() and text.isdigit() else 0


def words(answer: Answer) -> str:
    """What the ACL acts on: "pass", "slow 5", "defer …", "hold …", "deny …"."""
    if answer.act == "pass":
        return "pass"
    return f"slow {answer.seconds}" if answer.act == "slow" else f"{answer.act} {answer.text}"
