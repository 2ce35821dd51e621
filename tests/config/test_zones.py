"""zones.py: a time zone by its name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatepost.config.zones import load_zone
from gatepost.core.errors import ConfigError

SUMMER = datetime(2026, 7, 1, 12)


@pytest.mark.parametrize(
    ("text", "hours"), [("UTC", 0), ("utc", 0), ("+01:00", 1), ("-0230", -2.5), ("Europe/Berlin", 2)]
)
def test_zones_have_their_offset(text: str, hours: float) -> None:
    """UTC, offsets and IANA names give the offset they mean."""
    assert load_zone(text).utcoffset(SUMMER) == timedelta(hours=hours)


def test_local_is_the_zone_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """$TZ decides what local means, as for every other program."""
    monkeypatch.setenv("TZ", ":Asia/Kolkata")
    assert load_zone("local").utcoffset(SUMMER) == timedelta(hours=5.5)
    monkeypatch.delenv("TZ")
    monkeypatch.setattr("gatepost.config.zones.LOCALTIME", Path("/nonexistent"))
    assert load_zone("local") is UTC


@pytest.mark.parametrize("text", ["", "Mars/Olympus", "../etc/passwd", "+25:00", "+1", "/etc/passwd", "Europe"])
def test_no_zone_is_an_error_with_a_remedy(text: str) -> None:
    """What is no zone is refused with what can be written, whatever was tried."""
    with pytest.raises(ConfigError, match="write"):
        load_zone(text)
