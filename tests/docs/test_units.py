"""The units in examples/systemd: what systemd itself thinks of them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.pages import DOCS

UNITS = DOCS.parent / "examples" / "systemd"


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units, with a program that is there; without systemd there is nobody to ask."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/gatepost/bin/gatepost", sys.executable))
    return sorted(str(unit) for unit in tmp_path.iterdir())


def test_systemd_finds_no_fault(units: list[str]) -> None:
    """Every line means something to it."""
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60, check=False
    )
    said = [line for line in done.stderr.splitlines() if "gatepost" in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_the_service_is_shut_in(units: list[str]) -> None:
    """By systemd's own measure (0 to 10) its exposure is below 2.5."""
    service = next(unit for unit in units if unit.endswith(".service"))
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=25", service]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not loaded (before 250)")
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_the_socket_is_one_that_the_pages_use() -> None:
    """An operator who follows the pages has a door at the address of the unit."""
    listens = [
        line for line in (UNITS / "gatepost.socket").read_text().splitlines() if line.startswith("ListenStream=")
    ]
    assert listens
    pages = (DOCS / "doors" / "exim.md").read_text()
    assert all(f"unix:{line.removeprefix('ListenStream=')}" in pages for line in listens)
