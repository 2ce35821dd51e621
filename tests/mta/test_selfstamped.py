"""Haraka, Stalwart and KumoMTA: their corpora, their forms, and that no text of a stranger passes for a field."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mta.corpus import WRITTEN, lines, names, pairs
from tests.mta.syslogged_corpus import self_stamped, stated

from gatepost.core.events import AnyEvent, Cursor, Delivery, Submission
from gatepost.core.units import Instant
from gatepost.mta import DIALECTS, SELF_STAMPED, detect
from gatepost.mta.base import Record
from gatepost.mta.selfstamped import instant
from gatepost.mta.thread import Thread

FOLDERS = sorted(SELF_STAMPED)
FILES = [(folder, name) for folder in FOLDERS for name in names(folder)]
POSTFIX = (
    "Mar  2 10:00:00 mx1 postfix/smtp[1]: 225C022A268: to=<b@example.net>, relay=mx.example.net[198.51.100.25]:25, "
    "delay=0.4, delays=0.1/0/0.2/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
)
CLIENT, VICTIM = "203.0.113.9", "victim@example.org"
PIECES = (
    '", ', 'remoteIp = 198.51.100.1', 'accountName = "victim@example.org"', 'to = ["victim@example.org"]', '", to = "',
    "queueId = 77", ", ", '"', "\\", '\\"', "code = 550", 'details = "',
    '","user":"victim@example.org","ip":"198.51.100.1', '{"type":"Reception"}', "] [gatepost] {", "\n", "\x1b[0m", "a",
    " ", '", from = <>, to = [', "size = 1", "]",
)  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


@pytest.mark.parametrize(("folder", "name"), FILES)
def test_every_line_of_the_corpus_is_read_as_it_says(folder: str, name: str) -> None:
    """What stands above a line is what it is read as, field for field."""
    read = self_stamped(folder).read
    for line, expected in pairs(folder, name):
        assert stated(read(line)) == expected, line


@pytest.mark.parametrize(("folder", "name"), [each for each in FILES if each[1] != "other.log"])
def test_the_server_of_a_log_is_told_from_its_lines(folder: str, name: str) -> None:
    """In its own form and through syslog, a log is its server's, and is read by that dialect as by the server's own."""
    found = [line for line, _ in pairs(folder, name)]
    assert detect(found) == folder
    dialect, alone = DIALECTS[folder](reference=WRITTEN), self_stamped(folder)
    assert [dialect.read(line) for line in found] == [alone.read(line) for line in found]


@pytest.mark.parametrize("folder", FOLDERS)
def test_lines_through_syslog_are_read_beside_another_servers(folder: str) -> None:
    """One file of syslog's holds both servers; whichever dialect it is called, both are read."""
    through = [line for line in lines(folder) if line.startswith("Mar ")]
    for name in (folder, "postfix"):
        read = DIALECTS[name](reference=WRITTEN).read
        records = [read(line) for line in (through[0], POSTFIX)]
        assert records[0].kind in {"submission", "login"} and records[0].host == "mx1"
        assert (records[1].queue_id, records[1].result) == ("225C022A268", "delivered")


def compact(record: dict[str, object]) -> str:
    """JSON without spaces, as servers write it."""
    return json.dumps(record, separators=(",", ":"))


def text(value: str, *, escaped: bool) -> str:
    """A text as Stalwart writes it: older versions leave quotation marks as they are."""
    value = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\x1b", "\\x1b")
    return f'"{value.replace(chr(34), chr(92) + chr(34)) if escaped else value}"'


SESSION = f'listenerId = "submission", localPort = 587, remoteIp = {CLIENT}, remotePort = 50112'


def event(name: str, fields: str) -> str:
    """One of Stalwart's lines."""
    return f"2026-03-02T10:00:00Z INFO Something happened ({name}) {fields}"


@given(hostile, hostile, hostile, st.booleans())
def test_stalwart_charges_the_login_of_the_session(helo: str, sender: str, recipient: str, escaped: bool) -> None:
    """Greeting, sender and recipient change neither account nor client nor queue id."""
    read = self_stamped("stalwart").read
    read(event("smtp.ehlo", f"{SESSION}, domain = {text(helo, escaped=escaped)}"))
    assert read(event("auth.success", f'{SESSION}, accountName = "thief@example.org"')).account == "thief@example.org"
    envelope = f"from = {text(sender, escaped=escaped)}, to = [{text(recipient, escaped=escaped)}], size = 1"
    record = read(event("queue.authenticated-message-queued", f"{SESSION}, queueId = 5, {envelope}, x = 1"))
    assert (record.kind, record.account, record.client, record.queue_id) == (
        "submission", "thief@example.org", CLIENT, "5",
    )  # fmt: skip


@given(hostile, st.booleans())
def test_stalwart_names_the_client_of_a_failed_login(name: str, escaped: bool) -> None:
    """A typed name is a claim, and makes no other client the guesser."""
    record = self_stamped("stalwart").read(
        event("auth.failed", f"{SESSION}, accountName = {text(name, escaped=escaped)}")
    )
    assert (record.kind, record.ok, record.client) == ("login", False, CLIENT)


@given(
    hostile,
    hostile,
    st.sampled_from(["delivery.delivered", "delivery.dsn-perm-fail", "queue.queue-dsn", "delivery.completed"]),
    st.booleans(),
)
def test_stalwart_keeps_an_outcome_with_its_message(sender: str, words: str, name: str, escaped: bool) -> None:
    """Whatever sender and remote server say, an outcome is of the message named in front, or says nothing."""
    span = f'queueId = 5, from = {text(sender, escaped=escaped)}, to = ["bob@example.net"], size = 1, total = 1'
    own = {
        "queue.queue-dsn": ', queueId = 6, from = <>, to = ["ann@example.org"], size = 2',
        "delivery.completed": ", elapsed = 0ms",
    }.get(name, f', to = "bob@example.net", code = 550, details = {text(words, escaped=escaped)}, elapsed = 0ms')
    record = self_stamped("stalwart").read(event(name, span + own))
    assert record.account is None and record.queue_id in {"5", "6", ""}
    if name == "queue.queue-dsn":
        assert record.kind == "ignored" or record.queue_id == "6"
    elif record.kind != "unread":
        assert record.queue_id == "5"
    if record.kind == "delivery":
        assert record.result == ("delivered" if name == "delivery.delivered" else "bounced")


@given(hostile, hostile, hostile, st.sampled_from(["default", "logfmt", "json"]))
def test_haraka_says_what_the_plugin_said(user: str, helo: str, sender: str, form: str) -> None:
    """Every field is the plugin's in each of the three formats, whatever strangers put into the others."""
    told = {"event": "queued", "user": "thief@example.org", "ip": CLIENT, "helo": helo, "sender": sender, "to": [user]}
    message, uuid = json.dumps(told), "0BB54D87-255B-4B3C-9F3A-26B185FE8408.1"
    quoted = message.replace("\\", "\\\\").replace('"', '\\"')
    line = {
        "default": f"[NOTICE] [{uuid}] [gatepost] {message}",
        "logfmt": f'level=NOTICE uuid={uuid} origin=gatepost message="{quoted}"',
        "json": json.dumps(
            {"level": "NOTICE", "uuid": uuid, "origin": "gatepost", "message": message}, separators=(",", ":")
        ),
    }[form]
    record = self_stamped("haraka").read(f"2026-03-02T10:00:00.000Z {line}")
    assert (record.account, record.client, record.queue_id) == ("thief@example.org", CLIENT, uuid)
    failed = json.dumps({"event": "failed", "user": user, "ip": CLIENT})
    assert self_stamped("haraka").read(f"[NOTICE] [{uuid}] [gatepost] {failed}").client == CLIENT
    other = self_stamped("haraka").read(f"[NOTICE] [{uuid}] [core] {message}")
    assert (other.kind, other.account) == ("ignored", None)


@given(hostile, hostile, hostile)
def test_kumomta_says_what_the_record_says(helo: str, sender: str, words: str) -> None:
    """Greeting, sender, asked-for identity, subject and reply change neither account nor client nor outcome."""
    record = {
        "type": "Reception", "id": "1d98", "sender": sender, "recipient": "bob@example.net", "timestamp": 1772445600,
        "peer_address": {"name": helo, "addr": CLIENT}, "headers": {"Subject": words},
        "meta": {"authz_id": sender, "authn_id": "thief@example.org"},
    }  # fmt: skip
    read = self_stamped("kumomta").read
    found = read(compact(record))
    assert (found.account, found.client, found.queue_id) == ("thief@example.org", CLIENT, "1d98")
    outcome = {**record, "type": "Bounce", "response": {"code": 550, "content": words}}
    found = read(compact(outcome))
    assert (found.account, found.result, found.address) == (None, "bounced", "bob@example.net")


@given(st.text(min_size=4, max_size=30))
def test_what_was_sent_for_a_refused_login_is_not_kept(secret: str) -> None:
    """KumoMTA logs the command it refused, which is a password: no field holds it."""
    refused = {
        "type": "Rejection",
        "response": {"code": 535, "content": "AUTH invalid", "command": f"AUTH PLAIN {secret}"},
    }
    record = self_stamped("kumomta").read(json.dumps(refused, separators=(",", ":")))
    assert record == Record(kind="login", ok=False)


def joined(thread: Thread, folder: str, found: list[str]) -> list[AnyEvent]:
    """What lines mean together."""
    read = self_stamped(folder).read
    return [event for at, line in enumerate(found) for event in thread.feed(read(line), Cursor("x", 0, at))]


MESSAGES = {
    "haraka": ("plugin.log", 3, [("delivered", 1), ("deferred", 1), ("bounced", 1), ("bounced", 1)]),
    "kumomta": ("records.log", 1, [("deferred", 1), ("delivered", 1)]),
    "stalwart": ("mail.log", 2, [("delivered", 1), ("deferred", 1), ("bounced", 1)]),
}


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("again", [False, True])
def test_a_message_is_joined_to_its_end(folder: str, again: bool) -> None:
    """One submission, each recipient's outcome once, nothing open at the end; also with a new start between."""
    name, recipients, outcomes = MESSAGES[folder]
    found = [line for line, _ in pairs(folder, name)]
    ends = {"haraka": 5, "kumomta": 3, "stalwart": 15}[folder]
    thread, key = Thread("mx1", key=b"k"), b"k"
    events = joined(thread, folder, found[:2])
    if again:
        saved, _ = thread.save()
        thread = Thread("mx1", key=key)
        thread.load(saved)
    events += joined(thread, folder, found[2:ends])
    told = [event for event in events if isinstance(event, Submission)]
    assert [(each.account, each.recipients) for each in told] == [("ann@example.org", recipients)]
    assert [(each.result, each.count) for each in events if isinstance(each, Delivery)] == outcomes
    assert all(each.at >= 1_772_445_600 for each in events)
    assert not [message for message in thread.open.values() if message is not None]


def test_several_recipients_of_one_record_are_each_told() -> None:
    """KumoMTA delivers to several at once: the message ends when all are done, at the record's time."""
    thread, read = Thread("mx1"), self_stamped("kumomta").read
    found = [line for line, _ in pairs("kumomta", "records.log")][7:9]
    told = [event for at, line in enumerate(found) for event in thread.feed(read(line), Cursor("x", 0, at))]
    assert [(each.recipients if isinstance(each, Submission) else None) for each in told] == [2, None]
    assert isinstance(told[1], Delivery) and (told[1].count, told[1].result) == (2, "delivered")
    assert told[1].at == Instant(1_772_445_608.0) and not thread.open


@pytest.mark.parametrize("folder", FOLDERS)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_no_text_makes_a_server_raise(folder: str, line: str) -> None:
    """Whatever stands on a line, alone, behind a header or behind a server's own beginning, it is read as something."""
    starts = (
        "",
        f"Mar  2 10:00:00 mx1 {folder}[1]: ",
        "2026-03-02T10:00:00Z INFO X (auth.failed) ",
        '{"type":"Delivery",',
    )
    for start in (
        *starts,
        "[NOTICE] [-] [gatepost] ",
        "2026-03-02T10:00:00Z INFO X (delivery.delivered) queueId = 5, ",
    ):
        record = self_stamped(folder).read(start + line)
        assert record.kind not in {"ignored", "unread"} or record.why


@pytest.mark.parametrize(
    "line",
    [
        event("auth.failed", 'accountName = "' + '", accountName = "' * 3_000),
        event("auth.failed", SESSION + ', accountName = "' + "\\" * 60_000),
        event("queue.queue-dsn", "queueId = 5" + ", queueId = 6" * 4_000),
        event("delivery.dsn-perm-fail", "queueId = 5" + ', to = ["' * 7_000),
        event("delivery.dsn-perm-fail", 'queueId = 5, to = "a", details = "' + ", total = 1" * 5_000),
        "[NOTICE] [-] [gatepost] " + "[" * 60_000,
        'level=NOTICE uuid=- origin=gatepost message="' + '\\"' * 30_000,
        '{"type":"Delivery","recipient":' + "[" * 60_000,
        '{"type":"Delivery","recipient":[' + '"a",' * 15_000 + '"b"],"id":"1"}',
    ],
    ids=lambda line: line[:60],
)
def test_a_long_line_is_read_at_once(line: str) -> None:
    """Repeated pieces of a server's own language cost no more than their length."""
    start = time.perf_counter()
    for folder in FOLDERS:
        assert self_stamped(folder).read(line).kind
    assert time.perf_counter() - start < 1.0


def test_a_time_that_is_none_is_none() -> None:
    """Times are UTC unless they say otherwise; what cannot be a time is not one."""
    assert instant("2026-03-02T10:00:00") == instant("2026-03-02T11:00:00+01:00") == Instant(1_772_445_600.0)
    assert instant("2026-02-30T10:00:00Z") is None
