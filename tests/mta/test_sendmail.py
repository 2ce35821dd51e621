"""Sendmail: accounts, clients and outcomes as Sendmail wrote them, and messages joined over their lines."""

import re
import subprocess
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from gatepost.act.durable import Owner
from gatepost.act.forms import File
from gatepost.core.events import AnyEvent, Cursor, Delivery, Login, Own, Submission
from gatepost.core.units import Instant
from gatepost.mta import DIALECTS
from gatepost.mta.base import Record
from gatepost.mta.sendmail import Sendmail
from gatepost.mta.sendmail.program import MAX_FAILED
from gatepost.mta.sessions import IDLE
from gatepost.mta.thread import Thread

CLIENT, QUEUE_ID, VICTIM = "203.0.113.9", "622A00Kx004242", "victim@example.org"
RELAY = f"relay=x.example.net [{CLIENT}] (may be forged)"
PIECES = (
    ", relay=[198.51.100.1]", ", relay=a [198.51.100.1] (may be forged)", ", reject=550 5.7.1 [gatepost] no",
    "[gatepost] no", ", size=1, class=0, nrcpts=1, ", "msgid=<x>, ", ", proto=ESMTPSA", ", daemon=MTA", ", user=",
    f", authid={VICTIM}, mech=PLAIN, bits=0", "AUTH=server, ", ", delay=00:00:01, ", "mailer=esmtp, ",
    "dsn=2.0.0, stat=Sent", ", stat=Deferred", f"{QUEUE_ID}: ", "<", ">", '"', "\\", ",", " ", "... User unknown",
    "ruleset=check_rcpt, arg1=", f"to=<{VICTIM}>", "from=<>", VICTIM, ", ctladdr=", "a", "@", "ü",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)


def read(text: str, pid: str = "4242") -> Record:
    """One message, by a reader that has seen nothing."""
    return Sendmail().message("sm-mta", pid, text)


def quoted(text: str) -> str:
    """An address with a quoted string (RFC 5321 section 4.1.2), as Sendmail prints it."""
    return '<"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"@example.net>'


@given(hostile, hostile, st.integers(0, 500))
@example(", size=1, class=0, nrcpts=1, relay=[198.51.100.1]", "", 7)
def test_neither_sender_nor_message_id_names_a_client_or_a_number(sender: str, name: str, count: int) -> None:
    """Client and process are Sendmail's; size and recipients are, or are not stated."""
    text = (
        f"{QUEUE_ID}: from={quoted(sender)}, size=1234, class=0, nrcpts={count}, msgid=<{name}>, proto=ESMTPA, "
        f"daemon=MTA-v4, {RELAY}"
    )
    record = read(text)
    assert (record.part, record.client, record.queue_id, record.session) == ("sent", CLIENT, QUEUE_ID, "4242"), text
    assert (record.recipient_count, record.size) in {(count, 1234), (None, None)}, text
    assert record.account is None and not record.own, text
    assert record.envelope_sender in {quoted(sender)[1:-1], None}, text


@given(hostile, st.sampled_from(["LOGIN", "PLAIN"]))
def test_a_failed_login_is_the_clients_that_sendmail_named(user: str, mechanism: str) -> None:
    """A typed name makes nobody else the guesser, and is a claim to the letter."""
    reason = "authentication failure (-13) SASL(-13): authentication failure: checkpass failed"
    text = f"{QUEUE_ID}: AUTH failure ({mechanism}): {reason}, user={user}, {RELAY}"
    record = read(text)
    assert (record.kind, record.ok, record.client, record.mechanism) == ("login", False, CLIENT, mechanism), text
    assert (record.account or "") == user[:320], text


@given(hostile, st.sampled_from(["Relaying denied", "[gatepost] sending is stopped"]), st.booleans())
def test_a_refused_address_is_neither_client_nor_our_own_word(address: str, words: str, mail: bool) -> None:
    """The client is Sendmail's or not stated; ours are only words of ours, for an address that does not quote them."""
    name = "check_mail" if mail else "check_rcpt"
    text = f"{QUEUE_ID}: ruleset={name}, arg1={quoted(address)}, {RELAY}, reject=550 5.7.1 {quoted(address)}... {words}"
    record = read(text)
    assert record.client in {CLIENT, ""} and record.account is None and record.queue_id == QUEUE_ID, text
    assert record.address in {quoted(address)[1:-1], ""} and record.kind in {"delivery", "own"}, text
    assert not record.own or words.startswith("[gatepost]"), text
    if "[gatepost]" not in address and "reject=" not in address and "relay=" not in address:
        assert record.own is words.startswith("[gatepost]") and record.client == CLIENT, text


@given(hostile, hostile, st.sampled_from([("2.0.0", "delivered"), ("4.2.0", "deferred"), ("5.1.1", "bounced")]))
def test_neither_recipient_nor_remote_server_changes_an_outcome(
    address: str, words: str, outcome: tuple[str, str]
) -> None:
    """Queue id, recipient and result are Sendmail's, or the line is tampered with and says nothing."""
    status, result = outcome
    text = (
        f"{QUEUE_ID}: to={quoted(address)},<bob@example.net>, ctladdr=<ann@example.org> (8/12), delay=00:00:01, "
        f"xdelay=00:00:01, mailer=esmtp, pri=30500, relay=mx. [198.51.100.9], dsn={status}, stat={words or 'Sent'}"
    )
    record = read(text)
    assert record.queue_id == QUEUE_ID and record.account is None and not record.own, text
    if record.kind == "delivery":
        assert (record.address, record.result, record.status) == (quoted(address)[1:-1], result, status), text
        assert record.also is not None and (record.also.address, record.also.result) == ("bob@example.net", result)
    else:
        assert record.why == "tampered", text


LINES = (
    (4242, "home [192.0.2.7] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA"),
    (4242, "STARTTLS=server, relay=home [192.0.2.7], version=TLSv1.3, verify=NO, cipher=X, bits=256/256"),
    (4242, "622A00Kx004242: ruleset=check_rcpt, arg1=<a@b>, relay=home [192.0.2.7], reject=550 5.7.1 <a@b>... no"),
    (4242, "AUTH=server, relay=home [192.0.2.7], authid=ann@example.org, mech=PLAIN, bits=0"),
    (4250, "622A01Ka004250: from=<m@example.net>, size=9, class=0, nrcpts=1, proto=ESMTP, relay=mx [198.51.100.9]"),
    (4242, "622A00Kx004242: <nobody@example.org>... User unknown"),
    (4242, "622A00Kx004242: from=<ann@example.org>, size=9, class=0, nrcpts=3, proto=ESMTP, relay=home [192.0.2.7]"),
    (4300, "622A00Kx004242: to=<a@example.net>,<b@example.net>, delay=00:00:01, mailer=esmtp, dsn=2.0.0, stat=Sent"),
    (4300, "622A00Kx004242: to=<c@example.net>, delay=00:00:01, mailer=esmtp, dsn=4.0.0, stat=Deferred"),
    (4300, "622A01Ka004250: to=<ann@example.org>, delay=00:00:01, mailer=local, dsn=5.2.2, stat=full"),
    (4300, "622A00Kx004242: to=<c@example.net>, delay=00:00:09, mailer=esmtp, dsn=4.0.0, stat=Deferred"),
    (4300, "622A00Kx004242: 622A02Kz004300: return to sender: Cannot send message for 5 days"),
    (4300, "622A02Kz004300: to=<ann@example.org>, delay=00:00:01, mailer=local, dsn=2.0.0, stat=Sent"),
    (4242, "622A03Kx004242: ruleset=check_rcpt, arg1=<a@b>, relay=home [192.0.2.7], reject=550 5.7.1 [gatepost] no"),
)  # fmt: skip


def joined(lines: tuple[tuple[int, str], ...], gap: float = 1.0) -> list[AnyEvent]:
    """What a log means."""
    sendmail, thread, events = Sendmail(), Thread("mx1"), list[AnyEvent]()
    for n, (pid, text) in enumerate(lines):
        record: Record | None = sendmail.message("sm-mta", str(pid), text)
        each = record
        while each is not None:
            each.time, each = Instant(1_772_445_600.0 + gap * n), each.also
        assert record is not None
        events += thread.feed(record, Cursor("mx1:log", 0, 100 * n))
    assert thread.open == {} or all(message is None for message in thread.open.values())
    return events


def test_a_message_and_its_outcomes_are_the_accounts_of_the_session() -> None:
    """One login, one submission with its recipients, each outcome once, and nothing of what others sent."""
    events = joined(LINES)
    assert [(e.account, e.client, e.tls) for e in events if isinstance(e, Login)] == [
        ("ann@example.org", "192.0.2.7", True)
    ]
    assert [(e.account, e.recipients, e.envelope_sender, e.mechanism) for e in events if isinstance(e, Submission)] == [
        ("ann@example.org", 3, "ann@example.org", "PLAIN")
    ]
    assert [(e.result, e.address, e.count) for e in events if isinstance(e, Delivery)] == [
        ("refused", "a@b", 1), ("refused", "nobody@example.org", 1), ("delivered", "", 2),
        ("deferred", "c@example.net", 1), ("bounced", "c@example.net", 1),
    ]  # fmt: skip
    assert {e.account for e in events} == {"ann@example.org"} and sum(isinstance(e, Own) for e in events) == 1


def test_a_process_id_that_comes_again_is_another_session() -> None:
    """From another client, much later, or where the log says that nobody had logged in, a message is nobody's."""
    login = (4242, "AUTH=server, relay=home [192.0.2.7], authid=ann@example.org, mech=PLAIN, bits=0")
    other = (4242, "622A00Kx004242: from=<a@b>, size=9, class=0, nrcpts=1, proto=ESMTP, relay=x [192.0.2.8]")
    same = (4242, "622A00Kx004242: from=<a@b>, size=9, class=0, nrcpts=1, proto=ESMTP, relay=home [192.0.2.7]")
    said = (4243, "622A00Ky004243: from=<a@b>, size=9, class=0, nrcpts=1, proto=ESMTPSA, relay=x [192.0.2.9]")
    for lines, gap in (((login, other), 1.0), ((login, same), IDLE + 1), ((login, said, same), 1.0)):
        assert not [e for e in joined(lines, gap) if isinstance(e, Submission)]
    record = Sendmail().message("sm-mta", "4242", same[1])
    assert record.part == "sent"


def test_a_message_is_done_when_its_recipients_are() -> None:
    """Sendmail writes no last line: the message is closed by its last recipient, and delivered ones are told then."""
    login, message = LINES[3], LINES[6]
    done = tuple(
        (4300, f"622A00Kx004242: to=<{n}@b>, delay=00:00:01, mailer=esmtp, dsn=2.0.0, stat=Sent") for n in "abc"
    )
    events = joined((login, message, *done))
    assert [(e.result, e.count) for e in events if isinstance(e, Delivery)] == [("delivered", 3)]


def test_failed_logins_are_told_once() -> None:
    """The count at the end of a session's patience adds nothing to failures that were told; what is kept is bounded."""
    sendmail = Sendmail()
    failed = f"AUTH failure (LOGIN): authentication failure (-13) SASL(-13): no, user=ann, {RELAY}"
    attack = f"x.example.net [{CLIENT}]: possible SMTP attack: command=AUTH, count=5"
    assert sendmail.message("sm-mta", "1", f"{QUEUE_ID}: {failed}").ok is False
    assert sendmail.message("sm-mta", "1", f"{QUEUE_ID}: {attack}").kind == "ignored"
    for n in range(MAX_FAILED + 100):
        sendmail.message("sm-mta", "1", f"700A00Kx{n:06}: {failed}")
    assert len(sendmail._failed) == MAX_FAILED
    assert sendmail.message("sm-mta", "1", f"{QUEUE_ID}: {attack}").ok is False


def test_lines_beside_other_servers_are_still_sendmails() -> None:
    """In one file with others, every outcome of a line with several recipients has its time."""
    dialect = DIALECTS["postfix"](reference=Instant(1_772_449_200.0))
    text = f"{QUEUE_ID}: to=<a@b>,<c@d>, delay=00:00:01, mailer=esmtp, dsn=2.0.0, stat=Sent"
    record = dialect.read(f"Mar  2 10:00:00 mx1 sm-mta[1]: {text}")
    assert record.also is not None and record.also.time == record.time == Instant(1_772_445_600.0)


def test_the_page_turns_our_table_into_sendmails_map(tmp_path: Path) -> None:
    """What the page's line makes of a table holds exactly the names that a map of Sendmail's can hold."""
    page = (Path(__file__).parents[2] / "docs" / "mta" / "sendmail.md").read_text("utf-8")
    found = re.search(r"<!-- snippet: sendmail-map -->\n```sh\n(.*?)```", page, re.DOTALL)
    assert found is not None
    names = ("ann@example.org", "bob", "x y@example.org", 'a"b', "a:b", "a\\b", "#c")
    entries = {name: f"{name}#1" for name in names}
    File(tmp_path / "deny.list", Owner()).write(entries, {})
    commands = found[1].replace("/var/lib/gatepost", str(tmp_path)).replace("/etc/mail", str(tmp_path))
    subprocess.run(["sh", "-ec", commands], check=True)
    assert (tmp_path / "gatepost").read_text() == "ann@example.org:STOPPED\nbob:STOPPED\n"
