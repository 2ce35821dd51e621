"""`make bench-inline`: how fast Postfix is answered, beside postfwd and policyd-rate-limit, on one core.

gatepost runs as in production: every detector, accounts with learnt habits, "enforce". One core is its own; another
asks over 20 connections, one question after the other on each: two recipients, DATA and the end of a message, every
account in turn. In the third row so many lines of log a second come meanwhile; in the fourth Dovecot asks, about
logins. A thief asks last: he must be slowed.
"""

import argparse
import contextlib
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

from tests.live.ports import until
from tests.live.scene import Watch

from bench.asking import SECRET, Load, client, load, logins, question
from bench.million import message
from bench.peers import Missing
from bench.policyd import bare, postfwd, rate_limit

DAYS = 3
"""Of learnt log, a message a day from each account."""

BEAT = 0.1
"""Seconds between two writes to the log, as a mail server's lines come in bursts."""

Serving = Callable[[Path], contextlib.AbstractContextManager[tuple[str, int]]]

PEERS: Mapping[str, Serving] = {"postfwd": postfwd, "policyd-rate-limit": rate_limit, "bare parser": bare}


def main() -> int:
    """Print the table; 1 when gatepost did not answer as it should."""
    parser = argparse.ArgumentParser(prog="python -m bench.inline", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each row")
    parser.add_argument("--lines", type=int, default=5000, help="lines of log a second, in the third row")
    asked = parser.parse_args()
    print(f"{'server':<42} {'asked/s':>9} {'a cpu s':>9} {'p50 ms':>7} {'p99 ms':>7} {'p99.9':>7}  answers")
    told, ours = _ours(asked.accounts, asked.seconds, asked.lines)
    peers = {name: _peer(name, serving, asked.accounts, asked.seconds) for name, serving in PEERS.items()}
    print(_ratios(ours, peers))
    print(f"load average {os.getloadavg()[0]:.1f}; {told}")
    return 0 if told.startswith("the thief was slowed") else 1


def _ours(accounts: int, seconds: float, lines: int) -> tuple[str, Load]:
    with _folder() as folder, _gatepost(folder, accounts) as (address, pid):
        _row("gatepost, every account for the first time", load(address, pid, accounts, seconds))
        usual = _row("gatepost", load(address, pid, accounts, seconds))
        with _logging(folder / "mainlog", accounts, lines):
            _row(f"gatepost, {lines:,} lines of log a second", load(address, pid, accounts, seconds))
        _row("gatepost, logins that Dovecot asks about", load(f"{address}.auth", pid, accounts, seconds, ask=logins))
        return _thief(address, accounts), usual


def _peer(name: str, serving: Serving, accounts: int, seconds: float) -> Load | None:
    try:
        with _folder() as folder, _elsewhere(serving, folder) as (address, pid):
            return _row(name, load(address, pid, accounts, seconds))
    except Missing as why:
        print(f"{name:<42} skipped: {why}")
        return None


def _row(name: str, found: Load) -> Load:
    answers = ", ".join(f"{number:,} {said.removeprefix('action=')}" for said, number in found.answers.most_common())
    speed = f"{found.asked / found.wall:>9,.0f} {_speed(found):>9,.0f}"
    print(f"{name:<42} {speed} {found.p50:>7.2f} {found.p99:>7.2f} {found.p999:>7.2f}  {answers}", flush=True)
    return found


def _speed(found: Load) -> float:
    """Answers in a second of the server's processor."""
    return found.asked / (found.cpu or found.wall)


def _ratios(ours: Load, peers: Mapping[str, Load | None]) -> str:
    """How many times what each other server does in a second of its processor."""
    found = [f"{_speed(ours) / _speed(peer):.2g} of {name}" for name, peer in peers.items() if peer is not None]
    return f"a second of processor of gatepost's does, times what one of the others does: {', '.join(found)}"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gatepost-inline-") as name:
        yield Path(name)


@contextlib.contextmanager
def _elsewhere(serving: Serving, folder: Path) -> Iterator[tuple[str, int]]:
    """The server on one core, we on the others."""
    with contextlib.ExitStack() as stack:
        with _on_first_core():
            found = stack.enter_context(serving(folder))
        yield found


@contextlib.contextmanager
def _on_first_core() -> Iterator[None]:
    """What is started meanwhile has the first core; afterwards we leave that core to it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextlib.contextmanager
def _gatepost(folder: Path, accounts: int) -> Iterator[tuple[str, int]]:
    """gatepost with habits of so many accounts; its socket and its process."""
    address, config = folder / "door", folder / "gatepost.toml"
    now = time.time()
    with (folder / "mainlog.1").open("w") as old:
        for day in range(DAYS, 0, -1):
            for number in range(accounts):
                at = int(now - day * 86_400 + 3600 * number / accounts)
                old.write(message(at, f"user{number}@example.org", number, day * accounts + number))
    (folder / "mainlog").touch()
    config.write_text(
        'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.org"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{folder}/mainlog"\ndialect = "exim"\nzone = "UTC"\n'
        f'[[door]]\nkind = "postfix"\nlisten = "unix:{address}"\n'
        f'[[door]]\nkind = "dovecot"\nlisten = "unix:{address}.auth"\nsecret = "{folder}/secret"\n'
    )
    (folder / "secret").touch(0o600)
    (folder / "secret").write_text(SECRET)
    watch = Watch(folder, config)
    try:
        with _on_first_core():
            watch.start(patience=60 + accounts / 50)
        until(address.exists, "the door is open")
        assert watch.child is not None
        yield str(address), watch.child.pid
    finally:
        watch.stop()


@contextlib.contextmanager
def _logging(path: Path, accounts: int, lines: int) -> Iterator[None]:
    """Lines come into the log meanwhile."""
    writer = multiprocessing.get_context("spawn").Process(target=_write, args=(path, accounts, lines), daemon=True)
    writer.start()
    until(lambda: path.stat().st_size > 0, "lines come")
    try:
        yield
    finally:
        writer.terminate()
        writer.join()


def _write(path: Path, accounts: int, lines: int) -> None:
    began = time.monotonic()
    with path.open("a") as log:
        for beat in count():
            time.sleep(max(0.0, began + beat * BEAT - time.monotonic()))
            for turn in range(round(lines * BEAT / 3)):
                serial = beat * round(lines * BEAT / 3) + turn
                number = serial * 7919 % accounts
                log.write(message(int(time.time()), f"user{number}@example.org", number, 9_000_000 + serial))
            log.flush()


def _thief(address: str, accounts: int) -> str:
    """Somebody has the password of the last account: ten recipients from each of twenty networks."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(30)
        link.connect(address)
        for number in range(200):
            to = f"victim{number}@prey{number % 50}.example.net"
            request = question(f"user{accounts - 1}@example.org", client(7 + number // 10), to, "RCPT")
            link.sendall(request.replace(b"INSTANCE", f"thief.{number // 10}".encode()))
            if not link.recv(4096).startswith(b"action=DUNNO"):
                return f"the thief was slowed at recipient {number + 1}"
    return "the thief was NOT slowed"


if __name__ == "__main__":
    sys.exit(main())
