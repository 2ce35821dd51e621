"""Postfix asks: policy requests to questions, answers to actions (access(5), SMTPD_POLICY_README).

`recipient_count` is 0 at RCPT and right from DATA on; `instance` names the message from its first RCPT on; the true
size is known at END-OF-MESSAGE. There is no request for a login alone. Greeting, mechanism and encryption are left out
of a question: Postfix logs them differently or not at all, and a program must not look new because a door knows more.
"""

from collections.abc import Iterator

from gatepost.core.asked import PASS, Answer, Question, Stage
from gatepost.wire import policy
from gatepost.wire.policy import Attributes
from gatepost.wire.texts import number

_STAGES: dict[str, Stage] = {
    "CONNECT": "connect",
    "EHLO": "connect",
    "HELO": "connect",
    "MAIL": "mail",
    "RCPT": "rcpt",
    "DATA": "data",
    "END-OF-MESSAGE": "end",
}

_WANTED = (
    "request", "protocol_state", "sasl_username", "client_address", "sender", "recipient", "queue_id", "instance",
    "recipient_count", "size",
)  # fmt: skip


class Talk:
    """One connection of an smtpd process; it asks one question after the other."""

    lasting = True
    """The connection stays open after an answer."""

    def __init__(self) -> None:
        self._requests = policy.Requests(_WANTED)

    @property
    def halfway(self) -> bool:
        """Whether a question has begun and not ended."""
        return self._requests.halfway

    def receive(self, data: bytes) -> Iterator[Question | None]:
        """Questions; None is one that concerns nobody (VRFY, ETRN, another request).

        Raises:
            WireError: bytes that are no request.
        """
        for found in self._requests.feed(data):
            stage = _STAGES.get(found.get("protocol_state", ""))
            asked = found.get("request") == "smtpd_access_policy" and stage is not None
            yield question(found, stage) if asked and stage is not None else None

    def reply(self, answer: Answer) -> bytes:
        """The action for an answer."""
        return policy.DUNNO if answer is PASS else policy.action(words(answer))


def question(found: Attributes, stage: Stage) -> Question:
    """The attributes of one request as a question."""
    get = found.get
    return Question(
        stage=stage,
        login=get("sasl_username", ""),
        client=get("client_address", ""),
        sender=get("sender", ""),
        recipient=get("recipient", ""),
        queue_id=get("queue_id", ""),
        message=get("instance", ""),
        recipients=number(get("recipient_count", "")),
        size=number(get("size", "")),
    )


def words(answer: Answer) -> str:
    """An action of access(5): "DUNNO", "sleep 5", "FILTER suspects:", "PREPEND X-Suspect: yes", "REJECT …"."""
    if answer.act == "pass":
        return "DUNNO"
    if answer.act == "slow":
        return f"sleep {answer.seconds}"
    if answer.act == "route":
        return f"FILTER {answer.text}"
    if answer.act == "mark":
        return f"PREPEND {answer.text}"
    if answer.act == "defer":
        return f"DEFER_IF_PERMIT 4.7.1 {answer.text}"
    return f"HOLD {answer.text}" if answer.act == "hold" else f"REJECT 5.7.1 {answer.text}"
