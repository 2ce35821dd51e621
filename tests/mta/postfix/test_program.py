"""Postfix's lines: the corpus, the labels of real lines, and whose a program's name is."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.mta.corpus import WRITTEN, lines, names, pairs

from gatepost.mta import DIALECTS, detect
from gatepost.mta.base import Dialect, Record
from gatepost.mta.postfix import Postfix
from gatepost.mta.postfix.program import MAX_PROGRAMS
from gatepost.surface.commands.parse import stated

SHARED = Path(os.environ.get("GATEPOST_SHARED", Path(__file__).parents[4] / "shared"))
LOGS = SHARED / "data" / "logs" / "postfix"
LABELLED = sorted(LOGS.glob("*.labels.jsonl"))


def reader() -> Dialect:
    """A reader that has seen nothing."""
    return DIALECTS["postfix"](reference=WRITTEN)


def agree(dialect: Dialect, line: str) -> bool:
    """Whether a line is skimmed; then reading it must say the same."""
    skimmed = dialect.skim(line)
    record = dialect.read(line)
    if skimmed is not None:
        assert (record.kind, record.result, record.queue_id, record.address) == ("delivery", "delivered", *skimmed)
        assert not record.child, line
    return skimmed is not None


@pytest.mark.parametrize("name", names("postfix"))
def test_every_line_of_the_corpus_is_read_as_it_says(name: str) -> None:
    """What stands above a line is what it is read as, field for field."""
    read = reader().read
    for line, expected in pairs("postfix", name):
        said = json.loads(json.dumps(stated(read(line))))
        if not said["why"]:
            del said["why"]
        assert said == expected, line


def test_the_skim_of_a_corpus_line_agrees_with_its_reading() -> None:
    """Skimming changes nothing but the time it takes; a line that goes on under another queue id is never skimmed."""
    dialect = reader()
    assert sum(agree(dialect, line) for line in lines("postfix")) >= 6


@pytest.mark.parametrize(
    ("program", "owned"),
    [
        ("postfix/smtpd", True),
        ("postfix/submission/smtpd", True),
        ("postfix-out/submissions/smtpd", True),
        ("postfix", True),
        ("mx-out/qmgr", True),
        ("smtpd", False),
        ("sendmail", False),
        ("dovecot", False),
        ("exim/anything", False),
        ("/smtpd", False),
    ],
)
def test_a_program_is_postfixs_by_its_name(program: str, owned: bool) -> None:
    """`syslog_name` may be anything in front of the server's own name; a bare server's name is not Postfix's."""
    assert Postfix().owns(program) is owned


def test_the_language_of_a_postfix_log_is_told_from_its_lines() -> None:
    """Every corpus file but the one of no interest is Postfix's."""
    assert detect(lines("postfix")) == "postfix"


def test_the_tag_is_the_configurations() -> None:
    """Another tag is ours, and the default one then is not."""
    line = (
        "Mar  2 10:00:02 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <ann>: "
        "SASL login name rejected: {} stopped; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<x>"
    )
    read = DIALECTS["postfix"](tag="(abuse)", reference=WRITTEN).read
    assert [read(line.format(tag)).kind for tag in ("(abuse)", "[gatepost]")] == ["own", "delivery"]


@pytest.mark.skipif(not LOGS.exists(), reason="no folder with real logs: set GATEPOST_SHARED")
def test_no_line_of_real_logs_is_unread() -> None:
    """Of lines that real servers wrote, every one that is Postfix's is read or known to be of no interest."""
    files = [*LOGS.glob("*.log"), *(LOGS / "lightmeter").iterdir(), SHARED / "captures" / "postfix-maillog.txt"]
    for path in files:
        dialect = reader()
        for line in path.read_text("utf-8", "surrogateescape").split("\n"):
            assert dialect.read(line).kind != "unread", (path.name, line)
            agree(reader(), line)


@pytest.mark.skipif(not LABELLED, reason="no folder with labelled logs: set GATEPOST_SHARED")
@pytest.mark.parametrize("path", LABELLED, ids=lambda path: path.name.split(".")[0])
def test_labelled_logs_are_read_as_their_labels_say(path: Path) -> None:
    """Client, queue id, sender, status and reply are those the labelled lines state."""
    read = reader().read
    text = path.with_name(path.name.split(".")[0] + ".log").read_text("utf-8", "surrogateescape")
    records = [read(line) for line in text.split("\n")]
    for label in map(json.loads, path.read_text("utf-8").splitlines()):
        record, expect = records[label["n"] - 1], label["expect"]
        _as_labelled(record, expect, label)


KINDS: dict[str | None, Callable[[Record], bool]] = {
    "auth_fail": lambda record: record.kind == "login" and not record.ok,
    "deliver": lambda record: record.kind == "delivery" and record.result != "refused",
    "reject": lambda record: record.result == "refused" or record.why == "the guard in front of the server",
    "message_id": lambda record: record.part == "named",
    "bounce_notice": lambda record: record.part == "notice",
    "removed": lambda record: record.part == "completed",
    "disconnect": lambda record: record.part == "left",
    "lost": lambda record: record.kind == "ignored",
    None: lambda record: record.kind != "unread",
}
STATUS = {"sent": "delivered", "bounced": "bounced", "deferred": "deferred", "expired": "bounced"}


def _as_labelled(record: Record, expect: dict[str, str], label: object) -> None:
    assert KINDS[expect.get("kind")](record), label
    if record.kind == "ignored":
        return
    queue_id = expect.get("queue_id", record.queue_id)
    assert record.queue_id == ("" if queue_id == "NOQUEUE" else queue_id), label
    assert record.client in {"", expect.get("ip", record.client)}, label
    assert record.message_id == expect.get("message_id", record.message_id), label
    assert record.envelope_sender in {None, expect.get("sender", record.envelope_sender)}, label
    assert record.status == expect.get("dsn", record.status), label
    assert record.address in {"", expect.get("rcpt", record.address)}, label
    if "status" in expect and record.result is not None:
        assert record.result == STATUS[expect["status"]], label
    if record.kind == "delivery" and "response" in expect:
        assert record.reply[:40] in expect["response"], label


def test_what_is_remembered_of_programs_is_bounded() -> None:
    """A log that names a new instance in every line is read at a bounded cost."""
    postfix = Postfix()
    for number in range(MAX_PROGRAMS * 2):
        assert postfix.message(f"postfix-{number}/qmgr", "1", "225C022A268: removed").part == "completed"
    assert len(postfix._readers) <= MAX_PROGRAMS
