"""`python -m bench.listen`: syslog from another host, at a pace: heard, and through to the engine.

On one core runs the listener with its spools and a reader that throws lines away, then a real daemon with the default
configuration; another process sends made Exim lines as syslog messages at a steady pace. What counts is that every line
was worked on (a datagram that was dropped must have been counted), how much of the core that took, and how far it was
behind when the last line had been sent.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from msgspec import Struct

from bench import speed
from bench.measure import OUT
from gatepost.config.load import load
from gatepost.config.streams import Syslog
from gatepost.runtime.clock import SystemClock
from gatepost.runtime.daemon import Daemon
from gatepost.runtime.sources import Heard
from gatepost.source.spool import Spool
from gatepost.store.sqlite import Sqlite
from gatepost.surface import logs

RATE, SECONDS = 50_000, 60
PART = 0.01
"""Seconds between two sends."""

PATIENCE = 120.0
"""Seconds the daemon may take for anything."""

STALLED = 10.0
"""Seconds without another line after which what is missing counts as lost."""

CONFIG = """\
[[source]]
kind = "syslog"
name = "bench"
listen = "{kind}:127.0.0.1:{port}"
peers = [{{ name = "127.0.0.1", host = "mx1" }}]
zone = "UTC"
"""


class Told(Struct):
    """What the daemon says of itself, again and again."""

    listening: bool = False
    lines: int = 0
    unread: int = 0
    lost: int = 0
    """Datagrams dropped, by us and by the kernel."""
    cpu: float = 0.0
    peak_octets: int = 0


class Run(Struct):
    """One kind of transport at one pace."""

    kind: str
    sent: int
    seconds: float
    """From the first line sent to the last."""
    behind: float
    """Seconds until the last of them was worked on."""
    told: Told

    @property
    def lost(self) -> int:
        """Lines that were sent and never worked on."""
        return self.sent - self.told.lines

    @property
    def failed(self) -> bool:
        """Whether lines were lost silently, or by a stream, or could not be read."""
        allowed = self.told.lost if self.kind == "udp" else 0
        return self.lost > allowed or self.told.unread > 0


def messages(lines: int, seed: int) -> list[bytes]:
    """Exim's lines as another host's syslog sends them."""
    log = speed.make(lines, seed)
    with log.path.open("rb") as text:
        return [b"<22>Mar  2 10:03:04 mx1 exim[7]: %s" % line.rstrip(b"\n") for line in text]


def measure(kind: str, said: list[bytes], rate: int, *, alone: bool = False) -> Run:
    """Send everything at a pace and see it worked on.

    Raises:
        TimeoutError: the daemon does not answer.
    """
    with TemporaryDirectory(dir=OUT) as name, _daemon(Path(name), kind, alone=alone) as (port, daemon):
        begun = perf_counter()
        _send(kind, port, said, rate)
        seconds = perf_counter() - begun
        told = _last(daemon, len(said))
        return Run(kind, len(said), seconds, perf_counter() - begun - seconds, told)


class _daemon:
    """A child that serves; its port and what it says."""

    def __init__(self, folder: Path, kind: str, *, alone: bool) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        config = folder / "gatepost.toml"
        config.write_text(CONFIG.format(kind=kind, port=self._port))
        command = [sys.executable, "-m", "bench.listen", "--serve", str(config), *(["--alone"] if alone else [])]
        with (folder / "log").open("wb") as log:
            self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        self._told = Teller(self._child)

    def __enter__(self) -> "tuple[int, Teller]":
        self._told.until(lambda told: told.listening)
        return self._port, self._told

    def __exit__(self, *error: object) -> None:
        self._child.terminate()
        self._child.wait(PATIENCE)


class Teller:
    """Reads what the daemon says."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self.now = Told()
        assert child.stdout is not None
        self._lines: Iterator[bytes] = iter(child.stdout)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._lines:
            self.now = Told(**json.loads(line))

    def until(self, holds: Callable[[Told], bool]) -> Told:
        """Poll until something holds.

        Raises:
            TimeoutError: it does not.
        """
        deadline = perf_counter() + PATIENCE
        while not holds(self.now):
            if perf_counter() > deadline:
                raise TimeoutError(f"the daemon says only {self.now}")
            sleep(PART)
        return self.now


def _last(daemon: Teller, sent: int) -> Told:
    """What it says when everything is done, or when nothing more has come for ten seconds."""
    before, since = -1, perf_counter()
    while daemon.now.lines + daemon.now.lost < sent and perf_counter() - since < STALLED:
        if daemon.now.lines != before:
            before, since = daemon.now.lines, perf_counter()
        sleep(PART)
    return daemon.now


def _send(kind: str, port: int, said: list[bytes], rate: int) -> None:
    family = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, family) as sender:
        sender.connect(("127.0.0.1", port))
        begun, at, size = perf_counter(), 0, max(1, round(rate * PART))
        while at < len(said):
            part = said[at : at + size]
            if kind == "udp":
                for message in part:
                    sender.send(message)
            else:
                sender.sendall(b"".join(b"%d %s" % (len(message), message) for message in part))
            at += size
            sleep(max(0.0, begun + at / rate - perf_counter()))


def serve(config: Path, *, alone: bool) -> None:
    """Be the daemon, or the listener alone, on one core, and say five times a second how far it is."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    logs.to_stderr()
    settings = load(config)
    if alone:
        asyncio.run(_hear(settings.source[0], config.parent / "spool"))
        return
    with Sqlite.open(Path(settings.state.path)) as store:
        daemon = Daemon(settings, store, SystemClock(), lambda change: None)
        (heard,), totals = daemon.ears.heard, daemon.house.pipeline.totals
        threading.Thread(
            target=_tell, args=(heard, lambda: (totals.lines, sum(totals.unread.values()))), daemon=True
        ).start()
        asyncio.run(daemon.run())


async def _hear(settings: object, folder: Path) -> None:
    """Listen, and read the spool again without looking at what stands there."""
    assert isinstance(settings, Syslog)
    spool: Spool
    spool = Spool(folder, None, lambda: spool.position, settings.backlog << 20)
    heard, lines = Heard(settings, {"mx1": spool}), 0
    threading.Thread(target=_tell, args=(heard, lambda: (lines, 0)), daemon=True).start()
    async with heard.open():
        async for part in spool.lines():
            lines += len(part.lines)
            await asyncio.sleep(0)


def _tell(heard: Heard, read: Callable[[], tuple[int, int]]) -> None:
    while True:
        counts, (lines, unread) = heard.listener.counts, read()
        usage, status = resource.getrusage(resource.RUSAGE_SELF), Path("/proc/self/status").read_text()
        told = {
            "listening": heard.listener.open,
            "lines": lines,
            "unread": unread,
            "lost": counts.dropped + counts.overrun,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peak_octets": int(status.partition("VmHWM:")[2].split()[0]) * 1024,  # ru_maxrss is the parent's, too
        }
        print(json.dumps(told), flush=True)
        sleep(0.2)


def table(
    rate: int,
    seconds: float,
    seed: int,
    parts: tuple[bool, ...] = (True, False),
    kinds: tuple[str, ...] = ("tcp", "udp"),
) -> tuple[list[str], bool]:
    """One row a transport, for the listener alone (True) and through to the engine; and whether one of them failed."""
    said = messages(round(rate * seconds), seed)
    names = f"{'offered/s':>10} {'sent':>11} {'lost':>7} {'cpu s':>7} {'of core':>8} {'behind s':>9} {'MB':>6}"
    rows, failed = [f"{'transport':<32} {names}"], False
    for kind, alone in product(kinds, parts):
        run = measure(kind, said, rate, alone=alone)
        failed |= run.failed
        name = f"{kind}: {'heard and spooled' if alone else 'through to the engine'}"
        rows.append(
            f"{name:<32} {run.sent / run.seconds:>10,.0f} {run.sent:>11,} {run.lost:>7,} {run.told.cpu:>7.1f}"
            f" {run.told.cpu / (run.seconds + run.behind):>8.0%} {run.behind:>9.1f} {run.told.peak_octets / 1e6:>6,.0f}"
        )
    return rows, failed


def main() -> int:
    """Print the table; 1 when a line was lost silently, or by TCP."""
    parser = argparse.ArgumentParser(prog="python -m bench.listen", description=__doc__)
    parser.add_argument("--rate", type=int, default=RATE, help="lines a second")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", metavar="CONFIG", help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help="the listener alone, not through to the engine")
    asked = parser.parse_args()
    if asked.serve:
        serve(Path(asked.serve), alone=asked.alone)
        return 0
    rows, failed = table(asked.rate, asked.seconds, asked.seed, parts=(True,) if asked.alone else (True, False))
    print("\n".join(rows))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
