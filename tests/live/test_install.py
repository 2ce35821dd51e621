"""The guard of install.sh: a machine that has a mail server is left alone.

The script's questions are answered by shims in front of PATH; no package manager is ever called.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.exim import INSTALL

ENOUGH = {"dpkg-query": "exit 1", "apt-get": 'echo "$@" >>"$CALLS"; exit 1', "id": "echo 0"}
"""A machine without packages, where apt-get does nothing but leave a trace."""


@dataclass(frozen=True)
class Machine:
    """A machine as install.sh sees it."""

    folder: Path

    def answer(self, **programs: str) -> None:
        """Put programs in front of PATH; "_" in a name stands for "-"."""
        for name, body in programs.items():
            place = self.folder / "bin" / name.replace("_", "-")
            place.write_text(f"#!/bin/sh\n{body}\n")
            place.chmod(0o755)

    def process(self, number: int, name: str) -> None:
        """Let a process run."""
        place = self.folder / "proc" / str(number)
        place.mkdir()
        (place / "comm").write_text(name + "\n")

    def install(self, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        surroundings = {key: value for key, value in os.environ.items() if key not in ("CI", "GATEPOST_TEST_INSTALL")}
        surroundings |= {
            "PATH": f"{self.folder}/bin:/usr/bin:/bin",
            "GATEPOST_PROC": str(self.folder / "proc"),
            "GATEPOST_LIVE": str(self.folder / "live"),
            "CALLS": str(self.folder / "calls"),
        }
        return subprocess.run([str(INSTALL), *args], env=surroundings | settings, capture_output=True, text=True)

    def calls(self) -> str:
        """What apt-get was asked to do."""
        log = self.folder / "calls"
        return log.read_text() if log.exists() else ""

    def untouched(self) -> bool:
        """Whether nothing was asked of apt-get and nothing unpacked."""
        return not self.calls() and not (self.folder / "live" / "exim").exists()


@pytest.fixture
def machine(open_folder: Path) -> Machine:
    """A machine without any mail server."""
    folder = open_folder / "machine"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "proc"):
        (folder / name).mkdir(parents=True)
    made = Machine(folder)
    made.answer(**{name.replace("-", "_"): body for name, body in ENOUGH.items()})
    return made


@pytest.mark.parametrize(
    "package",
    [
        "exim4-daemon-light mail-transport-agent",
        "postfix mail-transport-agent",
        "exim4-base ",
        "opensmtpd mail-transport-agent",
    ],
)
def test_where_a_mail_server_is_installed_nothing_is(machine: Machine, package: str) -> None:
    """An installed mail server is named, and nothing is downloaded, unpacked or installed."""
    machine.answer(dpkg_query=f"echo 'installed {package}'")
    done = machine.install()
    assert done.returncode == 3
    assert f"a mail server is installed here ({package.split()[0]})" in done.stderr
    assert machine.untouched()


def test_a_mail_server_that_is_no_package_counts(machine: Machine) -> None:
    """A self-made exim in PATH is somebody's mail server too."""
    machine.answer(exim="exit 0")
    done = machine.install()
    assert done.returncode == 3
    assert "installed here" in done.stderr
    assert machine.untouched()


def test_a_removed_package_does_not_count(machine: Machine) -> None:
    """A package of which only the configuration is left is no mail server."""
    machine.answer(dpkg_query="echo 'config-files exim4-base '")
    assert "installed here" not in machine.install().stderr


@pytest.mark.parametrize("name", ["exim4", "smtpd", "sendmail-mta"])
def test_where_a_mail_server_runs_nothing_is_installed(machine: Machine, name: str) -> None:
    """A running mail server is named with its process, and the machine stays as it is."""
    machine.process(4711, name)
    done = machine.install()
    assert done.returncode == 3
    assert f"{name} (process 4711)" in done.stderr
    assert machine.untouched()


def test_without_root_nothing_is_tried(machine: Machine) -> None:
    """An ordinary user reads why there are no live tests, and nothing happens."""
    machine.answer(id="echo 1000")
    done = machine.install()
    assert done.returncode == 3
    assert "must be started by root" in done.stderr
    assert machine.untouched()


@pytest.mark.parametrize("setting", ["CI", "GATEPOST_TEST_INSTALL"])
def test_a_machine_that_may_be_used_up_is_tried(machine: Machine, setting: str) -> None:
    """CI=true or GATEPOST_TEST_INSTALL=1 passes the guard."""
    machine.answer(dpkg_query="echo 'installed postfix mail-transport-agent'")
    done = machine.install(**{setting: "true" if setting == "CI" else "1"})
    assert "cannot download" in done.stderr
    assert "download" in machine.calls()


def test_nothing_is_installed_that_removes_a_package(machine: Machine) -> None:
    """When apt-get would remove something, even a machine that may be used up is left as it is."""
    machine.answer(
        apt_get='echo "$@" >>"$CALLS"\n'
        'case "$*" in "-qq download "*) touch exim4-daemon-heavy_1.deb exim4-base_1.deb ;;'
        " *-s*) echo 'Remv postfix [3.7]' ;; esac",
        dpkg_deb="echo 'libgone1 (>= 1), exim4-base'",
    )
    done = machine.install(CI="true")
    assert done.returncode == 3
    assert "would remove postfix" in done.stderr
    assert "install -y" not in machine.calls()
    assert not (machine.folder / "live" / "exim").exists()


def test_postfix_and_dovecot_are_only_ever_downloaded(machine: Machine) -> None:
    """For an empty system and into our own folder: what is installed here is neither looked at nor changed."""
    machine.install(CI="true")
    calls = [line for line in machine.calls().splitlines() if "dovecot" in line]
    assert calls
    for line in calls:
        assert "--download-only" in line
        assert f"Dir::State::status={machine.folder}/live/servers.new/debs/status" in line
        assert f"Dir::Cache::archives={machine.folder}/live/servers.new/debs" in line


def test_each_server_is_asked_for_alone(machine: Machine) -> None:
    """Postfix and Dovecot can be ready where no Exim is, and the other way round."""
    (machine.folder / "live/servers").mkdir(parents=True)
    (machine.folder / "live/servers/ready").touch()
    assert machine.install("where", "servers").stdout == f"{machine.folder}/live/servers\n"
    assert machine.install("where", "exim").returncode == 3


def test_asking_changes_nothing(machine: Machine) -> None:
    """`where` without an Exim gives the reason and asks nothing of apt-get."""
    done = machine.install("where")
    assert done.returncode == 3
    assert "no Exim is unpacked here" in done.stderr
    assert machine.untouched()
