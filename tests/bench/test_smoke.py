"""The benchmark runs, prints every figure, and its replay reads what was written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("gatepost replay --format jsonl", "its reading and joining alone")


@pytest.fixture(scope="module")
def printed() -> str:
    """What `python -m bench --smoke` prints; it fails when the replay's counts are wrong."""
    command = [sys.executable, "-m", "bench", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_replay_reads_every_line_that_was_written(printed: str) -> None:
    """All lines are read, none is unread, and every outcome finds its message: on Exim's log and on Postfix's."""
    assert printed.count("replay read 20,000 lines, 0 unread, 0 outcomes without a message") == 2


@pytest.mark.parametrize("program", [*OURS, "eximstats -nr -nt", "pflogsumm", "grep -c"])
def test_every_program_has_its_figures_or_a_reason(printed: str, program: str) -> None:
    """A row has its times, speeds, ratio and memory, or says why the program did not run."""
    row = next(line for line in printed.splitlines() if line.startswith(program))
    assert re.search(r"( +[\d,.]+){4} +[\d.]+x +\d+$", row) or " skipped: " in row


@pytest.mark.parametrize(
    "name", ["delivered", "submission", "failed recipient", "failed login", "all observations", "received", "completed"]
)
def test_every_class_of_line_has_its_microseconds(printed: str, name: str) -> None:
    """The budget's classes are measured, on more than a handful of lines, and cost something."""
    found = re.search(rf"^{name} +([\d,]+) +(\d+\.\d\d)$", printed, re.MULTILINE)
    assert found
    assert int(found[1].replace(",", "")) >= 50
    assert float(found[2]) > 0


@pytest.mark.parametrize("name", ["encoded", "hot", "SQLite file, an account", "counts (rings)", "familiar values"])
def test_every_weight_is_there(printed: str, name: str) -> None:
    """Pages have a size, encoded, in SQLite, hot, and by kind of measure."""
    assert re.search(rf"^ *{re.escape(name)} +[1-9][\d,]*", printed, re.MULTILINE)


def test_memory_and_speed_of_many_accounts_are_told(printed: str) -> None:
    """The run over more accounts than are kept hot says its peak and its speed."""
    assert re.search(r"22,000 accounts, two messages each, 132,000 lines: \d+ MB at most, [\d,]+ lines/s", printed)


@pytest.mark.parametrize("way", ["gatepost, no text twice", "no shape twice", "google-re2, one set", "re, one after"])
def test_every_way_to_classify_refusals_has_its_figure(printed: str, way: str) -> None:
    """A row has texts a second and its ratio to gatepost, or says why it did not run."""
    row = next(line for line in printed.splitlines() if line.startswith(way))
    assert re.search(r" +[1-9][\d,]+ +[\d.e+-]+x$", row) or " skipped: " in row


def test_a_loop_of_regular_expressions_is_much_slower(printed: str) -> None:
    """The classifier is at least twenty times as fast as one expression after the other, measured in one run."""
    row = next(line for line in printed.splitlines() if line.startswith("re, one after"))
    assert float(row.split()[-1].rstrip("x")) < 0.05


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_every_transport_of_syslog_has_its_figures(printed: str, transport: str) -> None:
    """Everything that was sent is told of; that TCP lost nothing, and UDP nothing silently, is its exit code."""
    figures = r" +[\d,]+ +10,000 +[\d,]+ +\d+\.\d +\d+% +\d+\.\d +\d+$"
    for part in ("heard and spooled", "through to the engine"):
        assert re.search(rf"^{transport}: {part}{figures}", printed, re.MULTILINE)
