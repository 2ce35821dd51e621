"""What is written to disk beside a busy server stays within the budget (contracts 24)."""

from pathlib import Path

import pytest
from bench import flush

from gatepost.runtime.loop import FLUSH
from gatepost.store.file import PAGE


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="this system does not tell what a process writes")
def test_a_page_is_written_into_the_log_and_into_the_file(tmp_path: Path) -> None:
    """Every page that is written down costs at most twice a page of SQLite, and the pace at most its budget."""
    found = flush.measure(5_000, 2, 1, tmp_path)
    assert found.pages > 6_000
    assert found.octets <= 2.2 * PAGE * found.pages
    assert 0 < found.rate <= flush.MOST


def test_two_runs_write_the_same_lines() -> None:
    """The same seed gives the same log, another one another."""
    one, again, other = (list(flush.lines(0.0, 100, 3, seed)) for seed in (1, 1, 2))
    assert one == again != other
    assert len(one) == 3 * int(flush.RATE * FLUSH / 3)
