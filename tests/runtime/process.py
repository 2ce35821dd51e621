"""A real `gatepost watch` as a process of its own, and commands beside it.

Owns starting, waiting for what it logs, and ending it by its pid. The log it follows is written by the test.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.live.ports import until
from tests.runtime.scene import habits

DAY = 86400.0
COMMAND = [sys.executable, "-m", "gatepost"]


def now() -> float:
    """The time of day: a process reads the real clock, so its log must be of today."""
    return float(int(time.time()))


class Process:
    """One folder with a configuration, a log, and perhaps a running gatepost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config, self.log = folder / "gatepost.toml", folder / "mainlog"
        self.table = folder / "exim" / "deny"
        self.child: subprocess.Popen[bytes] | None = None

    def learn(self, days: int = 14, accounts: Sequence[str] = ("ann@example.org", "ben@example.org")) -> None:
        """Write so many days of habits into the log."""
        self.append(habits(accounts, days, until=now() - DAY / 8))

    def append(self, lines: Sequence[str]) -> None:
        """Write lines as the mail server does."""
        with self.log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def start(
        self, wait: str = "caught up", stdin: int = subprocess.DEVNULL, through: Sequence[str] = (), **more: Any
    ) -> None:
        """Start, perhaps through another program, and wait until it says so."""
        before = self.said.count(wait)
        with (self.folder / "out").open("ab") as out, (self.folder / "err").open("ab") as err:
            self.child = subprocess.Popen(
                [*through, *COMMAND, "watch", "--config", str(self.config), "--format", "jsonl"],
                stdin=stdin, stdout=out, stderr=err, **more,
            )  # fmt: skip
        until(lambda: self.said.count(wait) > before or self.ended, f"it says {wait!r}", 60)
        assert not self.ended, self.said

    @property
    def said(self) -> str:
        """What it logged so far."""
        path = self.folder / "err"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.child is None or self.child.poll() is not None

    @property
    def denied(self) -> list[str]:
        """The logins in the table."""
        if not self.table.exists():
            return []
        return [line.split('"')[1] for line in self.table.read_text().splitlines() if line.startswith('"')]

    def kill(self, number: int = signal.SIGKILL) -> int:
        """End it; returns its exit code."""
        assert self.child is not None
        if self.child.poll() is None:
            os.kill(self.child.pid, number)
        return self.child.wait(20)

    def run(self, *words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Another command on the same configuration."""
        command = [*COMMAND, *words, "--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)

    def incidents(self) -> list[dict[str, Any]]:
        """What `gatepost incidents` prints."""
        found = json.loads(self.run("incidents", "--all", "--format", "json").stdout)
        assert isinstance(found, list)
        return found
