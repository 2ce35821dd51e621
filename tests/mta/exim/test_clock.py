"""Exim's time stamps."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gatepost.core.units import Instant, iso
from gatepost.mta.exim import Exim
from gatepost.mta.exim.clock import Clock, year_for

BERLIN = ZoneInfo("Europe/Berlin")


def at(clock: Clock, line: str) -> str | None:
    """A stamp as ISO 8601 in UTC."""
    found = clock.read(line)
    return iso(found[0]) if found else None


@pytest.mark.parametrize(
    ("stamp", "said", "behind"),
    [
        ("2026-03-02 10:00:07 x", "2026-03-02T10:00:07Z", 20),
        ("2026-03-02 10:00:07.123 x", "2026-03-02T10:00:07Z", 24),
        ("2026-03-02 10:00:07 +0100 x", "2026-03-02T09:00:07Z", 26),
        ("2026-03-02 10:00:07.999 -0330 x", "2026-03-02T13:30:07Z", 30),
        ("2026-03-02 10:00:60 x", "2026-03-02T10:01:00Z", 20),
        ("2026-03-02 10:00:07 +x", "2026-03-02T10:00:07Z", 20),
    ],
)
def test_a_stamp_is_an_instant_and_ends_before_the_text(stamp: str, said: str, behind: int) -> None:
    """Milliseconds, zone, both or none; a leap second is the next second."""
    found = Clock().read(stamp)
    assert found is not None and (iso(found[0]), found[1]) == (said, behind)
    assert found[0] % 1 == pytest.approx(float(f"0.{stamp[20:23]}") if stamp[19] == "." else 0, abs=1e-4)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "2026-03-02",
        "2026-13-02 10:00:07 x",
        "2026-03-02 10:60:07 x",
        "2026-03-02 10:00:61 x",
        "0000-01-01 00:00:00 x",
        "2026-03-02T10:00:07 x",
        "\uff12\uff10\uff12\uff16-03-02 10:00:07 x",
        "9999-12-31 23:59:59 x",
        "2026-03-02 10:00:0",
    ],
)
def test_what_is_no_stamp_is_none(line: str) -> None:
    """Dates that do not exist, other digits, and years no log can have."""
    assert Clock().read(line) is None


def test_a_stamp_without_zone_is_the_logs_own() -> None:
    """Winter and summer, in the zone of the configuration."""
    clock = Clock(BERLIN)
    assert at(clock, "2026-03-02 10:00:00 x") == "2026-03-02T09:00:00Z"
    assert at(clock, "2026-07-02 10:00:00 x") == "2026-07-02T08:00:00Z"


def test_a_zone_in_the_stamp_wins() -> None:
    """`log_timezone` says more than the configuration, line by line."""
    clock = Clock(BERLIN)
    assert at(clock, "2026-03-02 10:00:00 x") == "2026-03-02T09:00:00Z"
    assert at(clock, "2026-03-02 10:00:00 +0000 x") == "2026-03-02T10:00:00Z"
    assert at(clock, "2026-03-02 10:00:00 +0200 x") == "2026-03-02T08:00:00Z"
    assert at(clock, "2026-03-02 10:00:00 x") == "2026-03-02T09:00:00Z"


def test_the_repeated_hour_is_the_later_one_once_the_log_has_passed_it() -> None:
    """The clock goes back from 03:00 to 02:00 on 2026-10-25: the second 02:10 is an hour after the first."""
    clock = Clock(BERLIN)
    assert at(clock, "2026-10-25 02:10:00 x") == "2026-10-25T00:10:00Z"
    assert at(clock, "2026-10-25 02:59:59 x") == "2026-10-25T00:59:59Z"
    assert at(clock, "2026-10-25 02:58:30 x") == "2026-10-25T00:58:30Z"
    assert at(clock, "2026-10-25 02:00:00 x") == "2026-10-25T01:00:00Z"
    assert at(clock, "2026-10-25 02:10:00 x") == "2026-10-25T01:10:00Z"
    assert at(clock, "2026-10-25 03:00:00 x") == "2026-10-25T02:00:00Z"


def test_the_machines_own_zone_is_a_zone() -> None:
    """Without a zone the machine's is used."""
    found = Clock(None).read("2026-03-02 10:00:00 x")
    assert found is not None and found[0] == datetime(2026, 3, 2, 10).astimezone(UTC).timestamp()


@pytest.mark.parametrize(
    ("written", "month", "day", "year"),
    [
        ((2026, 3, 2), 3, 1, 2026),
        ((2026, 3, 2), 3, 3, 2026),
        ((2026, 3, 2), 3, 4, 2025),
        ((2026, 12, 31), 1, 1, 2027),
        ((2026, 1, 1), 12, 31, 2025),
    ],
)
def test_a_date_without_a_year_is_the_last_before_the_log_was_written(
    written: tuple[int, int, int], month: int, day: int, year: int
) -> None:
    """Tomorrow is still this log; the day after is last year's."""
    reference = Instant(datetime(*written, 12, tzinfo=UTC).timestamp())
    assert year_for(month, day, reference) == year


def test_skimmed_lines_move_the_clock() -> None:
    """A second that comes again an hour later is the later one, also when everything between was skimmed."""
    exim, name = Exim(BERLIN), "1wAAAA-0001aB-2c"
    line = f"2026-10-25 02:00:00 {name} Completed"
    first = exim.read(line).time
    assert exim.skim(f"2026-10-25 02:59:59 {name} => bob@example.net R=r T=t") == (name, "bob@example.net")
    second = exim.read(line).time
    assert first is not None and second is not None and second - first == 3600


def test_an_empty_line_is_nothing_whatever_was_skimmed_before() -> None:
    """It says nothing, and nothing of the line before is told again."""
    exim = Exim()
    assert exim.skim("2026-03-02 10:00:00 1wAAAA-0001aB-2c Completed") is None
    assert exim.skim("2026-03-02 10:00:01 1wBBBB-0001aB-2c => bob@example.net R=r T=t") is not None
    assert exim.read("").kind == "ignored"
