"""`gatepost watch` at the end of a pipe."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.live.ports import until
from tests.runtime.process import Process, now
from tests.runtime.scene import ANN, configured, habits, theft

from gatepost.config.load import load
from gatepost.config.mistakes import ConfigErrors
from gatepost.store.sqlite import Sqlite

PIPE = '[[source]]\nkind = "stdin"\nname = "pipe"\nhost = "mx1"\nzone = "UTC"\n'
FILE = '[[source]]\nkind = "tail"\nname = "mx1"\npath = "mainlog"\nzone = "UTC"\n'


def piped(folder: Path) -> Process:
    """A gatepost whose only source is its standard input."""
    configured(folder)
    process = Process(folder)
    process.config.write_text(process.config.read_text().replace(FILE, PIPE))
    return process


def written(lines: list[str]) -> bytes:
    """As another program writes them."""
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_theft_comes_through_a_pipe(tmp_path: Path) -> None:
    """The account is stopped while the pipe is open; at its end gatepost ends by itself, and well."""
    process = piped(tmp_path)
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb", buffering=0) as pipe:
        pipe.write(written(habits(["ann@example.org"], 14, until=now() - 10_800)))
        process.start(stdin=ours)
        os.close(ours)
        pipe.write(written(theft(now())))
        until(lambda: process.denied == [ANN], "the account is denied", 60)
    assert process.child is not None and process.child.wait(60) == 0
    assert "the input ended" in process.said and "Traceback" not in process.said
    assert [found["incident"] for found in process.incidents()] == [f"{ANN}#1"]


def test_what_a_stream_said_last_is_carried_out_before_the_end(tmp_path: Path) -> None:
    """A whole log at once, its end behind it: the orders of its last lines are done when gatepost has ended."""
    process = piped(tmp_path)
    log = tmp_path / "log"
    log.write_bytes(written(habits(["ann@example.org"], 14, until=now() - 10_800)))
    for expected in ([], [ANN], [ANN]):
        with log.open("rb") as file:
            found = process.run("watch", stdin=file)
        assert found.returncode == 0, found.stderr
        assert process.denied == expected
        log.write_bytes(written(theft(now())))
    assert [found["incident"] for found in process.incidents()] == [f"{ANN}#1"]


def test_what_was_read_is_soon_durable(tmp_path: Path) -> None:
    """It cannot be read again, so it is written down within a second or two, and a kill loses no more than that."""
    process = piped(tmp_path)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        assert cat.stdin is not None and cat.stdout is not None
        lines = written(habits(["ann@example.org"], 2, until=now() - 10_800))
        cat.stdin.write(lines)
        cat.stdin.flush()
        process.start(stdin=cat.stdout.fileno())
        until(lambda: _read(tmp_path) == (1, len(lines)), "its position is durable")
        more = written(theft(now(), messages=1))
        cat.stdin.write(more)
        cat.stdin.flush()
        until(lambda: _read(tmp_path) == (1, len(lines) + len(more)), "so is that of what came later", 8)
        process.kill()
        cat.stdin.close()
    assert process.run("watch", stdin=subprocess.DEVNULL).returncode == 0
    assert _read(tmp_path)[0] == 1


def _read(folder: Path) -> tuple[int, int]:
    """Generation and offset of what is durable."""
    with Sqlite.open(folder / "state.db", readonly=True) as store:
        position = store.position("pipe")
    return (position.generation, position.offset) if position is not None else (0, 0)


def test_there_is_one_standard_input(tmp_path: Path) -> None:
    """Two sources cannot read it."""
    process = piped(tmp_path)
    other = PIPE.replace('"pipe"', '"other"').replace('"mx1"', '"mx2"')
    process.config.write_text(process.config.read_text() + other)
    with pytest.raises(ConfigErrors, match=r"standard input is that of source\[0\] already") as found:
        load(process.config)
    assert len(found.value.mistakes) == 1
