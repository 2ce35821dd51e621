"""gatepost watch as a process: what it says and does when things are not as they should be."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.ports import until
from tests.runtime.process import Process, now
from tests.runtime.scene import ANN, BEN, configured, theft

TEN_MISTAKES = """\
mode = "enforcing"
tag = 5
[start]
learn = "soon"
[levels]
watch = 50
throttle = 40
[exempt]
networks = ["192.0.2.0/99"]
[[source]]
kind = "tail"
name = "mx1"
pth = "mainlog"
zone = "Nowhere/Town"
[[action]]
kind = "table"
path = "deny"
format = "cdb"
mode = "rw"
[[detector]]
kind = "spred"
[breaker]
blocks_per_hour = "ten"
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A configured gatepost that does not run yet; whatever happened, it never printed a traceback."""
    configured(tmp_path)
    process = Process(tmp_path)
    process.learn(days=14)
    yield process
    process.kill() if process.child is not None else None
    assert "Traceback" not in process.said


def test_ten_mistakes_are_said_at_once(tmp_path: Path) -> None:
    """Each with its line and remedy; nothing is started, nothing is written."""
    process = Process(tmp_path)
    process.config.write_text(TEN_MISTAKES)
    said = process.run("watch")
    assert said.returncode == 2
    assert said.stderr.count("gatepost.toml:") >= 10
    assert "did you mean" in said.stderr and "Traceback" not in said.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["gatepost.toml"]


def test_without_a_source_there_is_nothing_to_watch(tmp_path: Path) -> None:
    """Exit 2, with what is missing."""
    process = Process(tmp_path)
    process.config.write_text('mode = "observe"\n')
    said = process.run("watch")
    assert said.returncode == 2 and "[[source]]" in said.stderr


@pytest.mark.parametrize("content", [b"no database" * 1000, None])
def test_a_state_that_cannot_be_used_is_left_alone(process: Process, content: bytes | None) -> None:
    """Exit 1 in one line: the file and the remedy."""
    state = process.folder / "state.db"
    if content is None:
        state.mkdir()
    else:
        state.write_bytes(content)
    said = process.run("watch")
    assert said.returncode == 1
    assert str(state) in said.stderr and len(said.stderr.splitlines()) == 1
    assert content is None or state.read_bytes() == content


def test_observe_mode_writes_nothing_outside_the_state(process: Process) -> None:
    """A theft is noted; beside the state and the log no file is made or changed."""
    configured(process.folder, "observe")
    before = {path: path.stat().st_mtime_ns for path in process.folder.rglob("*") if path.is_file()}
    process.start()
    process.append(theft(now()))
    until(lambda: '"block"' in (process.folder / "out").read_text(), "the theft is seen")
    assert process.kill(signal.SIGTERM) == 0
    after = {path: path.stat().st_mtime_ns for path in process.folder.rglob("*") if path.is_file()}
    ours = {path for path in after if path.name.startswith("state.db") or path.name in ("out", "err", "mainlog")}
    assert {path: at for path, at in after.items() if path not in ours} == {
        path: at for path, at in before.items() if path not in ours
    }
    rows = json.loads(process.run("export", ANN).stdout)["orders"]
    assert {row["state"] for row in rows} == {"would"}


def test_a_table_of_a_lost_state_is_kept_and_no_release_drops_others(process: Process) -> None:
    """It is said at the start; the entries go on denying, whatever happens to other accounts."""
    process.start()
    process.append(theft(now()))
    until(lambda: process.denied == [ANN], "the thief is denied")
    process.kill(signal.SIGTERM)
    for path in process.folder.glob("state.db*"):
        path.unlink()
    process.log.write_text("")
    process.start()
    assert "the table denies accounts of which the state knows nothing" in process.said
    assert process.run("block", BEN, "--reason", "x").returncode == 0
    assert process.denied == [ANN, BEN]
    assert process.run("release", BEN, "--honest").returncode == 0
    assert process.denied == [ANN]
    assert process.run("release", ANN, "--honest").returncode == 0
    assert process.denied == [ANN]
    process.kill(signal.SIGTERM)
    process.start()
    assert process.denied == [ANN]


def test_a_table_that_cannot_be_written_is_tried_until_it_can(process: Process) -> None:
    """Said with path and remedy; nothing is lost."""
    process.table.mkdir()
    process.start()
    process.append(theft(now()))
    until(lambda: "move it away" in process.said, "the table is refused")
    process.table.rmdir()
    until(lambda: process.denied == [ANN], "the thief is denied", 40)


def test_a_log_that_shrinks_or_vanishes_is_followed_on(process: Process) -> None:
    """Truncated without a copy: a gap is told; gone: waited for; the thief is stopped in the end."""
    process.start()
    os.truncate(process.log, 0)
    process.append(["2026-03-15 03:00:00 a line after the cut"])
    until(lambda: "lines were lost" in process.said, "the gap is told")
    process.log.unlink()
    until(lambda: "waiting for it" in process.said, "the missing log is told")
    process.append(theft(now()))
    until(lambda: process.denied == [ANN], "the thief is denied")


def test_a_group_that_does_not_exist_stops_the_start(process: Process) -> None:
    """Exit 2 with the setting; no socket is left."""
    text = process.config.read_text()
    process.config.write_text('state = { group = "no-such-group-here" }\n' + text)
    said = process.run("watch")
    assert said.returncode == 2 and "group" in said.stderr
    assert not (process.folder / "state.db.sock").exists()


def test_an_ended_gatepost_has_written_everything(process: Process) -> None:
    """Wherever SIGTERM found it in the log, the next start goes on after that: no line twice, none left out."""
    process.start()
    process.append(theft(now()))
    until(lambda: process.denied == [ANN], "the thief is denied")
    assert process.kill(signal.SIGTERM) == 0
    read = _lines(process, "event=stopped")
    process.start()
    whole = len(process.log.read_text().splitlines())
    assert read + _lines(process, 'event="caught up"') == whole


def _lines(process: Process, event: str) -> int:
    """How many lines it had read when it last said so."""
    return int(process.said.rpartition(f"{event} lines=")[2].split()[0])
