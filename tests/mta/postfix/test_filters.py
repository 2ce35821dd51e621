"""Messages that a content filter takes and gives back: one message, whatever its queue ids (contracts 3)."""

import pytest
from tests.mta.postfix.lines import (
    ANN,
    MUA,
    OK,
    UNKNOWN,
    A,
    B,
    C,
    Log,
    handed,
    opened,
    outcomes,
    queued,
    read,
    removed,
    sent,
    to,
)

from gatepost.core.events import Cursor, Submission

FILTERED = {
    "the filter's answer first": [opened(C, "", "localhost[127.0.0.1]"), queued(C), handed(A, C), removed()],
    "the original queue id": [
        opened(C, f"orig_queue_id={A}, orig_client={MUA}", "localhost[127.0.0.1]"), queued(C), handed(A, C), removed()
    ],
    "a filter of two": [
        opened(B, "", "localhost[127.0.0.1]"), queued(B), handed(A, B), removed(),
        opened(C, "", "unknown[10.0.0.5]"), queued(C), handed(B, C), removed(B),
    ],
    "put through the queue again": [f"postsuper: {A}: requeued", f"pickup: {C}: uid=0 from=<a> orig_id={A}", queued(C)],
}  # fmt: skip


@pytest.mark.parametrize("way", FILTERED)
def test_a_filters_copy_is_the_message(way: str) -> None:
    """Nothing counts twice, and what becomes of the copy is the account's."""
    log = Log()
    found = log.read([opened(), queued(), *FILTERED[way], to("bob@example.net", UNKNOWN, C), removed(C)])
    assert sent(found) == [("ann@example.org", A, 1)]
    assert outcomes(found) == [("ann@example.org", "bounced", "bob@example.net", 1)]
    assert (log.thread.open, log.thread.early.unjoined) == ({}, 0)


def test_a_copy_that_is_done_before_the_filter_answers_is_the_accounts_too() -> None:
    """The copy is delivered in the moment in which the filter still answers; its lines wait for that."""
    log = Log()
    found = log.read([
        opened(), queued(recipients=2), opened(C, "", "localhost[127.0.0.1]"), queued(C, 2),
        to("bob@example.net", OK, C), to("eve@example.net", UNKNOWN, C), removed(C),
        handed(A, C), handed(A, C, "eve@example.net"), removed(),
    ])  # fmt: skip
    assert sent(found) == [("ann@example.org", A, 2)]
    assert outcomes(found) == [
        ("ann@example.org", "delivered", "", 1), ("ann@example.org", "bounced", "eve@example.net", 1)
    ]  # fmt: skip
    assert log.thread.open == {}


def test_a_message_split_by_its_filter_is_one() -> None:
    """One copy for each recipient: the message ends with the last of them."""
    log = Log()
    found = log.read([
        opened(), queued(recipients=2),
        opened(B, "", "localhost[127.0.0.1]"), queued(B), opened(C, "", "localhost[127.0.0.1]"), queued(C),
        handed(A, B), handed(A, C, "eve@example.net"), removed(),
        to("bob@example.net", OK, B), removed(B), to("eve@example.net", OK, C), removed(C),
    ])  # fmt: skip
    assert outcomes(found) == [("ann@example.org", "delivered", "", 2)]
    assert log.thread.open == {}


def test_a_filter_in_front_of_the_queue_brings_the_accounts_message() -> None:
    """Without a queue id in the session, the filter's copy is the submission."""
    found = read(
        f"smtpd#7: connect from {MUA}", f"smtpd#7: NOQUEUE: client={MUA}, {ANN}",
        f"smtpd#8: {C}: client=localhost[127.0.0.1], orig_client={MUA}", queued(C, 2), to("bob@example.net", OK, C),
        f"smtpd#7: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as {C}; from=<ann@example.org> "
        "to=<bob@example.net> proto=ESMTP helo=<laptop>",
        to("eve@example.net", UNKNOWN, C), removed(C),
    )  # fmt: skip
    assert sent(found) == [("ann@example.org", C, 2)]
    assert [(result, count) for _, result, _, count in outcomes(found)] == [("delivered", 1), ("bounced", 1)]
    assert [each.client for each in found if isinstance(each, Submission)] == ["192.0.2.7"]


def test_a_submission_service_in_the_same_log_counts_once() -> None:
    """Dovecot's line and Postfix's are one message, whichever of the two knows the account."""
    relayed = (
        "Mar  2 10:00:01 mx1 dovecot: submission(ann@example.org)<1><s>: Successfully relayed message: "
        f"from=<ann@example.org>, size=256, id=x, nrcpt=2, reply=`250 2.0.0 Ok: queued as {A}'"
    )
    for who in ("", ANN):
        log = Log()
        found = log.read([opened(who=who, client="localhost[127.0.0.1]"), queued(recipients=2)])
        found += log.thread.feed(log.dialect.read(relayed), Cursor("log", 0, 9000))
        found += log.read([to("bob@example.net", UNKNOWN), removed()])
        assert sent(found) == [("ann@example.org", A, 2)]
        assert outcomes(found) == [("ann@example.org", "bounced", "bob@example.net", 1)]


def test_a_strangers_server_names_no_queue_id_of_ours() -> None:
    """A remote answer "queued as" with another's queue id moves no outcome: that server is not near."""
    end = f"dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {C})"
    found = read(
        opened(), queued(), opened(C, "", "localhost[127.0.0.1]"), queued(C, sender="cron"),
        to("bob@example.net", end), to("x@example.net", UNKNOWN, C), removed(C), removed(),
    )  # fmt: skip
    assert outcomes(found) == [("ann@example.org", "delivered", "", 1)]
