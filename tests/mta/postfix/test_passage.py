"""Postfix messages through their lines, queue ids and filters, told as events (contracts 3, 10)."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mta.corpus import WRITTEN

from gatepost.core.events import AnyEvent, Cursor, Delivery, Login, Own, Submission
from gatepost.mta import DIALECTS
from gatepost.mta.copies import MAX_COPIES, MAX_LINES
from gatepost.mta.passage import MAX_OPENED
from gatepost.mta.sessions import MAX_REFUSED, MAX_SESSIONS
from gatepost.mta.thread import Thread

ANN = "sasl_method=PLAIN, sasl_username=ann@example.org"
MUA = "client.example.net[192.0.2.7]"
BEHIND = "delay=0.4, delays=0.1/0/0.2/0.1"
REMOTE = f"relay=mx.example.net[198.51.100.25]:25, {BEHIND}"
FILTER = f"relay=127.0.0.1[127.0.0.1]:10024, {BEHIND}"
OK = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9C1A22A26A)"
UNKNOWN = "dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.25] said: 550 5.1.1 unknown)"
LATER = "dsn=4.4.1, status=deferred (connect to mx.example.net[198.51.100.25]:25: Connection timed out)"

A, B, C = "225C022A268", "4bXyZ12Kq7z1kLm", "225C022A26C"


class Log:
    """One host's log, read line by line through dialect and thread."""

    def __init__(self) -> None:
        self.dialect = DIALECTS["postfix"](reference=WRITTEN)
        self.thread = Thread("mx1")
        self.lines = 0

    def read(self, lines: Iterable[str]) -> list[AnyEvent]:
        """What some lines mean; each is "server: text" or "HH:MM:SS server: text", with a process id of its own."""
        found: list[AnyEvent] = []
        for line in lines:
            stamp, _, rest = line.partition(" ") if line[2] == ":" else ("10:00:00", "", line)
            server, _, text = rest.partition(": ")
            pid = server.partition("#")[2] or "1"
            whole = f"Mar  2 {stamp} mx1 postfix/{server.partition('#')[0]}[{pid}]: {text}"
            skimmed = self.dialect.skim(whole)
            if skimmed is None or not self.thread.skim(*skimmed):
                found += self.thread.feed(self.dialect.read(whole), Cursor("log", 0, 1000 * self.lines))
            self.lines += 1
        return found


def read(*lines: str) -> list[AnyEvent]:
    """What a whole log means."""
    return Log().read(lines)


def sent(found: Iterable[AnyEvent]) -> list[tuple[str, str, int | None]]:
    """Account, queue id and recipients of each submission."""
    return [(each.account, each.queue_id, each.recipients) for each in found if isinstance(each, Submission)]


def outcomes(found: Iterable[AnyEvent]) -> list[tuple[str, str, str, int]]:
    """Account, result, address and number of each outcome."""
    return [(each.account, each.result, each.address, each.count) for each in found if isinstance(each, Delivery)]


def opened(queue_id: str = A, who: str = ANN, client: str = MUA) -> str:
    """The client's line."""
    return f"smtpd: {queue_id}: client={client}{', ' if who else ''}{who}"


def queued(queue_id: str = A, recipients: int = 1, sender: str = "ann@example.org") -> str:
    """The queue manager's line."""
    return f"qmgr: {queue_id}: from=<{sender}>, size=1234, nrcpt={recipients} (queue active)"


def to(address: str, end: str, queue_id: str = A, relay: str = REMOTE, original: str = "") -> str:
    """A delivery agent's line."""
    return f"smtp: {queue_id}: to=<{address}>,{f' orig_to=<{original}>,' if original else ''} {relay}, {end}"


def handed(queue_id: str, child: str, address: str = "bob@example.net") -> str:
    """The line of a delivery to a filter."""
    return to(
        address, f"dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 2.0.0 Ok: queued as {child})", queue_id, FILTER
    )


def removed(queue_id: str = A) -> str:
    """The last line."""
    return f"qmgr: {queue_id}: removed"


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
