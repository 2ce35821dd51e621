"""Postfix messages through their lines and queue ids, told as events (contracts 3, 10)."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from tests.mta.postfix.lines import (
    ANN,
    BEHIND,
    LATER,
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

from gatepost.core.events import AnyEvent, Delivery, Login, Own, Submission
from gatepost.mta.copies import MAX_COPIES, MAX_LINES
from gatepost.mta.passage import MAX_OPENED
from gatepost.mta.sessions import MAX_REFUSED, MAX_SESSIONS


def test_the_clients_line_and_the_queue_managers_are_one_submission() -> None:
    """Account, client and login come from one, sender, size and recipients from the other, the id from a third."""
    (event,) = read(
        f"smtpd: connect from {MUA}",
        f"smtpd: Anonymous TLS connection established from {MUA}: TLSv1.3 with cipher x (256/256 bits)",
        opened(),
        f"cleanup: {A}: message-id=<1@laptop>",
        f"10:00:02 {queued(recipients=3)}",
    )
    assert isinstance(event, Submission)
    said = (event.account, event.client, event.mechanism, event.tls, event.envelope_sender, event.recipients)
    assert said == ("ann@example.org", "192.0.2.7", "PLAIN", True, "ann@example.org", 3)
    assert (event.queue_id, event.size, event.message_id, event.spelling) == (A, 1234, "1@laptop", "ann@example.org")
    assert event.at % 60 == 2


def test_a_message_counts_when_it_was_handed_in() -> None:
    """One that lay on hold for hours has the time of its client's line, one that was slow to send the queue's."""
    held = read(f"10:00:00 {opened()}", f"16:00:00 {queued()}")
    slow = read(f"10:00:00 {opened()}", f"10:09:00 {queued()}")
    assert [event.at % 86400 for event in (*held, *slow)] == [36000, 36540]


def test_a_message_active_again_is_not_counted_again() -> None:
    """The queue manager repeats its line at every attempt; a recipient put off twenty times is put off once."""
    again = [line for _ in range(20) for line in (queued(recipients=2), to("bob@example.net", LATER))]
    found = read(opened(), *again, to("bob@example.net", OK), to("eve@example.net", OK), removed())
    assert sent(found) == [("ann@example.org", A, 2)]
    assert outcomes(found) == [
        ("ann@example.org", "deferred", "bob@example.net", 1),
        ("ann@example.org", "delivered", "", 2),
    ]


def test_a_short_queue_id_used_again_is_another_message() -> None:
    """After `removed`, and without that line too, the next message of the same id is its own."""
    for end in ([removed()], []):
        found = read(
            opened(), queued(), to("bob@example.net", OK), *end,
            opened(who=ANN.replace("ann@", "eve@")), queued(), to("x@example.net", UNKNOWN), removed(),
        )  # fmt: skip
        assert sent(found) == [("ann@example.org", A, 1), ("eve@example.org", A, 1)]
        assert outcomes(found) == [
            ("ann@example.org", "delivered", "", 1),
            ("eve@example.org", "bounced", "x@example.net", 1),
        ]


def test_an_alias_with_fifty_members_is_one_recipient() -> None:
    """Members that local(8) expands are told by the address they were sent to."""
    members = [to(f"m{number}@example.org", OK, original="team@example.org") for number in range(50)]
    found = read(opened(), queued(), *members, removed())
    assert outcomes(found) == [("ann@example.org", "delivered", "", 1)]


def test_incoming_mail_notifications_and_local_mail_are_nobodys() -> None:
    """Nothing of what has no login counts for anybody, and none of it is unjoined."""
    log = Log()
    found = log.read([
        opened(who="", client="mail.example.net[198.51.100.25]"), queued(sender="bob@example.net"),
        to("ann@example.org", OK), removed(),
        f"pickup: {A}: uid=33 from=<www-data>", queued(sender="www-data"), to("bob@example.net", UNKNOWN), removed(),
        opened(B), queued(B), to("x@example.net", UNKNOWN, B), queued(C, sender=""),
        f"bounce: {B}: sender non-delivery notification: {C}", to("ann@example.org", OK, C), removed(B), removed(C),
    ])  # fmt: skip
    assert sent(found) == [("ann@example.org", B, 1)]
    assert outcomes(found) == [("ann@example.org", "bounced", "x@example.net", 1)]
    assert (log.thread.early.unjoined, log.thread.open) == (0, {})


def test_what_a_recipient_forwards_is_nobodys() -> None:
    """The forward is delivered; what becomes of it is its recipient's doing."""
    found = read(
        opened(), queued(), queued(C),
        f"local: {A}: to=<bob@mx1>, orig_to=<bob>, relay=local, {BEHIND}, dsn=2.0.0, status=sent (forwarded as {C})",
        to("bob@example.com", UNKNOWN, C), removed(), removed(C),
    )  # fmt: skip
    assert outcomes(found) == [("ann@example.org", "delivered", "", 1)]


REJECT = (
    "smtpd#7: NOQUEUE: reject: RCPT from client.example.net[192.0.2.7]: 550 5.1.1 <{0}>: Recipient address rejected: "
    "{1}; from=<ann@example.org> to=<{0}> proto=ESMTP helo=<laptop>"
)


def test_a_refusal_belongs_to_the_login_of_its_session() -> None:
    """Before and behind the line that names the account, and never beyond the session's end or to another client."""
    unknown = REJECT.format("x@example.org", "User unknown")
    found = read(
        f"smtpd#7: connect from {MUA}", unknown, opened().replace("smtpd", "smtpd#7"), unknown,
        unknown.replace("192.0.2.7", "203.0.113.9"), f"smtpd#7: disconnect from {MUA} ehlo=1 auth=1 mail=1 rcpt=1/3",
        unknown,
    )  # fmt: skip
    assert outcomes(found) == [("ann@example.org", "refused", "x@example.org", 1)] * 2
    assert all(each.client == "192.0.2.7" and each.mechanism == "PLAIN" for each in found if isinstance(each, Delivery))


def test_our_own_refusal_is_the_sessions_and_no_evidence() -> None:
    """A refusal with our tag is told as such, for the account of the session or the one the rule names."""
    found = read(
        opened().replace("smtpd", "smtpd#7"), REJECT.format("x@example.org", "[gatepost] stopped"),
        "smtpd#9: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <eve@example.org>: SASL login name "
        "rejected: [gatepost] stopped; from=<eve@example.org> to=<b@example.net> proto=ESMTP helo=<x>",
    )  # fmt: skip
    assert [(type(each), each.account) for each in found] == [(Own, "ann@example.org"), (Own, "eve@example.org")]


def test_a_message_refused_as_a_whole_is_the_accounts_refusal() -> None:
    """A milter's or a header rule's refusal ends the message before it is in the queue."""
    log = Log()
    found = log.read([opened(), f"cleanup: {A}: reject: header Subject: x from {MUA}; from=<ann@example.org> "
                      "to=<b@example.net> proto=ESMTP helo=<laptop>: 5.7.1 no", queued()])  # fmt: skip
    assert [(each.account, each.client) for each in found if isinstance(each, Delivery)] == [
        ("ann@example.org", "192.0.2.7")
    ]
    assert sent(found) == [] and not log.thread._passage.opened


def test_a_message_given_up_fails_for_all_that_wait() -> None:
    """`expired` names no recipient: those put off and not delivered since are failed, each once."""
    found = read(
        opened(), queued(recipients=3), to("bob@example.net", LATER), to("eve@example.net", LATER),
        to("joe@example.net", OK), to("eve@example.net", OK),
        f"qmgr: {A}: from=<ann@example.org>, status=expired, returned to sender", removed(),
    )  # fmt: skip
    assert [(result, address) for _, result, address, _ in outcomes(found)] == [
        ("deferred", "bob@example.net"), ("deferred", "eve@example.net"), ("delivered", ""),
        ("bounced", "bob@example.net"),
    ]  # fmt: skip


def test_a_repeated_failure_is_as_many_failures() -> None:
    """syslog's "message repeated 3 times" is three events, each with a cursor of its own."""
    found = read(
        "smtpd: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x, sasl_username=ann",
        "smtpd: message repeated 3 times: [ warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x, "
        "sasl_username=ann]",
    )
    assert [type(each) for each in found] == [Login] * 4 and len({each.cursor for each in found}) == 4


DAY = [
    opened(), queued(recipients=3), opened(B, "", "localhost[127.0.0.1]"), queued(B, 3), handed(A, B),
    to("bob@example.net", OK, B), handed(A, B, "x@example.net"), handed(A, B, "eve@example.net"), removed(),
    to("eve@example.net", LATER, B), to("x@example.net", UNKNOWN, B), opened(C), f"cleanup: {C}: message-id=<2@x>",
    queued(C, 2), to("a@example.net", LATER, C), to("b@example.net", LATER, C), to("a@example.net", OK, C),
    to("eve@example.net", OK, B), removed(B), f"qmgr: {C}: from=<ann@example.org>, status=expired, returned to sender",
    removed(C),
]  # fmt: skip


@given(st.lists(st.integers(0, len(DAY)), max_size=4).map(sorted))
def test_saving_and_loading_in_the_middle_makes_no_difference(cuts: list[int]) -> None:
    """A crash between two lines loses and doubles no event, but of copies whose filter has not answered yet."""
    whole, log, found = Log().read(DAY), Log(), list[AnyEvent]()
    start, kept = 0, dict[str, object]()
    for cut in [*cuts, len(DAY)]:
        found += log.read(DAY[start:cut])
        if log.thread._passage.copies._lines:
            start = cut
            continue
        changed, closed = log.thread.save()
        for queue_id in closed:
            kept.pop(queue_id, None)
        kept.update(changed)
        after = Log()
        after.lines = log.lines
        after.thread.load(list(kept.items()))  # type: ignore[arg-type]
        start, log = cut, after
    assert _sums(found) == _sums(whole)
    assert log.thread.open == {} and not log.thread._passage.ids()


def _sums(found: Iterable[AnyEvent]) -> dict[tuple[str, str], int]:
    """Submitted recipients and outcomes by account and result."""
    sums: dict[tuple[str, str], int] = {}
    for each in found:
        if isinstance(each, Submission):
            sums[each.account, "sent"] = sums.get((each.account, "sent"), 0) + (each.recipients or 0)
        elif isinstance(each, Delivery):
            sums[each.account, each.result] = sums.get((each.account, each.result), 0) + each.count
    return sums


def test_what_is_kept_is_bounded() -> None:
    """Sessions, messages that never reach the queue, and copies that nobody claims are forgotten, oldest first."""
    log = Log()
    tls = "Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1.3"
    log.read(f"smtpd#{pid}: {tls}" for pid in range(MAX_SESSIONS + 10))
    log.read(opened(f"{number:011X}") for number in range(MAX_OPENED + 10))
    log.read(opened(f"{number:011X}", "", "localhost[127.0.0.1]") for number in range(10**6, 10**6 + MAX_COPIES + 10))
    log.read([to("bob@example.net", OK, f"{10**6 + MAX_COPIES:011X}")] * (MAX_LINES + 10))
    log.read([REJECT.format("x@example.org", "no")] * (MAX_REFUSED + 10))
    passage = log.thread._passage
    assert (len(passage.sessions._open), len(passage.opened)) == (MAX_SESSIONS, MAX_OPENED)
    assert (len(passage.copies._lines), max(map(len, passage.copies._lines.values()))) == (MAX_COPIES, MAX_LINES)
    assert max(len(each.refused) for each in passage.sessions._open.values()) == MAX_REFUSED
