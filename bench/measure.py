"""Runs a program and says what it cost."""

import atexit
import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from resource import struct_rusage
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter, sleep
from typing import IO

from msgspec import Struct

OUT = Path(__file__).parent / "out"
"""Where benchmarks put their files; ignored by git."""


@cache
def own() -> Path:
    """A folder of this process alone, deleted at its end: benchmarks at the same time share no log."""
    OUT.mkdir(exist_ok=True)
    folder = TemporaryDirectory(dir=OUT)
    atexit.register(folder.cleanup)
    return Path(folder.name)


class Cost(Struct, frozen=True):
    """What one run took."""

    wall: float
    """Seconds by the clock."""
    cpu: float
    """Seconds of processor, user and system."""
    peak_octets: int
    """Largest resident set."""
    said: bytes
    """Standard output."""


def run(command: Sequence[str]) -> Cost:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed; the message holds the end of its standard error.
    """
    with TemporaryFile() as out, TemporaryFile() as errors:
        begun = perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=errors)
        peak, usage, child.returncode = _attend(child.pid)
        wall = perf_counter() - begun
        said, told = _read(out), _read(errors)
    if child.returncode:
        msg = f"{' '.join(command)}: exit code {child.returncode}: {told.decode(errors='replace')[-500:]}"
        raise RuntimeError(msg)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, said)


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _attend(pid: int) -> tuple[int, struct_rusage, int]:
    """Wait for a child; its peak, what it used, and its exit code.

    The peak is read while it runs: what `wait4` tells is never less than this process's own.
    """
    peak = 0
    while True:
        peak = max(peak, _peak(pid))
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return peak or usage.ru_maxrss * 1024, usage, os.waitstatus_to_exitcode(status)
        sleep(0.005)


def _peak(pid: int) -> int:
    """Largest resident set of a running process in octets; 0 when the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
