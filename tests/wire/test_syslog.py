"""Syslog headers: where they end and what they say."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gatepost.wire.syslog import MAX_HEADER, in_utc, read_header


def test_the_old_header_names_host_program_and_pid() -> None:
    """RFC 3164, with and without a priority, a pid, and a blank in the day."""
    for line, pid in [
        ("Mar  2 10:03:00 mx1 exim[4711]: hello", "4711"),
        ("<22>Mar 12 10:03:00 mx1 exim[4711]: hello", "4711"),
        ("<22>Mar 12 10:03:00 mx1 exim: hello", ""),
    ]:
        header = read_header(line)
        assert header is not None and line[header.end :] == "hello"
        assert (header.host, header.program, header.pid) == ("mx1", "exim", pid)


def test_the_old_header_has_no_year() -> None:
    """The year is left to who knows when the log was written; the 29th of February needs one that has it."""
    plain, leap = read_header("Mar  2 10:03:04 mx1 exim: x"), read_header("Feb 29 10:03:04 mx1 exim: x")
    assert plain is not None and plain.local == datetime(1, 3, 2, 10, 3, 4)
    assert leap is not None and leap.local == datetime(4, 2, 29, 10, 3, 4)


def test_the_iso_header_has_its_zone() -> None:
    """rsyslog's file format: microseconds and an offset."""
    header = read_header("2026-03-02T11:03:02.123456+01:00 mx1 exim[4711]: hello")
    assert header is not None and header.local is not None
    assert header.local == datetime(2026, 3, 2, 11, 3, 2, 123456, timezone(timedelta(hours=1)))
    assert in_utc(header.local) == datetime(2026, 3, 2, 10, 3, 2, 123456, UTC).timestamp()
    assert in_utc(header.local.replace(tzinfo=None)) is None


def test_the_headers_of_journalctl_are_read() -> None:
    """short-precise has a fraction; short-full a year, and a zone that is known or is the machine's own."""
    said = {
        "Mar 02 10:03:04.123456 mx1 exim[1]: x": datetime(1, 3, 2, 10, 3, 4, 123456),
        "Mar 02 10:03:04.5 mx1 exim[1]: x": datetime(1, 3, 2, 10, 3, 4, 500000),
        "Mon 2026-03-02 10:03:04 UTC mx1 exim[1]: x": datetime(2026, 3, 2, 10, 3, 4, tzinfo=UTC),
        "Mon 2026-03-02 10:03:04 +0100 mx1 exim[1]: x": datetime(2026, 3, 2, 9, 3, 4, tzinfo=UTC),
        "Mon 2026-03-02 10:03:04 CET mx1 exim[1]: x": datetime(2026, 3, 2, 10, 3, 4),
        "Mon 2026-02-30 10:03:04 CET mx1 exim[1]: x": None,
    }
    for line, local in said.items():
        header = read_header(line)
        assert header is not None and (header.local, header.host, header.pid) == (local, "mx1", "1")
        assert line[header.end :] == "x"


def test_the_new_header_may_hold_data() -> None:
    """RFC 5424: structured data, with brackets and quotes escaped, ends before the message."""
    line = r'<22>1 2026-03-02T10:03:03Z mx1 exim 4711 - [a@64496 x="\] \""][b@64496 y="["] hello'
    header = read_header(line)
    assert header is not None and line[header.end :] == "hello" and header.pid == "4711"
    bare = read_header("<22>1 - mx1 exim - - - hello")
    assert bare is not None and (bare.local, bare.pid) == (None, "")


def test_a_time_that_is_none_is_none() -> None:
    """A header with an impossible date is still a header."""
    for line in ("Foo  2 10:03:00 mx1 exim: x", "Mar 32 10:03:00 mx1 exim: x", "Mar  2 25:03:00 mx1 exim: x"):
        header = read_header(line)
        assert header is not None and header.local is None
    iso = read_header("2026-02-30T10:03:00Z mx1 exim: x")
    assert iso is not None and iso.local is None


def test_what_has_no_header_has_none() -> None:
    """Exim's own stamp is no syslog header, and neither is anything else."""
    for line in ("", "2026-03-02 10:00:00 hello", "Mar  2 10:03:00", "<999999>1 x", "hello world: x"):
        assert read_header(line) is None


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    """A header ends inside its line, and is looked for only in the beginning of it."""
    for line in (text, f"Mar  2 10:03:00 {text}", f"<1>1 2026-03-02T10:03:03Z {text}"):
        header = read_header(line)
        assert header is None or 0 < header.end <= min(len(line), MAX_HEADER)
