"""OpenSMTPD: accounts, clients and outcomes as OpenSMTPD wrote them, and messages joined over their lines."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.events import AnyEvent, Cursor, Delivery, Login, Own, Submission
from gatepost.core.units import Instant
from gatepost.mta.base import Record
from gatepost.mta.opensmtpd import OpenSMTPD
from gatepost.mta.opensmtpd.program import MAX_SESSIONS
from gatepost.mta.thread import Thread

CLIENT, SESSION, VICTIM = "203.0.113.9", "f274cf34b7d0786b", "victim@example.org"
OPENED = f"{SESSION} smtp connected address={CLIENT} host=x.example.net"
CORE = ' rcpt=<-> source="a" relay="b" delay=1s result="Ok" stat="250 ok"'
PIECES = (
    "> to=<", f"> to=<{VICTIM}>", "> rcpt=<", CORE, '" result="', '" result="550 5.7.1 [gatepost] no', "[gatepost]",
    " result=ok", " result=permfail", f" smtp authentication user={VICTIM} result=ok", SESSION, "smtp-in: ", "<", ">",
    '"', " ", ", ", "a", "@", " nrcpt=9 proto=ESMTP", " delay=1s", ' stat="', "ü",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
names = hostile.map(lambda text: re.sub(r"\s", r"\\040", text))
"""What is typed as a name: OpenSMTPD writes white space in it as octal numbers (strnvis, VIS_WHITE)."""


def joined(*lines: str) -> tuple[list[Record], list[AnyEvent], Thread]:
    """What lines are read as, what they mean, and what is still open."""
    reader, thread, records, events = OpenSMTPD(), Thread("mx1"), list[Record](), list[AnyEvent]()
    for n, line in enumerate(lines):
        record = reader.message("smtpd", "1", line)
        record.time = Instant(1_772_445_600.0 + n)
        records.append(record)
        events += thread.feed(record, Cursor("mx1:log", 0, 100 * n))
    return records, events, thread


@given(names.filter(bool), st.sampled_from([("ok", True), ("permfail", False)]))
def test_a_login_is_the_name_and_the_client_that_opensmtpd_wrote(name: str, outcome: tuple[str, bool]) -> None:
    """No name that is typed makes a bad login good, another client its own, or another name the one that was tried."""
    said, ok = outcome
    record = joined(OPENED, f"{SESSION} smtp authentication user={name} result={said}")[0][1]
    assert (record.kind, record.ok, record.account, record.client) == ("login", ok, name, CLIENT)


@given(hostile, hostile, st.integers(1, 500))
def test_a_message_is_the_sessions(sender: str, recipient: str, count: int) -> None:
    """Account, client, queue id and number of recipients are OpenSMTPD's; the sender is, or is not stated."""
    records, _, _ = joined(
        OPENED,
        f"{SESSION} smtp authentication user=ann result=ok",
        f"{SESSION} smtp message msgid=78e5c402 size=9 nrcpt={count} proto=ESMTP",
        f"{SESSION} smtp envelope evpid=78e5c402920bcc4f from=<{sender}> to=<{recipient}>",
    )
    record = records[3]
    assert (record.kind, record.account, record.client, record.queue_id) == ("submission", "ann", CLIENT, "78e5c402")
    assert record.recipient_count == count and record.envelope_sender in {sender, None}


@given(hostile, st.sampled_from(["Invalid recipient", "5.7.1 [gatepost] sending is stopped"]))
def test_a_refused_address_is_not_our_own_word(address: str, words: str) -> None:
    """A refusal is the session's account's; ours are only words of ours."""
    text = f'{SESSION} smtp failed-command command="RCPT TO:<{address}> " result="550 {words}"'
    record = joined(OPENED, f"{SESSION} smtp authentication user=ann result=ok", text)[0][2]
    assert (record.account, record.client) == ("ann", CLIENT) and record.address in {address, ""}, text
    assert not record.own or "[gatepost]" in words, text
    if '" result="' not in address:
        assert record.own is ("[gatepost]" in words), text


@given(hostile, hostile, hostile, st.sampled_from([("Ok", "delivered"), ("PermFail", "bounced")]))
def test_neither_addresses_nor_remote_server_change_an_outcome(
    sender: str, recipient: str, words: str, outcome: tuple[str, str]
) -> None:
    """Queue id, recipient and result are OpenSMTPD's, or the line is tampered with and says nothing."""
    said, result = outcome
    text = (
        f"{SESSION} mta delivery evpid=78e5c402920bcc4f from=<{sender}@example.org> to=<{recipient}@example.net> "
        f'rcpt=<-> source="198.51.100.1" relay="198.51.100.9" delay=1s result="{said}" stat="{words}"'
    )
    record = OpenSMTPD().message("smtpd", "1", text)
    assert record.queue_id == "78e5c402" and record.account is None, text
    if record.kind == "delivery":
        assert record.result == result, text
        assert record.address == f"{recipient}@example.net" or "> rcpt=<" in recipient, text
    else:
        assert record.why == "tampered", text


def test_a_message_and_its_outcomes_are_the_accounts() -> None:
    """One login, one submission with its recipients, each outcome once; the message is closed by its last recipient."""
    head = "from=<ann@example.org>"
    mta = f"{SESSION} mta delivery evpid=78e5c402"
    tail = 'source="a" relay="b" delay=1s'
    _, events, thread = joined(
        OPENED,
        f"{SESSION} smtp tls ciphers=TLSv1.3:X:256",
        f"{SESSION} smtp authentication user=ann@example.org result=ok",
        f'{SESSION} smtp failed-command command="RCPT TO:<no@example.org> " result="550 5.1.1 no"',
        f"{SESSION} smtp message msgid=78e5c402 size=9 nrcpt=2 proto=ESMTP",
        f"{SESSION} smtp envelope evpid=78e5c402920bcc4f {head} to=<list@example.org>",
        f"{SESSION} smtp envelope evpid=78e5c402920bcc50 {head} to=<eve@example.net>",
        f'{SESSION} smtp failed-command command="MAIL FROM:<x> " result="550 5.7.1 [gatepost] no"',
        f"{SESSION} smtp disconnected reason=quit",
        f'{mta}00000001 {head} to=<a@b> rcpt=<list@example.org> {tail} result="Ok" stat="x"',
        f'{mta}00000002 {head} to=<c@d> rcpt=<list@example.org> {tail} result="Ok" stat="x"',
        f'{mta}920bcc50 {head} to=<eve@example.net> rcpt=<-> {tail} result="TempFail" stat="x"',
        f"relay: Expire for 78e5c402920bcc50: {head}, to=<eve@example.net>, rcpt=<eve@example.net>, delay=4d, stat=old",
    )  # fmt: skip
    assert [(e.account, e.client, e.tls) for e in events if isinstance(e, Login)] == [("ann@example.org", CLIENT, True)]
    assert [(e.recipients, e.envelope_sender) for e in events if isinstance(e, Submission)] == [(2, "ann@example.org")]
    assert [(e.result, e.address, e.count) for e in events if isinstance(e, Delivery)] == [
        ("refused", "no@example.org", 1), ("delivered", "", 1), ("deferred", "eve@example.net", 1),
        ("bounced", "eve@example.net", 1),
    ]  # fmt: skip
    assert sum(isinstance(e, Own) for e in events) == 1 and {e.account for e in events} == {"ann@example.org"}
    assert not thread.open


def test_what_is_remembered_is_bounded() -> None:
    """Sessions that never end and messages that never get a recipient do not pile up."""
    reader = OpenSMTPD()
    for n in range(MAX_SESSIONS + 100):
        reader.message("smtpd", "1", f"{n:016x} smtp connected address={CLIENT} host=x")
        reader.message("smtpd", "1", f"{n:016x} smtp authentication user=ann result=ok")
        reader.message("smtpd", "1", f"{n:016x} smtp message msgid={n:08x} size=1 nrcpt=1 proto=ESMTP")
    assert len(reader._sessions) == len(reader._announced) == MAX_SESSIONS


def test_the_page_says_the_tag_in_front() -> None:
    """The filter of the page answers with words that are known for our own."""
    page = (Path(__file__).parents[2] / "docs" / "mta" / "opensmtpd.md").read_text("utf-8")
    found = re.search(r'^ *filter gatepost phase rcpt-to match auth <gatepost> reject "(.*)"$', page, re.MULTILINE)
    assert found is not None
    text = f'{SESSION} smtp failed-command command="RCPT TO:<bob@example.net> " result="{found[1]}"'
    assert OpenSMTPD().message("smtpd", "1", text).own
