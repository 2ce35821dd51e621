"""A folder in which the examples of the pages are run: a configuration, a log, a state that has learnt from it."""

import contextlib
import gzip
import io
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from tests.docs.pages import ROOT

from gatepost.surface.cli import main

LOG = "examples/sample/mainlog.gz"
GOOD = """\
mode = "{mode}"
state = {{ path = "state.db" }}
start = {{ learn = "0s", observe_for = "0s" }}
domains = {{ local = ["example.org", "example.test"] }}

[[source]]
kind = "tail"
name = "mx1"
path = "mainlog"

[[action]]
kind = "table"
path = "exim/deny"
on = ["hold", "block"]
"""


class Said(Struct, frozen=True):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def run(command: str) -> Said:
    """Run one command line in the current folder, as the shell would."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(shlex.split(command)[1:])
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, *(_text(stream) for stream in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[Path]:
    """Work in a folder for a while."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)


def furnish(folder: Path) -> Path:
    """Make the folder; its state has learnt the sample log."""
    (folder / "exim").mkdir(parents=True)
    (folder / "mainlog").write_bytes(gzip.decompress((ROOT / LOG).read_bytes()))
    (folder / "examples").symlink_to(ROOT / "examples")
    configure(folder, "observe")
    with inside(folder):
        said = run(f"gatepost learn {LOG}")
    assert said.code == 0, said.err
    return folder


def configure(folder: Path, mode: str) -> None:
    """Write the configuration."""
    (folder / "gatepost.toml").write_text(GOOD.format(mode=mode))


def copied(folder: Path, to: Path, mode: str) -> Path:
    """A desk of one's own."""
    shutil.copytree(folder, to, symlinks=True)
    configure(to, mode)
    return to
