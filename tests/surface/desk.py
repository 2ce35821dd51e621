"""A folder with a configuration, a log and a state, and commands run in this process."""

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec import Struct
from tests.runtime.scene import habits, theft

from gatepost.surface.cli import main

CONFIG = """\
mode = "{mode}"
start = {{ observe_for = "0s", learn = "0s" }}
domains = {{ local = ["example.org"] }}
{more}
[[source]]
kind = "tail"
name = "mx1"
path = "mainlog"
zone = "UTC"
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

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Its standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Desk:
    """One folder."""

    def __init__(self, folder: Path, mode: str = "enforce", more: str = "") -> None:
        self.folder = folder
        self.config, self.state = folder / "gatepost.toml", folder / "state.db"
        self.table = folder / "exim" / "deny"
        self.table.parent.mkdir(exist_ok=True)
        self.configure(mode, more)

    def configure(self, mode: str = "enforce", more: str = "") -> None:
        """Write the configuration."""
        self.config.write_text(CONFIG.format(mode=mode, more=more))

    def run(self, *words: str, config: bool = True) -> Said:
        """One command line."""
        more = ["--config", str(self.config)] if config else []
        return run(*words, *more)

    def log(self, lines: Sequence[str], name: str = "old.log") -> str:
        """A log with these lines."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return str(path)

    def learn(self, lines: Sequence[str] = ()) -> None:
        """Learn two accounts' habits and ann's theft, or other lines; the log is of March, and counts as fresh."""
        lines = lines or [*habits(("ann@example.org", "ben@example.org")), *theft()]
        with patch("gatepost.runtime.mode.FRESH", float("inf")):
            assert self.run("learn", self.log(lines), "--zone", "UTC").code == 0

    @property
    def denied(self) -> list[str]:
        """The logins in the table."""
        text = self.table.read_text() if self.table.exists() else ""
        return [line.split('"')[1] for line in text.splitlines() if line.startswith('"')]


def run(*words: str) -> Said:
    """One command line without anything of ours; never a traceback."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(words))
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, *(_text(stream) for stream in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
