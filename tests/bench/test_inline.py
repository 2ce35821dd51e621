"""The policy servers are compared under load: every row has its figures or a reason, and detection is on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def printed() -> str:
    """What a small run prints; it fails when the thief among those who ask is not slowed."""
    command = [sys.executable, "-m", "bench.inline", "--accounts", "100", "--seconds", "0.5", "--lines", "300"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "row",
    [
        "gatepost, every account",
        "gatepost  ",
        "gatepost, 300 lines",
        "gatepost, logins",
        "postfwd",
        "policyd-rate-limit",
        "bare",
    ],
)
def test_every_server_has_its_figures_or_a_reason(printed: str, row: str) -> None:
    """Questions a second, by the clock and by the processor, three latencies that ascend; and what was answered."""
    line = next(line for line in printed.splitlines() if line.startswith(row))
    figures = re.search(r"  ([\d,]+) +([\d,]+) +([\d.]+) +([\d.]+) +([\d.]+)  \d", line)
    assert figures or (" skipped: " in line and not line.startswith(("gatepost", "bare")))
    if figures:
        assert 0 < float(figures[3]) <= float(figures[4]) <= float(figures[5])
        assert int(figures[1].replace(",", "")) > 0 and line.lower().rstrip().endswith(
            ("dunno", '{"status":0,"msg":""}')
        )


def test_the_ratios_are_of_the_same_run(printed: str) -> None:
    """gatepost beside each server that ran, by what a second of processor does; the bare parser always runs."""
    assert re.search(r"a second of processor .*: .*[\d.]+ of bare parser$", printed, re.MULTILINE)


def test_honest_people_pass_and_the_thief_does_not(printed: str) -> None:
    """Whoever writes as always is never slowed under load; who has the password in twenty networks is."""
    assert re.search(r"the thief was slowed at recipient \d+$", printed.strip())
