"""doctor: could queued mail be kept, and sessions be ended?"""

import json
import sys
from pathlib import Path

import pytest

from gatepost.config.load import read
from gatepost.config.measures import Settings
from gatepost.surface.doctor import measures
from gatepost.surface.doctor.check import Check

PROGRAM = """\
import sys
with open(sys.argv[1], "a") as calls:
    print(*sys.argv[3:], file=calls)
sys.exit(sys.argv[2] if sys.argv[2] != "-" else 0)
"""


def look(folder: Path, text: str, *, offline: bool = False) -> list[Check]:
    """The checks of one block."""
    (found,) = read(f"[[action]]\n{text}", "gatepost.toml", folder).action
    assert isinstance(found, Settings)
    return list(measures.look(found, offline=offline))


def program(folder: Path, complaint: str = "-") -> str:
    """A program that writes down its words, and ends with 0 or with a complaint; as TOML has it."""
    (folder / "program.py").write_text(PROGRAM)
    return json.dumps([sys.executable, str(folder / "program.py"), str(folder / "calls"), complaint])


def called(folder: Path) -> list[str]:
    """What it was called with."""
    return (folder / "calls").read_text().splitlines()


def spool(folder: Path) -> Path:
    """An empty one of Exim's."""
    (folder / "spool/input").mkdir(parents=True)
    return folder / "spool"


def test_exims_queue_is_read_and_counted_and_nothing_else(tmp_path: Path) -> None:
    """Both checks are ok, and Exim was only asked how many messages there are."""
    block = f'kind = "queue"\nserver = "exim"\nspool = "{spool(tmp_path)}"\nexim = {program(tmp_path)}\n'
    assert [check.state for check in look(tmp_path, block)] == ["ok", "ok"]
    assert called(tmp_path) == ["-bpc"]


def test_what_exim_refuses_is_told_with_its_remedy(tmp_path: Path) -> None:
    """A spool that is not there, and a user who is no admin."""
    commands = program(tmp_path, "exim: permission denied")
    block = f'kind = "queue"\nserver = "exim"\nspool = "{tmp_path}/gone"\nexim = {commands}\n'
    read_, keep = look(tmp_path, block)
    assert (read_.state, keep.state) == ("fail", "fail")
    assert "exim -bP spool_directory" in read_.remedy
    assert "permission denied" in keep.says and "gpasswd -a gatepost Debian-exim" in keep.remedy


@pytest.mark.parametrize(("complaint", "state"), [("-", "ok"), ("fatal: Permission denied", "fail")])
def test_postfix_is_told_to_hold_nothing(complaint: str, state: str, tmp_path: Path) -> None:
    """It lists, is asked about a message that there is not, and holds no message at all."""
    words = program(tmp_path, complaint)
    block = f'kind = "queue"\nserver = "postfix"\npostqueue = {words}\npostsuper = {words}\npostcat = {words}\n'
    checks = look(tmp_path, block)
    assert [check.state for check in checks] == [state] * 3
    assert all(check.remedy for check in checks if state == "fail")
    assert called(tmp_path) == ["-j", "-e -q 000000", "-h -"]


@pytest.mark.parametrize(("code", "state"), [(0, "ok"), (1, "fail")])
def test_sudo_is_asked_what_it_allows(code: int, state: str, tmp_path: Path) -> None:
    """The call itself is not made."""
    sudo = tmp_path / "sudo"
    sudo.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexit {code}\n')
    sudo.chmod(0o755)
    exim = json.dumps([str(sudo), "-n", "-u", "Debian-exim", "/usr/sbin/exim4"])
    _, keep = look(tmp_path, f'kind = "queue"\nserver = "exim"\nspool = "{spool(tmp_path)}"\nexim = {exim}\n')
    assert keep.state == state
    assert called(tmp_path) == ["-l -n -u Debian-exim /usr/sbin/exim4 -Mf 000000-000000-00"]
    assert state == "ok" or "docs/actions/queue.md" in keep.remedy


@pytest.mark.parametrize(("complaint", "state"), [("-", "ok"), ("cannot connect to anvil", "fail")])
def test_doveadm_is_called_about_nobody(complaint: str, state: str, tmp_path: Path) -> None:
    """No session of anybody ends."""
    (check,) = look(tmp_path, f'kind = "sessions"\ndoveadm = {program(tmp_path, complaint)}\n')
    assert check.state == state and (state == "ok" or complaint in check.says)
    assert all(line.endswith("-- nobody@gatepost.invalid") for line in called(tmp_path))


def test_offline_connects_nowhere(tmp_path: Path) -> None:
    """doveadm over HTTP is not asked."""
    (tmp_path / "key").write_text("sesame-sesame-sesame")
    block = 'kind = "sessions"\nurl = "http://127.0.0.1:1/doveadm/v1"\nkey = "key"\n'
    (check,) = look(tmp_path, block, offline=True)
    assert check.state == "unknown"
