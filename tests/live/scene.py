"""The scene of the live experiments: one stolen account, honest look-alikes, a real Exim and `gatepost watch`.

Owns the history that gatepost learns first (14 days, 6 mails a day, one home network and one phone pool), the
configuration (the shipped defaults plus paths and "enforce at once"), and the traffic of the thief and of the honest.
"""

import json
import math
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live.client import send
from tests.live.exim import Exim
from tests.live.ports import until
from tests.live.world import World

THIEF, NEWS, EMPLOYEE, FRESH, FRIEND = (f"u{number}@example.test" for number in (1, 2, 3, 4, 5))
HOME = {THIEF: "203.0.113.7", NEWS: "203.0.113.20", FRIEND: "203.0.113.30"}
PHONES = tuple(f"198.51.100.{number}" for number in range(10, 40))
BOTNET = tuple(f"10.{number}.7.9" for number in range(20, 40))
HOSTING = ("10.99.3.4",)
DAY = 86400

Send = Callable[[int, str, list[str], str], dict[str, tuple[int, bytes]]]
"""Sends one message: port, account, recipients, client; returns the refused recipients."""


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))


def _mail(number: int, at: float, account: str, client: str, to: Sequence[str]) -> Iterator[tuple[float, str]]:
    """The lines of one delivered message, as this Exim writes them."""
    queue_id = f"1aaaaa-{number:06d}-00"
    names = " ".join(to)
    yield (
        at,
        (
            f"{_stamp(at)} {queue_id} <= {account} H=(desk.example.test) [{client}] P=esmtpa A=plain:{account} S=400"
            f" id=h{number}@desk.example.test for {names}"
        ),
    )
    for place, address in enumerate(to):
        arrow = "->" if place else "=>"
        yield at, f'{_stamp(at)} {queue_id} {arrow} {address} R=to_sink T=to_sink H=127.0.0.1 [127.0.0.1] C="250 OK"'
    yield at, f"{_stamp(at)} {queue_id} Completed"


Writer = Callable[[int, float, str, str, Sequence[str]], Iterator[tuple[float, str]]]
"""The lines of one delivered message: its number, time, account, client and recipients."""


def history(
    until_: float, accounts: Sequence[str] = (THIEF, NEWS, FRIEND), days: int = 14, write: Writer = _mail
) -> str:
    """So many days of log before an instant: people from home and by phone, a newsletter once a week."""
    lines: list[tuple[float, str]] = []
    number = 0
    for account in accounts:
        for day in range(days, 0, -1):
            for turn in range(6):
                number += 1
                client = HOME[account] if turn % 3 else PHONES[(number * 7) % len(PHONES)]
                at = until_ - day * DAY + turn * 3600 + number % 600
                lines += write(number, at, account, client, [f"friend{number % 9}@partner{number % 4}.example.net"])
            if account == NEWS and day % 7 == 0:
                for part in range(40):
                    number += 1
                    to = [f"reader{part * 10 + n}@list{n}.example.net" for n in range(10)]
                    lines += write(number, until_ - day * DAY + 30000 + part, account, HOME[account], to)
    lines.sort(key=lambda pair: pair[0])
    return "".join(f"{line}\n" for _, line in lines)


@dataclass
class Watch:
    """A running `gatepost watch`."""

    folder: Path
    config: Path
    child: "subprocess.Popen[bytes] | None" = None

    def start(self, patience: float = 60) -> None:
        """Start, and wait until it has caught up."""
        before = self.errors().count("caught up")
        with self.out.open("ab") as out, (self.folder / "err.log").open("ab") as err:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "gatepost", "watch", "--config", str(self.config), "--format", "jsonl"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip
        until(lambda: self.errors().count("caught up") > before or self.dead, "gatepost has caught up", patience)
        assert not self.dead, self.errors()

    @property
    def out(self) -> Path:
        """Where the changes of level go."""
        return self.folder / "out.jsonl"

    @property
    def dead(self) -> bool:
        """Whether the process has ended."""
        return self.child is None or self.child.poll() is not None

    def errors(self) -> str:
        """What it logged."""
        path = self.folder / "err.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def changes(self) -> list[dict[str, Any]]:
        """Every change of level so far."""
        text = self.out.read_text() if self.out.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def levels(self, account: str) -> list[str]:
        """An account's levels so far."""
        return [change["level"] for change in self.changes() if change["account"] == account]

    def kill(self) -> None:
        """kill -9."""
        assert self.child is not None
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self) -> None:
        """SIGTERM."""
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            self.child.wait(20)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Another gatepost command with the same configuration."""
        command = [sys.executable, "-m", "gatepost", *words, "--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ})


def set_up(folder: Path, exim: Exim, sink: World, table: Path, form: str, *, known: bool = True) -> Watch:
    """A configuration with a deny table beside an Exim, and 14 days of log unless nothing is to be known."""
    action = f'[[action]]\nkind = "table"\nformat = "{form}"\npath = "{table}"\nmode = "0644"\n'
    return beside(folder, exim, sink, action, known=known)


def beside(folder: Path, exim: Exim, sink: World, measures: str, *, known: bool = True) -> Watch:
    """The shipped defaults plus paths, enforced at once, and 14 days of log to learn from.

    Args:
        folder: gatepost's own.
        exim: whose log is read.
        sink: takes the letters.
        measures: blocks of the configuration: the table or the door.
        known: False: there is nothing to learn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = exim.mainlog.with_name("mainlog.1")
    if known:
        old.write_text(history(time.time() - 600))
    else:
        old.unlink(missing_ok=True)
    config = folder / "gatepost.toml"
    config.write_text(
        f'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.test"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{exim.mainlog}"\nzone = "UTC"\n'
        f"{measures}"
        f'[[action]]\nkind = "notify"\nto = ["abuse@desk.example.org"]\nfrom = "gatepost@example.org"\n'
        f'smtp = "127.0.0.1:{sink.port}"\n'
    )
    return Watch(folder, config)


@dataclass
class Theft:
    """What a thief does, in the background: messages at a steady pace from his addresses."""

    port: int
    clients: Sequence[str]
    messages: int
    a_second: float
    bad: float = 0.3
    by: Send = send
    account: str = THIEF
    size: int = 10
    """Recipients of a message."""
    spam: float = 0.0
    """Share of the messages that are refused as spam after DATA."""
    lasts: float = math.inf
    """Seconds after which he begins no new message."""
    refused: int = 0
    sent: int = 0
    _turn: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    started: float = 0.0

    def start(self, connections: int = 20) -> None:
        """Begin."""
        self.started = time.time()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(connections)]
        for thread in self._threads:
            thread.start()

    def _next(self) -> int | None:
        with self._lock:
            if self._turn >= self.messages or time.time() > self.started + self.lasts:
                return None
            self._turn += 1
            return self._turn - 1

    def _work(self) -> None:
        while (number := self._next()) is not None:
            pause = self.started + number / self.a_second - time.time()
            if pause > 0:
                threading.Event().wait(pause)
            self._send(number)

    def _send(self, number: int) -> None:
        bad, spam = _nth(number, self.size * self.bad), _nth(number, self.spam)
        names = ["nouser"] * bad + ["dataspam" if spam else "v"] * (self.size - bad)
        to = [f"{name}{number}x{n}@prey{n}.example.net" for n, name in enumerate(names)]
        try:
            refused = self.by(self.port, self.account, to, self.clients[number % len(self.clients)])
        except (smtplib.SMTPException, OSError):
            self.refused += 1
            return
        self.sent += not refused

    @property
    def tried(self) -> int:
        """Messages he has begun."""
        return self._turn

    def join(self) -> None:
        """Wait until he has tried everything."""
        for thread in self._threads:
            thread.join()


def _nth(number: int, share: float) -> int:
    """How many fall to one turn of many, when so many fall to each on average."""
    return round((number + 1) * share) - round(number * share)


def honest(port: int, by: Send = send) -> dict[str, int]:
    """A newsletter of 400 (5 % dead), a new employee's 30 mails, 120 recipients without history; refusals of each."""
    failed = {NEWS: 0, EMPLOYEE: 0, FRESH: 0}
    for part in range(40):
        to = [f"{'nouser' if n == 0 and part % 2 else 'reader'}{part * 10 + n}@list{n}.example.net" for n in range(10)]
        failed[NEWS] += _refused(by, port, NEWS, to, HOME[NEWS])
        if part < 30:
            failed[EMPLOYEE] += _refused(
                by, port, EMPLOYEE, [f"client{part}@trade{part % 7}.example.net"], "203.0.113.40"
            )
        if part < 12:
            to = [f"member{part * 10 + n}@club.example.net" for n in range(10)]
            failed[FRESH] += _refused(by, port, FRESH, to, "203.0.113.50")
    return failed


def _refused(by: Send, port: int, account: str, to: list[str], client: str) -> int:
    try:
        return len(by(port, account, to, client))
    except (smtplib.SMTPException, OSError):
        return len(to)


def out_of(sink: World, since: float) -> int:
    """The thief's recipients that the sink accepted since an instant."""
    return sum(
        1
        for mail in sink.mails()
        if mail["t"] >= since
        for address in mail["to"]
        if ".example.net" in address and "@prey" in address
    )


def can_send(port: int, account: str, client: str, by: Send = send) -> bool:
    """Whether an account may send one message now."""
    try:
        return not by(port, account, [f"hello@partner{1}.example.net"], client)
    except (smtplib.SMTPException, OSError):
        return False
