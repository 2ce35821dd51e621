"""Dovecot, Cyrus, Courier, Sendmail, OpenSMTPD: every line of their corpora, every label of real logs, and any text."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mta.corpus import WRITTEN, lines, pairs
from tests.mta.syslogged_corpus import PROGRAMS, files, reader, stated

from gatepost.mta import DIALECTS, detect
from gatepost.mta.dovecot import DovecotFile
from gatepost.mta.syslogged import Syslogged

SHARED = Path(os.environ.get("GATEPOST_SHARED", Path(__file__).parents[3] / "shared"))
LABELLED = [
    ("dovecot", "crowdsec-hub", False),
    ("dovecot", "mail-sentinel", False),
    ("dovecot", "ossec", False),
    ("cyrus", "fail2ban", False),
    ("courier", "fail2ban", False),
    ("sendmail", "fail2ban", False),
]


@pytest.mark.parametrize(("folder", "name"), files())
def test_every_line_of_the_corpus_is_read_as_it_says(folder: str, name: str) -> None:
    """What stands above a line is what it is read as, field for field."""
    read = reader(folder, name)
    for line, expected in pairs(folder, name):
        assert stated(read(line)) == expected, line


def _mixed() -> Syslogged:
    return Syslogged([make() for make in PROGRAMS.values()], reference=WRITTEN)


@pytest.mark.parametrize(("folder", "name", "_"), LABELLED)
def test_labelled_logs_are_read_as_their_labels_say(folder: str, name: str, _: bool) -> None:
    """Who tried to log in from where, and whether it went well, is what the labels of real lines state."""
    path = SHARED / "data" / "logs" / folder / f"{name}.log"
    if not path.exists():
        pytest.skip("no folder with labelled logs: set GATEPOST_SHARED")
    mixed, own = _mixed(), DovecotFile(reference=WRITTEN)
    records = []
    for line in path.read_text("utf-8").split("\n"):
        record = mixed.read(line)
        records.append(record if record.why != "another program's line" else own.read(line))
    for label in map(json.loads, path.with_name(f"{name}.labels.jsonl").read_text("utf-8").splitlines()):
        record, expect = records[label["n"] - 1], label["expect"]
        assert record.kind != "unread", label
        if expect.get("kind") in {"auth_fail", "login_fail"} or expect.get("match") or expect.get("auth_failed"):
            assert record.ok is False or record.result == "refused", label
        if expect.get("kind") == "login_ok":
            assert record.ok is True, label
        if expect.get("kind") in {"other", "session"}:
            assert record.kind == "ignored", label
        if record.kind != "ignored":
            assert record.client == expect.get("ip", record.client), label
            assert record.account == expect.get("account", record.account), label
            assert record.count == expect.get("attempts", record.count), label


def test_labelled_lines_of_opensmtpd_are_read_as_their_labels_say() -> None:
    """Refusals are refusals, accepted messages are messages, connections are passed over, and nothing is unread."""
    path = SHARED / "data" / "logs" / "opensmtpd" / "ossec.log"
    if not path.exists():
        pytest.skip("no folder with labelled logs: set GATEPOST_SHARED")
    mixed = _mixed()
    records = [mixed.read(line) for line in path.read_text("utf-8").splitlines()]
    kinds = {"reject": ("delivery",), "queued": ("part", "submission"), "conn": ("ignored",), None: ("ignored",)}
    for label in map(json.loads, path.with_name("ossec.labels.jsonl").read_text("utf-8").splitlines()):
        record = records[label["n"] - 1]
        assert record.kind in kinds[label["expect"].get("kind")], label
        assert record.kind != "ignored" or record.why not in mixed.vague, label


def test_a_real_dovecots_own_file_is_read() -> None:
    """Of a log that a real Dovecot wrote, every login, failure and relayed message is read, and nothing is unread."""
    path = SHARED / "captures" / "dovecot.log.txt"
    if not path.exists():
        pytest.skip("no folder with captured logs: set GATEPOST_SHARED")
    own = DovecotFile(reference=WRITTEN)
    records = [own.read(line) for line in path.read_text("utf-8").splitlines()]
    assert [record.kind for record in records].count("unread") == 0
    assert sum(record.ok is True for record in records) == 5
    assert sum(record.ok is False for record in records) == 4
    assert [record.account for record in records if record.kind == "submission"] == ["u2@example.test"]
    assert all(record.time is not None for record in records)


@pytest.mark.parametrize("folder", PROGRAMS)
def test_every_line_of_a_corpus_is_told_apart_from_the_others(folder: str) -> None:
    """Read by all at once, the lines of one server are told to be that server's, and read the same."""
    mixed = _mixed()
    whose = [mixed.whose(line) for line in lines(folder) if "imap1 sshd" not in line]
    assert set(whose) <= {folder, ""} and whose.count(folder) > len(whose) / 2


@given(
    st.sampled_from(
        [
            "dovecot",
            "auth",
            "imap-login",
            "cyrus/imaps",
            "imapd-ssl",
            "courieresmtpd",
            "courierd",
            "courieresmtp",
            "sm-mta",
            "smtpd",
        ]
    ),
    st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("utf-8", "surrogateescape")),
)
def test_no_text_makes_a_program_raise(program: str, text: str) -> None:
    """Whatever stands behind a header or a stamp, it is read as something."""
    record = _mixed().read(f"Mar  2 10:00:00 imap1 {program}[1]: {text}")
    assert record.kind not in {"ignored", "unread"} or record.why
    assert DovecotFile().read(f"Mar 02 10:00:00 {text}").kind


@pytest.mark.parametrize(
    "text",
    [
        "dovecot: imap-login: Login: user=<" + ">, method=PLAIN, rip=192.0.2.1, lip=192.0.2.1" * 1_000,
        "dovecot: auth: sql(" + ",192.0.2.1): " * 600,
        "dovecot: auth: sql(" + ",192.0.2.1): unknown user (given password: " * 180,
        "dovecot: submission(a)<1><b>: Successfully relayed message: from=<"
        + ">, size=1, id=a, nrcpt=1, reply=`" * 200,
        "cyrus/imap: badlogin: h [192.0.2.1] plaintext " + " SASL(-13): " * 600,
        "cyrus/imap: login: h [192.0.2.1] " + "a plaintext " * 650,
        "courieresmtp: id=A.B.C,from=<" + '"\\' * 4_000,
        "courierd: newmsg,id=A.B.C, auth=" + ": dns; (x [192.0.2.1])" * 350,
        "courieresmtpd: error,relay=192.0.2.1" + ",from=<x>,to=<y>: 550 " * 350,
        "imapd: LOGIN FAILED, user=" + ", ip=[192.0.2.1]" * 500,
        "smtpd: 08d856b172f69c5c mta delivery evpid=4296f49008d856b1 from=<"
        + '> to=<x> rcpt=<-> source="x" relay="y" delay=1s result="Ok" stat="' * 110,
        'smtpd: 08d856b172f69c5c smtp failed-command command="RCPT TO:<' + '>" result="' * 600,
        "smtpd: smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<" + ">, to=<x>, size=1, " * 380,
        "smtpd: relay: Expire for 4296f49008d856b1: from=<" + ">, to=<x>, rcpt=<x>, relay=x, delay=1s" * 200,
        "sm-mta: 622A00Kx004242: from=<" + ", size=1, class=0, nrcpts=1, relay=x [192.0.2.1]" * 160,
        "sm-mta: 622A00Kx004242: to=<" + ">, delay=00:00:01, mailer=esmtp, relay=x, dsn=2.0.0, stat=Sent" * 120,
        "sm-mta: 622A00Kx004242: to=" + '<"\\' * 2_500 + ", delay=00:00:01, mailer=esmtp, stat=Sent",
        "sm-mta: 622A00Kx004242: to=x, delay=00:00:01, mailer=esmtp, dsn=2.0.0, reply=" + ", reply=x, stat" * 500,
        "sm-mta: 622A00Kx004242: ruleset=check_rcpt, arg1=" + ", relay=x [192.0.2.1], reject=550" * 230,
        "sm-mta: 622A00Kx004242: AUTH failure (PLAIN): x" + ", user=x, relay=x [192.0.2.1]" * 270,
    ],
    ids=lambda text: text[:40],
)
def test_a_long_line_is_read_at_once(text: str, benchmark_seconds: float = 1.0) -> None:
    """Repeated pieces of a server's own language cost no more than their length."""
    import time

    start = time.perf_counter()
    assert _mixed().read(f"Mar  2 10:00:00 imap1 {text}").kind
    assert time.perf_counter() - start < benchmark_seconds


@pytest.mark.parametrize("folder", PROGRAMS)
def test_the_dialect_of_a_log_is_told_from_its_lines(folder: str) -> None:
    """A log of one server is told to be its own, and read by that dialect as by the server's own reader."""
    found = [line for _, name in files() if _ == folder and name != "own-file.log" for line, _ in pairs(folder, name)]
    assert detect(found) == folder
    dialect, alone = DIALECTS[folder](reference=WRITTEN), Syslogged([PROGRAMS[folder]()], reference=WRITTEN)
    assert [dialect.read(line) for line in found] == [alone.read(line) for line in found]


def test_dovecots_own_file_is_told_and_read_beside_syslogs_form() -> None:
    """Both forms of Dovecot's lines are Dovecot's, also when one file holds both."""
    own = [line for line, _ in pairs("dovecot", "own-file.log")]
    assert detect(own) == "dovecot"
    dialect = DIALECTS["dovecot"](reference=WRITTEN)
    through = "Mar  2 10:00:00 imap1 dovecot: imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1"
    assert [dialect.read(line).account for line in (own[0], through, own[1])] == [
        "ann@example.org",
        "ann",
        "ann@example.org",
    ]
    assert dialect.skim(own[0]) is None
