"""The sink as a test sees it: a port, and what arrived.

Owns the sink's process; what the sink answers is in sink.py.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.live.ports import answers, end, free_port, until


@dataclass(frozen=True)
class World:
    """The rest of the Internet: takes all mail that leaves."""

    port: int
    folder: Path
    pid: int

    def received(self) -> list[dict[str, Any]]:
        """Every RCPT it was asked: {"t", "from", "to", "reply"}, oldest first."""
        return _lines(self.folder / "rcpt.jsonl")

    def accepted(self) -> list[str]:
        """Recipients of the messages it took, oldest first."""
        return [address for mail in self.mails() for address in mail["to"]]

    def mails(self) -> list[dict[str, Any]]:
        """The messages it took: {"t", "from", "to", "subject", "peer", "headers", "text"}, oldest first."""
        return _lines(self.folder / "mail.jsonl")

    def await_mail(self, address: str) -> dict[str, Any]:
        """The first message to an address; waits for it."""
        until(lambda: address in self.accepted(), f"mail to {address}")
        return next(mail for mail in self.mails() if address in mail["to"])

    def answer(self, replies: dict[str, tuple[str, str]]) -> None:
        """From now on, what these addresses are answered: at "rcpt" or after "data", and with which reply."""
        (self.folder / "replies.new").write_text(json.dumps(replies), "utf-8")
        (self.folder / "replies.new").rename(self.folder / "replies.json")

    def stop(self) -> None:
        """End the process."""
        end(self.pid)


def start_world(folder: Path) -> World:
    """Start a sink that keeps its records in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    program = Path(__file__).with_name("sink.py")
    with (folder / "out.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, str(program), str(port), str(folder)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    until(lambda: answers(port) or child.poll() is not None, "the sink listens")
    assert child.poll() is None, (folder / "out.log").read_text()
    return World(port, folder, child.pid)


def _lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
