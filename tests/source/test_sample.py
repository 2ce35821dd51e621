"""What is known of a log before it is read."""

import gzip
import os
from pathlib import Path

from gatepost.source.sample import LINES, first_lines, written


def test_the_first_lines_of_plain_and_packed_logs(tmp_path: Path) -> None:
    """At most LINES of them, whatever the file is packed with."""
    text = "".join(f"line {number}\n" for number in range(LINES + 5))
    plain, packed = tmp_path / "mail.log", tmp_path / "mail.log.1.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    assert [len(first_lines(str(path))) for path in (plain, packed)] == [LINES, LINES]
    assert first_lines(str(packed))[:2] == ["line 0", "line 1"]


def test_a_log_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    """Missing files, broken archives, folders and standard input: reading them in earnest says why."""
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"\x1f\x8bnothing")
    assert [first_lines(str(path)) for path in (tmp_path / "missing", broken, tmp_path, "-")] == [[]] * 4


def test_when_a_log_was_written(tmp_path: Path) -> None:
    """The file's own time; nobody knows that of a missing one."""
    log = tmp_path / "mail.log"
    log.write_text("x\n")
    os.utime(log, (5.0, 1_772_449_200.0))
    assert written(str(log)) == 1_772_449_200.0
    assert written(str(tmp_path / "missing")) is None
