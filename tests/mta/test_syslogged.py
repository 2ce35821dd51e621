"""Files that several mail servers write through syslog."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.mta import corpus

from gatepost.core.units import Instant, iso
from gatepost.mta import DIALECTS, detect
from gatepost.mta.base import Record
from gatepost.mta.exim import Exim
from gatepost.mta.postfix import Postfix
from gatepost.mta.repeated import MAX_REPEATED
from gatepost.mta.syslogged import (
    EMPTY,
    MAX_HOSTS,
    MAX_LINE,
    NO_HEADER,
    OTHER_PROGRAM,
    REPEATED,
    TOO_LONG,
    Syslogged,
)

REFERENCE = Instant(1_772_449_200.0)
FAILED = "warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x, sasl_username=ann"
EXIM = "1wAAAA-0001aB-2c <= ann@example.org H=(x) [192.0.2.7] P=esmtpa A=plain:ann S=1 for b@example.net"


def mixed() -> Syslogged:
    """Postfix and Exim in one file."""
    return Syslogged([Postfix()], reference=REFERENCE, exim=Exim(reference=REFERENCE))


def said(record: Record) -> tuple[str, str, int]:
    """Kind, reason and number."""
    return record.kind, record.why, record.count


@pytest.mark.parametrize(
    "head",
    [
        "Mar  2 10:00:00 mx1 ",
        "Mar 02 10:00:00 mx1 ",
        "<22>Mar  2 10:00:00 mx1 ",
        "2026-03-02T10:00:00+00:00 mx1 ",
        "2026-03-02T11:00:00.000001+0100 mx1 ",
        "Mar 02 10:00:00.123456 mx1 ",
        "Mon 2026-03-02 10:00:00 UTC mx1 ",
        "mail-1  | Mar  2 10:00:00 mx1 ",
        "mail-1 | 2026-03-02T10:00:00.123456789Z Mar  2 10:00:00 mx1 ",
        "2026-03-02T10:00:05.123456789Z 2026-03-02T10:00:00+00:00 mx1 ",
    ],
)
def test_every_header_is_read(head: str) -> None:
    """RFC 3164, with a priority, ISO, and behind what a container's log driver puts in front."""
    record = mixed().read(f"{head}postfix/smtpd[4711]: {FAILED}")
    assert (record.kind, record.account, record.host, record.session) == ("login", "ann", "mx1", "4711")
    assert record.time is not None and iso(record.time) == "2026-03-02T10:00:00Z"


def test_a_header_of_rfc_5424_with_data_is_read() -> None:
    """Structured data and a byte order mark stand between header and message."""
    data = '[origin ip="192.0.2.1"][x@64496 y="a\\]b"]'
    record = mixed().read(f"<22>1 2026-03-02T10:00:00Z mx1 postfix/smtpd 4711 - {data} \ufeff{FAILED}")
    assert (record.kind, record.account, record.session) == ("login", "ann", "4711")


def test_a_known_stamp_and_writer_are_read_as_a_new_one() -> None:
    """The short way for lines of one second and one process reads what the long way reads, however a line ends."""
    reader = mixed()
    heads = [f"Mar  2 10:00:0{second} mx1 postfix/smtpd[{pid}]" for second in range(3) for pid in range(3)]
    texts = (f": {FAILED}", f":{FAILED}", ":", ": ", "", ":x", f": {FAILED}")
    lines = [f"{head}{text}" for head in heads for text in texts]
    assert [reader.read(line) for line in lines] == [mixed().read(line) for line in lines]


def test_everybody_is_read_in_one_file() -> None:
    """Each line goes to the server whose program wrote it; the others' are of no interest."""
    reader, head = mixed(), "Mar  2 10:00:00 mx1 "
    records = [
        reader.read(f"{head}{text}")
        for text in (f"postfix/smtpd[1]: {FAILED}", f"exim[2]: {EXIM}", "sshd[3]: hello", f"smtpd[4]: {FAILED}")
    ]
    assert [record.kind for record in records] == ["login", "submission", "ignored", "ignored"]
    assert [record.host for record in records] == ["mx1"] * 4 and records[1].account == "ann"
    assert all(record.time == records[0].time for record in records)


def test_the_language_of_a_mixed_file_is_the_one_that_reads_both() -> None:
    """Exim's syslog lines beside Postfix's are read by Postfix's dialect; alone they are Exim's."""
    exim, postfix = f"Mar  2 10:00:00 mx1 exim[2]: {EXIM}", f"Mar  2 10:00:00 mx1 postfix/smtpd[1]: {FAILED}"
    assert detect([exim] * 5) == "exim" and detect([*[exim] * 5, postfix]) == "postfix"
    reader = DIALECTS["postfix"](reference=REFERENCE)
    assert [reader.read(line).kind for line in (exim, postfix)] == ["submission", "login"]


def test_a_repeated_message_counts_as_often_as_it_says() -> None:
    """Two ways of saying it, each for the host that says it; what was not read is not repeated."""
    reader = mixed()
    lines = [
        f"Mar  2 10:00:00 mx1 postfix/smtpd[1]: {FAILED}",
        "Mar  2 10:00:01 mx2 postfix/anvil[1]: statistics: x",
        "Mar  2 10:00:02 mx1 last message repeated 3 times",
        "Mar  2 10:00:03 mx2 last message repeated 3 times",
        "Mar  2 10:00:04 mx1 last: --- last message repeated 1 time ---",
        f"Mar  2 10:00:05 mx1 postfix/smtpd[1]: message repeated 2 times: [ {FAILED}]",
        "Mar  2 10:00:06 mx3 last message repeated 9 times",
        f"Mar  2 10:00:07 mx1 postfix/smtpd[1]: message repeated 999999 times: [{FAILED}]",
    ]
    assert [said(reader.read(line)) for line in lines] == [
        ("login", "", 1),
        ("ignored", "connection statistics", 1),
        ("login", "", 3),
        ("ignored", REPEATED, 1),
        ("login", "", 1),
        ("login", "", 2),
        ("ignored", REPEATED, 1),
        ("login", "", MAX_REPEATED),
    ]


@pytest.mark.parametrize(
    ("line", "kind", "why"),
    [
        ("", "ignored", EMPTY),
        ("  ", "ignored", EMPTY),
        ("hello", "unread", NO_HEADER),
        ("Mar  2 10:00:00", "unread", NO_HEADER),
        ("Mar  2 10:00:00 mx1 no program here", "unread", NO_HEADER),
        ("x" * (MAX_LINE + 1), "unread", TOO_LONG),
        ("Mar  2 10:00:00 mx1 " + "p" * 60 + "[1]: x", "unread", NO_HEADER),
        ("Mar  2 10:00:00 mx1 cron[1]: x", "ignored", OTHER_PROGRAM),
    ],
    ids=["empty", "blank", "text", "stamp", "no program", "long", "long program", "other"],
)
def test_what_is_no_mail_servers_line_says_so(line: str, kind: str, why: str) -> None:
    """Nothing raises, and each has its reason."""
    record = mixed().read(line)
    assert (record.kind, record.why) == (kind, why)


def test_what_is_remembered_of_hosts_and_programs_is_bounded() -> None:
    """A log that names a new host and a new program in every line is read at a bounded cost."""
    reader = mixed()
    for number in range(MAX_HOSTS * 40):
        reader.read(f"Mar  2 10:00:00 mx{number} p{number}[1]: x")
    assert len(reader._last) <= MAX_HOSTS and len(reader._owners) <= MAX_HOSTS * 16


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_no_text_makes_a_mixed_file_raise(text: str) -> None:
    """Whatever stands in a line, or behind a header or a repetition, is read as something."""
    reader = mixed()
    head = "Mar  2 10:00:00 mx1 postfix/smtpd[1]: "
    for line in (text, head + text, f"{head}message repeated 2 times: [ {text}]", f"Mar  2 10:00:00 mx1 {text}"):
        assert reader.read(line).kind
        reader.skim(line)
        assert reader.whose(line) in {"", "postfix"}


class Plain(Syslogged):
    """Reads every header anew."""

    def read(self, line: str) -> Record:
        return self._read_slowly(line)


_STAMPS = st.builds(
    "{} {:02}:{:02}:{}".format,
    st.sampled_from(["Mar 29", "Oct 25", "Mar  2", "Mar 2", "Dec 31", "Jan  1", "Feb 29"]),
    st.sampled_from([1, 2, 3, 23]),
    st.sampled_from([0, 59]),
    st.sampled_from(["00", "07", "59", "60", "5x", "05\0", "5"]),
)
_ISO = st.builds(
    "{}T{:02}:{:02}:{}{}{}".format,
    st.sampled_from(["2026-03-29", "2026-10-25", "2026-02-30"]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([0, 59]),
    st.sampled_from(["00", "07", "59", "60", "5x"]),
    st.sampled_from(["", ".123", ".000001", ".999999", ".1", ".123456789", ".12345x", "."]),
    st.sampled_from(["Z", "+01:00", "-03:30", "+0100", "+99:00", ""]),
)
_WRITTEN = st.lists(
    st.tuples(
        _STAMPS | _ISO | st.just("\x0005"),
        st.sampled_from(
            [" mx1 ", " mx2 ", "mx1", "  ", " Mar  2 02:00:00 mx1 ", " stdout F ", " <13>mx1 ", " 2026-03-02 10: "]
        ),
    ),
    max_size=30,
)


@given(_WRITTEN, st.sampled_from(["UTC", "Europe/Berlin"]))
def test_another_second_of_a_minute_is_that_second(written: list[tuple[str, str]], zone: str) -> None:
    """Every line has the time it has when each stamp is read anew: over New Year, clock changes and damaged stamps."""
    short, plain, timed = (
        each([Postfix()], ZoneInfo(zone), reference=Instant(1_793_000_000.0)) for each in (Syslogged, Plain, Syslogged)
    )
    for stamp, behind in written:
        line = f"{stamp}{behind}postfix/qmgr[1]: 225C022A268: removed"
        record = plain.read(line)
        assert short.read(line) == record, line
        assert timed.when(line) == record.time, line


@pytest.mark.parametrize("line", corpus.lines("exim"))
def test_exims_lines_behind_a_header_are_read_as_exim_alone_reads_them(line: str) -> None:
    """The short cut to Exim's own stamp changes nothing, whatever the line."""
    wrapped = f"Mar  2 10:03:04 mx1 exim[7]: {line}"
    alone, within = Exim(UTC, reference=corpus.WRITTEN), Exim(UTC, reference=corpus.WRITTEN)
    beside = Syslogged([], UTC, reference=corpus.WRITTEN, exim=within)
    for _ in range(2):
        assert beside.read(wrapped) == replace(alone.read(wrapped), host="mx1")


def test_exims_repeated_lines_are_read_in_a_mixed_file() -> None:
    """With Exim's own stamp within the brackets, or with the header's time alone."""
    failed = "plain authenticator failed for (x) [192.0.2.7]: 535 Incorrect (set_id=ann)"
    for said in (f"2026-03-02 10:03:06 {failed}", failed):
        record = mixed().read(f"Mar  2 10:03:06 mx1 exim[4715]: message repeated 4 times: [ {said}]")
        assert (record.kind, record.account, record.count) == ("login", "ann", 4)
        assert record.time == Instant(1_772_445_786.0)
