"""A folder in which the examples of the pages are run: a configuration, a log, a state that has learnt from it."""

import contextlib
import gzip
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from tests.act.book import NOON
from tests.act.spool import made_spool, numbered
from tests.docs.pages import ROOT
from tests.surface import desk
from tests.surface.desk import Said

LOG = "examples/sample/mainlog.gz"
NOWHERE = "203.0.113.99"
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


QUEUE = """\
[[action]]
kind = "queue"
server = "exim"
spool = "spool"
"""
"""A configuration of its own, for `gatepost queue`."""


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
    (folder / "queue.toml").write_text(QUEUE)
    fill(folder / "spool")
    with inside(folder), patch("gatepost.runtime.mode.FRESH", float("inf")):
        said = run(f"gatepost learn {LOG}")
    assert said.code == 0, said.err
    return folder


def fill(folder: Path) -> None:
    """Queued mail of dan@example.test: most of it kept, some strange to look at."""
    spool = made_spool(folder)
    for number in range(22):
        client, kept = f"198.51.100.{number + 20}", number > 1
        spool.put(numbered(number), "dan@example.test", client, NOON + number, frozen=kept, sender="dan@example.test")
    spool.put(numbered(30), "dan@example.test", NOWHERE, NOON, frozen=True, sender="\x1b[2J@shop.example")
    spool.put(numbered(31), "ann@example.org", "192.0.2.7", NOON)


def configure(folder: Path, mode: str) -> None:
    """Write the configuration."""
    (folder / "gatepost.toml").write_text(GOOD.format(mode=mode))


def copied(folder: Path, to: Path, mode: str) -> Path:
    """A desk of one's own."""
    shutil.copytree(folder, to, symlinks=True)
    configure(to, mode)
    return to
