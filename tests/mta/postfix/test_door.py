"""What Postfix asks, and what it is told."""

import os
from pathlib import Path

import pytest

from gatepost.core.asked import PASS, Answer, Question
from gatepost.mta.postfix.door import Talk, words

SHARED = Path(os.environ.get("GATEPOST_SHARED", Path(__file__).parents[4] / "shared"))

RCPT = b"""request=smtpd_access_policy
protocol_state=RCPT
protocol_name=ESMTP
client_address=192.0.2.7
helo_name=ann-pc
sender=ann@example.org
recipient=ben@example.test
recipient_count=0
queue_id=4Hx1
instance=123.456.0
size=0
sasl_method=plain
sasl_username=Ann@example.org
encryption_protocol=TLSv1.3

"""


def test_a_recipient_is_a_question() -> None:
    """Whose, from where, to whom, in which message; nothing of the program, which the log does not tell."""
    (found,) = Talk().receive(RCPT)
    assert found == Question(
        stage="rcpt",
        login="Ann@example.org",
        client="192.0.2.7",
        sender="ann@example.org",
        recipient="ben@example.test",
        queue_id="4Hx1",
        message="123.456.0",
    )


def test_another_request_concerns_nobody() -> None:
    """VRFY has no message; another protocol is not ours."""
    talk = Talk()
    assert list(talk.receive(RCPT.replace(b"=RCPT", b"=VRFY"))) == [None]
    assert list(talk.receive(RCPT.replace(b"smtpd_access_policy", b"other"))) == [None]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PASS, "DUNNO"),
        (Answer("slow", seconds=7), "sleep 7"),
        (Answer("defer", "[g] later"), "DEFER_IF_PERMIT 4.7.1 [g] later"),
        (Answer("hold", "[g] kept"), "HOLD [g] kept"),
        (Answer("deny", "[g] stopped"), "REJECT 5.7.1 [g] stopped"),
    ],
)
def test_every_answer_is_an_action_of_access_5(answer: Answer, said: str) -> None:
    """One action for each act."""
    assert words(answer) == said
    assert Talk().reply(answer) == f"action={said}\n\n".encode()


def test_a_real_postfix_is_understood() -> None:
    """Everything Postfix 3.7 asked during one submission: every stage, and the message's own count at the end."""
    capture = SHARED / "captures" / "postfix-policy.txt"
    if not capture.exists():
        pytest.skip("no folder with captures: set GATEPOST_SHARED")
    blocks = capture.read_text().split(">>>\n")[1:]
    asked = [found for block in blocks for found in Talk().receive(block.partition("<<<")[0].encode())]
    stages = [found.stage if found else None for found in asked]
    assert stages == ["connect", "connect", "mail", "rcpt", "data", "end", None, "rcpt"]
    last = asked[5]
    assert last is not None and (last.recipients, last.login) == (1, "u1@example.test") and last.size > 0
