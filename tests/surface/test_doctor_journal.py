"""doctor about sources that are no files: a real journal, standard input."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.source.journalled import LINES, START, unpacked

from gatepost.config.streams import Journal, Stdin
from gatepost.core.errors import SourceError
from gatepost.core.units import Instant
from gatepost.source.journal import Chosen
from gatepost.source.journalled import newest
from gatepost.surface.commands.doctor import command
from gatepost.surface.doctor import feeds, journal
from gatepost.surface.doctor.check import Check

NOW = Instant(START + 60.0)
UNIT = "postfix@-.service"


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A real journal file."""
    if shutil.which("journalctl") is None:
        pytest.skip("journalctl is not installed")
    return str(unpacked(tmp_path))


def source(place: str, users: tuple[str, ...] = ("root", "89"), unit: str = UNIT) -> Journal:
    """Its settings."""
    return Journal(name="mx1", host="mx1", units=(unit,), users=users, path=place)


def checks(found: Journal, now: Instant = NOW) -> dict[str, Check]:
    """What doctor says, by the last word of its names."""
    return {check.name.rpartition(": ")[2]: check for check in journal.look(found, now, "[gatepost]")}


def test_a_good_journal_is_read_and_its_lines_looked_at(place: str) -> None:
    """Its own records are counted, strangers in its unit are named, and the lines are looked at as a log's are."""
    found = checks(source(place))
    assert found["readable"].state == "ok" and found["readable"].says.startswith(f"{len(LINES)} records")
    assert found["forgery"].state == "warn" and "user 1000" in found["forgery"].says
    assert "printed, by whoever (1)" in found["forgery"].says
    assert (found["language"].state, found["zone"].state, found["time"].state) == ("ok", "ok", "ok")
    assert "syslog" not in found and "logins" in found


def test_a_user_that_was_forgotten_is_named(place: str) -> None:
    """When none of the records is of the users named, nothing would be read: that fails."""
    found = checks(source(place, users=("89999",)))
    assert found["forgery"].state == "fail" and "user 0, root (" in found["forgery"].says and "language" not in found


def test_a_unit_without_records_is_told(place: str) -> None:
    """A name that nothing has."""
    found = checks(source(place, unit="exim4.service"))
    assert list(found) == ["readable"] and found["readable"].state == "warn"


def test_a_wrong_clock_is_told(place: str) -> None:
    """Another host's journal whose newest record lies in the future."""
    assert checks(source(place), Instant(START - 4000.0))["time"].state == "fail"
    assert checks(source(place), Instant(START + 90_000.0))["time"].state == "warn"


def test_what_cannot_be_read_is_told(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no journal, a user that is none, a host without journalctl."""
    (tmp_path / "broken").write_text("no journal")
    assert checks(source(str(tmp_path / "broken")))["readable"].state == "fail"
    assert "there is no user nobody-here" in checks(source(place, users=("nobody-here",)))["readable"].says
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="journalctl cannot be run"):
        newest(Chosen("mx1", frozenset({UNIT}), frozenset({0})), place)


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, says: str, hint: str = "") -> None:
    """A journalctl that says what it is told."""
    (folder / "says").write_text(says)
    script = folder / "journalctl"
    script.write_text(f"#!/bin/sh\necho '{hint}' >&2\ncat '{folder}/says'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_who_sees_only_his_own_records_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """journalctl says so beside its output, and the remedy names the group."""
    stand_in(tmp_path, monkeypatch, "", "Hint: You are currently not seeing messages from other users and the system.")
    (check,) = checks(source("")).values()
    assert check.state == "fail" and "systemd-journal" in check.remedy


def test_a_journal_and_a_file_of_the_same_server_are_two_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in both would count twice, whatever frames it has."""
    text = "225C022A268: client=x[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@example.org"
    record = {
        "MESSAGE": text, "SYSLOG_IDENTIFIER": "postfix/smtpd", "SYSLOG_PID": "7", "_UID": "0", "_TRANSPORT": "syslog",
        "_SYSTEMD_UNIT": UNIT, "__REALTIME_TIMESTAMP": f"{START}000000",
    }  # fmt: skip
    stand_in(tmp_path, monkeypatch, json.dumps(record) + "\nno record\n")
    (tmp_path / "mail.log").write_text(f"Mar  2 10:00:00 elsewhere postfix/smtpd[7]: {text}\n")
    os.utime(tmp_path / "mail.log", (START, START))
    config = (
        f'[[source]]\nkind = "journal"\nname = "a"\nhost = "mx1"\nunits = ["{UNIT}"]\nusers = ["root"]\n'
        '[[source]]\nkind = "tail"\nname = "b"\nhost = "mx2"\npath = "mail.log"\nzone = "UTC"\n'
    )
    (tmp_path / "gatepost.toml").write_text(config)
    said = CliRunner().invoke(command, ["--config", str(tmp_path / "gatepost.toml"), "--offline"]).output
    assert "FAIL  sources: overlap: b and a" in said, said
    assert checks(source(""))["logins"].state == "ok"


def test_of_standard_input_nothing_can_be_said() -> None:
    """That is said, with what can be done."""
    check = feeds.piped(Stdin(name="pipe"))
    assert check.state == "unknown" and "gatepost parse -" in check.remedy
