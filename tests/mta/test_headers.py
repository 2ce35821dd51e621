"""The times of syslog headers (RFC 3164, RFC 5424)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gatepost.core.units import Instant, iso
from gatepost.mta.headers import HeaderClock
from gatepost.wire.syslog import read_header


def at(clock: HeaderClock, stamp: str) -> str | None:
    """The instant of a line's header."""
    header = read_header(f"{stamp} mx1 postfix/qmgr[1]: x")
    assert header is not None
    found = clock.at(header.local)
    return iso(found) if found is not None else None


def written(year: int, month: int, day: int) -> Instant:
    """Noon of a day."""
    return Instant(datetime(year, month, day, 12, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("stamp", "said"),
    [
        ("Mar  2 10:00:00", "2026-03-02T10:00:00Z"),
        ("Feb 29 10:00:00", None),
        ("Xyz  2 10:00:00", None),
        ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"),
        ("2026-03-02T10:00:00.5+01:00", "2026-03-02T09:00:00Z"),
        ("2026-03-02T10:00:00-0330", "2026-03-02T13:30:00Z"),
        ("2026-03-02T10:00:00", "2026-03-02T10:00:00Z"),
    ],
)
def test_a_header_has_its_time(stamp: str, said: str | None) -> None:
    """With and without a year and a zone; a day that does not exist has none."""
    assert at(HeaderClock(UTC, written(2026, 3, 2)), stamp) == said


def test_without_a_year_and_a_reference_there_is_no_time() -> None:
    """Nothing is guessed before any line or file said the year; a line that says it helps those behind it."""
    clock = HeaderClock()
    assert at(clock, "Mar  2 10:00:00") is None
    assert at(clock, "2026-03-02T10:00:00Z") == "2026-03-02T10:00:00Z"
    assert at(clock, "Mar  2 10:00:01") == "2026-03-02T10:00:01Z"


def test_a_log_over_new_year_goes_on() -> None:
    """December belongs to the year before the file was written, and January follows it, however long it runs."""
    clock = HeaderClock(UTC, written(2026, 1, 2))
    stamps = ["Dec 30 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  2 10:00:00", "Jun 30 10:00:00"]
    assert [at(clock, stamp) for stamp in stamps] == [
        "2025-12-30T23:59:59Z",
        "2026-01-01T00:00:00Z",
        "2025-12-31T23:59:59Z",
        "2026-01-02T10:00:00Z",
        "2026-06-30T10:00:00Z",
    ]
    rest = ["Nov 20 10:00:00", "Feb  1 10:00:00", "Jul  1 10:00:00", "Dec 31 23:59:59", "Jan  5 10:00:00"]
    assert [at(clock, stamp)[:4] for stamp in rest] == ["2026", "2027", "2027", "2027", "2028"]  # type: ignore[index]


def test_a_file_of_last_year_is_of_last_year() -> None:
    """The first line is the latest such day before the file was written."""
    assert at(HeaderClock(UTC, written(2026, 3, 2)), "Mar  4 10:00:00") == "2025-03-04T10:00:00Z"
    assert at(HeaderClock(UTC, written(2026, 3, 2)), "Mar  3 09:00:00") == "2026-03-03T09:00:00Z"


def test_the_repeated_hour_is_the_later_one_once_the_log_has_passed_it() -> None:
    """Local time in the night when the clocks go back: the second 02:10 is an hour after the first."""
    clock = HeaderClock(ZoneInfo("Europe/Berlin"), written(2026, 10, 26))
    stamps = ["Oct 25 02:10:00", "Oct 25 02:59:59", "Oct 25 02:00:00", "Oct 25 02:10:00", "Oct 25 03:00:00"]
    hours = [at(clock, stamp) for stamp in stamps]
    assert hours[0] == "2026-10-25T00:10:00Z" and hours[2:] == [
        "2026-10-25T01:00:00Z",
        "2026-10-25T01:10:00Z",
        "2026-10-25T02:00:00Z",
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
def test_new_year_is_where_the_log_was_written(zone: str) -> None:
    """Midnight there, in either order of lines, and when the file's last change falls in the other year of UTC."""
    here = ZoneInfo(zone)
    eve, day = datetime(2025, 12, 31, 23, 59, 59, tzinfo=here), datetime(2026, 1, 1, 0, 0, 1, tzinfo=here)
    for reference in (day.timestamp(), day.timestamp() + 30 * 86400):
        for order in ((eve, day), (day, eve), (eve, day, eve, day)):
            clock = HeaderClock(here, Instant(reference))
            found = [at(clock, f"{time:%b %d %H:%M:%S}") for time in order]
            assert found == [iso(time.timestamp()) for time in order]


def test_the_hour_that_is_left_out_is_still_a_time() -> None:
    """A clock that was not set forward writes 02:30 in the night in which there is none; time goes on behind it."""
    clock = HeaderClock(ZoneInfo("Europe/Berlin"), written(2026, 3, 30))
    stamps = ["Mar 29 01:59:59", "Mar 29 02:30:00", "Mar 29 03:30:00"]
    found = [at(clock, stamp) for stamp in stamps]
    assert found[0] == "2026-03-29T00:59:59Z" and found[2] == "2026-03-29T01:30:00Z"
    assert found[1] in {"2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"}
