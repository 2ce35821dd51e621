"""What the databases of the live tests have in common: a folder in their tree, a process without root, a port.

Owns starting and stopping; postgresql.py, mariadb.py and slapd.py say what is started. The tree is the one that
stores.sh made; every program runs in it as the user gatepost of that tree.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.live.ports import end, until

USER = 65425
"""gatepost in the tree."""

PASSWORD = "correct horse"
"""Of gatepost at every one of them."""


def command(tree: Path, *words: str) -> list[str]:
    """A program of the tree, in the tree, without root."""
    caller = ["chroot", f"--userspec={USER}:{USER}", "--groups=", str(tree)]
    return [*caller, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin", "LC_ALL=C.UTF-8", *words]


def call(tree: Path, *words: str, text: str = "") -> str:
    """Run a program to its end; returns its output.

    Raises:
        AssertionError: it failed.
    """
    done = subprocess.run(command(tree, *words), input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{words[0]}: {done.stdout[-1000:]} {done.stderr[-1000:]}"
    return done.stdout


def own_folder(tree: Path) -> Path:
    """A new folder for one server; its name means the same inside and outside."""
    folder = Path(tempfile.mkdtemp(prefix="s-", dir=tree / "t"))
    shutil.chown(folder, USER, USER)
    folder.chmod(0o755)
    return folder


def certificate(path: Path, key: Path, name: str = "localhost") -> None:
    """A certificate that signs itself."""
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(path)]
    subprocess.run([*words, *subject], check=True, capture_output=True)


@dataclass(frozen=True)
class Process:
    """One server that runs."""

    folder: Path
    child: "subprocess.Popen[bytes]"

    def freeze(self) -> None:
        """It takes connections and answers nothing, as a machine that stands still."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def kill(self) -> None:
        """It is gone, without a word; its data stay."""
        end(self.child.pid)
        self.child.wait(30)

    def stop(self) -> None:
        """End it and delete its folder."""
        self.thaw()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _pids(self) -> Iterable[int]:
        """The server and its children; the server first."""
        yield self.child.pid
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == self.child.pid:
                yield int(status.parent.name)


def started(tree: Path, folder: Path, words: Iterable[str], ready: Callable[[], bool]) -> Process:
    """Start a server and wait until it answers; its output is in `folder/out.log`."""
    with (folder / "out.log").open("ab") as log:
        child = subprocess.Popen(command(tree, *words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    until(lambda: child.poll() is not None or ready(), f"{folder} answers: {_said(folder)}")
    assert child.poll() is None, _said(folder)
    return Process(folder, child)


def _said(folder: Path) -> str:
    return (folder / "out.log").read_text(errors="replace")[-2000:]
