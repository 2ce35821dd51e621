"""A folder in which the examples of the pages are run: a configuration, a log, a state that has learnt from it."""

import contextlib
import gzip
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from tests.docs.pages import ROOT
from tests.surface import desk
from tests.surface.desk import Said

LOG = "examples/sample/mainlog.gz"
GOOD = """\
mode = "{mode}"
state = {{ path = "state.db" }}
start = {{ learn = "0s", observe_for = "0s" }}
domains = {{ local = ["example.org", "example.test"] }}
reports = {{ keep = "99y", org = "Example Mail", contact = "abuse@example.org" }}

[[source]]
kind = "tail"
name = "mx1"
path = "mainlog"

[[action]]
kind = "table"
path = "exim/deny"
on = ["hold", "block"]
"""


def run(command: str) -> Said:
    """Run one command line in the current folder, as the shell would."""
    return desk.run(*shlex.split(command)[1:])


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
    """Make the folder; its state has learnt the sample log, which is of March and counts as fresh."""
    (folder / "exim").mkdir(parents=True)
    (folder / "mainlog").write_bytes(gzip.decompress((ROOT / LOG).read_bytes()))
    (folder / "examples").symlink_to(ROOT / "examples")
    configure(folder, "observe")
    with inside(folder), patch("gatepost.runtime.mode.FRESH", float("inf")):
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
