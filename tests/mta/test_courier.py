"""Courier: clients and names as Courier wrote them, no password, and messages joined over their lines."""

import base64

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from gatepost.core.events import Cursor, Delivery, Submission
from gatepost.core.units import Instant
from gatepost.mta.base import Record
from gatepost.mta.courier import Courier
from gatepost.mta.courier.mail import OPEN
from gatepost.mta.thread import Thread

CLIENT = "203.0.113.9"
QUEUE_ID = "0004A7C2.69A55F40.00001B30"
PIECES = (
    ", ip=[198.51.100.1]", ", port=[1]", "LOGIN, user=", "LOGIN FAILED, user=victim", ",from=<a@b>", ">,addr=<x@y>",
    ",status: success", ",success: ok", ": 550 no", ',msg="535 Authentication failed.",cmd: ', "victim@example.org",
    " ", ": dns; ", ", auth=victim@example.org", " (x [198.51.100.1])", ">,module=", '"', "\\", "a",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)


@given(hostile, st.sampled_from(["", ", port=[40000]"]))
def test_a_failed_login_is_the_clients_that_courier_named(user: str, port: str) -> None:
    """The client stands last, and no name stands behind it."""
    record = Courier().message("imapd-ssl", "1", f"LOGIN FAILED, user={user}, ip=[::ffff:{CLIENT}]{port}")
    assert (record.kind, record.ok, record.client, record.account or "") == ("login", False, CLIENT, user)


@given(hostile)
def test_a_greeting_names_neither_account_nor_client(helo: str) -> None:
    """Who handed a message in stands in front of what was said, where from behind it."""
    for auth, account in ((", auth=ann@example.org", "ann@example.org"), ("", None)):
        text = f"newmsg,id={QUEUE_ID}{auth}: dns; {helo} (h.example.net [{CLIENT}])"
        record = Courier().message("courierd", "1", text)
        assert (record.queue_id, record.account, record.client) == (QUEUE_ID, account, CLIENT)


def quoted(text: str) -> str:
    """A quoted string of RFC 5321 section 4.1.2."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"@example.org'


@given(hostile, hostile, st.sampled_from(["success", "failure", "deferred"]), hostile)
def test_addresses_and_answers_change_no_outcome(sender: str, address: str, status: str, words: str) -> None:
    """Queue id, recipient and outcome are Courier's, whatever stands in addresses or was answered."""
    courier, head = Courier(), f"id={QUEUE_ID},from=<{quoted(sender)}>,addr=<{quoted(address)}>"
    assert courier.message("courieresmtp", "1", f"{head}: {words}").kind == "ignored"
    record = courier.message("courieresmtp", "1", f"{head},size=1,status: {status}")
    assert (record.queue_id, record.address, record.reply) == (QUEUE_ID, quoted(address), words[:300])
    assert record.result == {"success": "delivered", "failure": "bounced", "deferred": "deferred"}[status]


@given(
    st.text("ab@\0 ", min_size=1, max_size=12), st.text(min_size=4, max_size=12), st.sampled_from(["PLAIN", "LOGIN"])
)
def test_no_password_of_a_command_is_kept(user: str, password: str, mechanism: str) -> None:
    """Of a command that failed, neither the answer nor what follows it is kept, unless the answer confirms a name."""
    secret = f"S3-{password}"
    plain = base64.b64encode(f"\0{user}\0{secret}".encode()).decode()
    for command in (
        f"AUTH {mechanism} {plain}",
        base64.b64encode(secret.encode()).decode(),
        f"AUTH {mechanism} YW5u {secret}",
    ):
        text = f'error,relay=::ffff:{CLIENT},port=1,msg="535 Authentication failed.",cmd: {command}'
        record = Courier().message("courieresmtpd", "1", text)
        assert record == Record(
            kind="login", ok=False, client=CLIENT, mechanism=record.mechanism, protocol="smtp"
        ) and record.mechanism in {"", mechanism}
        assert secret.encode() not in json.encode(record)


def test_a_message_and_its_outcomes_are_the_accounts() -> None:
    """What courierd and its agents write of one message becomes a submission of the account, and its failures."""
    courier, thread, events = Courier(), Thread("mail1"), []
    lines = (
        ("courierd", f"newmsg,id={QUEUE_ID}, auth=ann@example.org: dns; laptop (x [192.0.2.7])"),
        ("courierd", f"started,id={QUEUE_ID},from=<ann@example.org>,module=esmtp,host=x,addr=<bob@example.net>"),
        ("courierd", f"started,id={QUEUE_ID},from=<ann@example.org>,module=esmtp,host=x,addr=<eve@example.net>"),
        ("courieresmtp", f"id={QUEUE_ID},from=<ann@example.org>,addr=<bob@example.net>,success: delivered"),
        ("courieresmtp", f"id={QUEUE_ID},from=<ann@example.org>,addr=<eve@example.net>: 550 5.1.1 no"),
        ("courieresmtp", f"id={QUEUE_ID},from=<ann@example.org>,addr=<eve@example.net>,status: failure"),
        ("courierd", f"completed,id={QUEUE_ID}"),
    )
    for n, (program, text) in enumerate(lines):
        record = courier.message(program, "1", text)
        record.time = Instant(1_772_445_600.0 + n)
        events += thread.feed(record, Cursor("mail1:log", 0, 100 * n))
    submissions = [event for event in events if isinstance(event, Submission)]
    assert {(event.account, event.client, event.envelope_sender) for event in submissions} == {
        ("ann@example.org", "192.0.2.7", "ann@example.org")
    }
    assert sum(event.recipients or 0 for event in submissions) == 2
    failed = [event for event in events if isinstance(event, Delivery) and event.result == "bounced"]
    assert [(event.address, event.status) for event in failed] == [("eve@example.net", "5.1.1")]


def test_what_is_remembered_between_lines_is_bounded() -> None:
    """Messages that never begin, and answers without an outcome, do not pile up."""
    courier = Courier()
    for n in range(OPEN + 100):
        courier.message("courierd", "1", f"newmsg,id={n:X}.A.B, auth=ann@example.org: dns; x (x [192.0.2.7])")
        courier.message("courieresmtp", "1", f"id={n:X}.A.B,from=<>,addr=<a@b>: 450 later")
    assert len(courier._mail._new) == len(courier._mail._said) == OPEN
