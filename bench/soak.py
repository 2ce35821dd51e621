"""`make soak`: half an hour of questions at all doors: memory stays flat, no verdict is lost, mail never stops.

gatepost runs as in production: a log, a door of Postfix, one of Exim, one of Dovecot, and one that owns a host of which
no log is read. Every message that passes is logged, as a mail server would. Ten accounts are blocked before: answers
about them are refusals, answers about others are not. In the last third gatepost is killed (kill -9) and started again
under the load; whoever asks meanwhile goes on without an answer, as a mail server does. What the door that owns let
through is counted in the end: at least what was answered, at most what was asked.
"""

import argparse
import contextlib
import socket
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from statistics import mean

from msgspec import Struct, field
from tests.live.scene import Watch

from bench.asking import SECRET, client, question
from bench.million import message
from bench.soaked import counted, memory
from gatepost.wire.posted import post

BLOCKED = 10
"""Accounts that the operator stopped."""

PATIENCE = 2.0
"""Seconds a mail server waits for an answer (docs/doors/postfix.md)."""

DOORS = ("postfix", "exim", "dovecot", "own")


class Said(Struct):
    """What the askers of one door saw."""

    asked: int = 0
    answered: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds."""


class Line:
    """A connection to a door; made again when it breaks."""

    def __init__(self, path: Path, said: Said, *, lasting: bool) -> None:
        self._path, self._said, self._lasting = path, said, lasting
        self._link: socket.socket | None = None

    def ask(self, data: bytes, *, refuses: bytes, blocked: bool) -> bool:
        """Ask one question.

        Args:
            data: the request.
            refuses: what a refusal has in it.
            blocked: whether it must be one.

        Returns:
            Whether it was answered.
        """
        began, said = time.monotonic(), self._said
        said.asked += 1
        answer = self._answer(data)
        said.slowest = max(said.slowest, time.monotonic() - began)
        if not answer:
            return False
        said.answered += 1
        said.refused += refuses in answer
        if (refuses in answer) != blocked:
            said.wrong.append(f"{answer[:80]!r} to {data[:300]!r}")
        return True

    def _answer(self, data: bytes) -> bytes:
        """b"" when nobody answers: mail flows without."""
        try:
            if self._link is None:
                self._link = socket.socket(socket.AF_UNIX)
                self._link.settimeout(PATIENCE)
                self._link.connect(str(self._path))
            self._link.sendall(data)
            answer = self._link.recv(4096)
        except OSError:
            answer = b""
        if not answer or not self._lasting:
            self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._link is not None:
            self._link.close()
        self._link = None


class Load:
    """Askers at every door, and the log of what passed."""

    def __init__(self, folder: Path, accounts: int, rate: float) -> None:
        """Say how much; nobody asks yet.

        Args:
            folder: with the sockets and the log.
            accounts: that ask in turn.
            rate: messages and logins a second at each door.
        """
        self.folder, self.accounts, self.rate = folder, accounts, rate
        self.said = {name: Said() for name in DOORS}
        self._over = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Ask while the context lasts."""
        asking = {"postfix": self._postfix, "exim": self._exim, "dovecot": self._dovecot, "own": self._own}
        threads = [threading.Thread(target=self._go, args=(name, ask), daemon=True) for name, ask in asking.items()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join(30)

    def _go(self, name: str, ask: Callable[[Line, int, int], None]) -> None:
        line = Line(self.folder / name, self.said[name], lasting=name != "exim")
        due = time.monotonic()
        for serial in count():
            if self._over.wait(max(0.0, due - time.monotonic())):
                break
            due = max(due + 1 / self.rate, time.monotonic())  # what was missed is not made up for
            ask(line, serial, serial * 7919 % self.accounts)
        line.close()

    def _postfix(self, line: Line, serial: int, number: int) -> None:
        """A message of two recipients; logged, when nothing refused it."""
        login, blocked = _login(serial, f"user{number}")
        for step, state in enumerate(("RCPT", "RCPT", "DATA", "END-OF-MESSAGE")):
            request = question(login, client(number), f"friend{step}@firm{number % 89}.example.net", state)
            line.ask(request.replace(b"INSTANCE", b"%x" % serial), refuses=b"REJECT", blocked=blocked)
        if not blocked:
            with (self.folder / "mainlog").open("a") as log:
                log.write(message(int(time.time()), login, number, serial))

    def _exim(self, line: Line, serial: int, number: int) -> None:
        """One recipient of a message that is given up."""
        login, blocked = _login(serial, f"exim{number}")
        fields = f"ask stage=rcpt message={serial} client={client(number)} login:{_base64(login)}"
        to = _base64(f"friend@firm{number % 89}.example.net")
        line.ask(f"{fields} recipient:{to}\n".encode(), refuses=b"deny", blocked=blocked)

    def _dovecot(self, line: Line, serial: int, number: int) -> None:
        login, blocked = _login(serial, f"user{number}")
        body = f'{{"login":"{login}","protocol":"smtp","remote":"{client(number)}","tls":true}}'
        line.ask(post("allow", SECRET.encode(), body.encode()), refuses=b'"status":-1', blocked=blocked)

    def _own(self, line: Line, serial: int, number: int) -> None:
        """The end of a message of two recipients."""
        request = question(f"own{number}@example.org", client(number), "", "END-OF-MESSAGE")
        line.ask(request.replace(b"INSTANCE", b"%x" % serial), refuses=b"REJECT", blocked=False)


def _login(serial: int, name: str) -> tuple[str, bool]:
    """Who asks, and whether he is blocked: one in ten."""
    blocked = serial % 10 == 0
    return (f"blocked{serial // 10 % BLOCKED}@example.org" if blocked else f"{name}@example.org"), blocked


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def configured(folder: Path) -> Path:
    """A configuration with a log and all doors; nothing to learn."""
    (folder / "secret").touch(0o600)
    (folder / "secret").write_text(SECRET)
    (folder / "mainlog").touch()
    doors = {
        "postfix": "",
        "exim": "",
        "dovecot": f'secret = "{folder}/secret"\n',
        "own": 'name = "own"\nowns = "mx2"\n',
    }
    config = folder / "gatepost.toml"
    config.write_text(
        'mode = "enforce"\n[start]\nobserve_for = "0s"\n[domains]\nlocal = ["example.org"]\n'
        f'[[source]]\nkind = "tail"\nname = "mx1"\npath = "{folder}/mainlog"\ndialect = "exim"\nzone = "UTC"\n'
        + "".join(
            f'[[door]]\nkind = "{"postfix" if name == "own" else name}"\nlisten = "unix:{folder}/{name}"\n{more}'
            for name, more in doors.items()
        )
    )
    return config


def soak(folder: Path, asked: argparse.Namespace) -> list[str]:
    """Run it; prints figures, returns what was wrong."""
    watch = Watch(folder, configured(folder))
    watch.start()
    try:
        for number in range(BLOCKED):
            done = watch.run("block", f"blocked{number}@example.org", "--reason", "soak")
            assert done.returncode == 0, done.stdout + done.stderr
        load = Load(folder, asked.accounts, asked.rate)
        with load.running():
            grown = _flat(watch, asked.seconds * 2 / 3)
            away = [_killed(watch, asked.seconds / 3 / asked.kills) for _ in range(asked.kills)]
        time.sleep(1.0)
    finally:
        watch.stop()
    return _told(load, grown, away, counted(folder / "gatepost.toml", asked.accounts), asked.flat)


def _flat(watch: Watch, seconds: float) -> float:
    """By how much memory grew from the third to the last quarter of so long, in percent."""
    assert watch.child is not None
    sizes: list[float] = []
    for _ in range(40):
        time.sleep(seconds / 40)
        sizes.append(memory(watch.child.pid))
    third, last = mean(sizes[20:30]), mean(sizes[30:])
    print(f"memory: {sizes[0]:.1f} MB at first, {third:.1f} in the third quarter, {last:.1f} in the last")
    return 100 * (last / third - 1)


def _killed(watch: Watch, seconds: float) -> float:
    """kill -9, and the start after it, within so long; seconds until the doors answered again."""
    began = time.monotonic()
    watch.kill()
    watch.start()
    away = time.monotonic() - began
    time.sleep(max(0.0, seconds - away))
    return away


def _told(load: Load, grown: float, away: list[float], recorded: int, flat: float) -> list[str]:
    print(f"{'door':<10} {'asked':>9} {'answered':>9} {'refused':>9} {'wrong':>6} {'slowest s':>10}")
    for name, said in load.said.items():
        figures = f"{said.asked:>9,} {said.answered:>9,} {said.refused:>9,} {len(said.wrong):>6} {said.slowest:>10.2f}"
        print(f"{name:<10} {figures}")
    own = load.said["own"]
    print(f"the door that owns counted {recorded:,} recipients; answered {2 * own.answered:,}, asked {2 * own.asked:,}")
    print(f"memory grew by {grown:+.1f} %; killed {len(away)} times, away at most {max(away, default=0):.1f} s")
    found = [
        f"{name}: {len(said.wrong)} wrong answers: {said.wrong[0]}" for name, said in load.said.items() if said.wrong
    ]
    found += [f"{name}: nobody was answered" for name, said in load.said.items() if not said.answered]
    found += [
        f"{name}: {said.slowest:.1f} s for a question"
        for name, said in load.said.items()
        if said.slowest > PATIENCE + 1
    ]
    if not 2 * own.answered <= recorded <= 2 * own.asked:
        found.append("the door that owns counted too few or too many")
    if abs(grown) > flat:
        found.append(f"memory is not flat: {grown:+.1f} %, {flat:g} % allowed")
    return found


def main() -> int:
    """Print figures; 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800.0, help="how long")
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=50.0, help="messages or logins a second at each door")
    parser.add_argument("--kills", type=int, default=10, help="times gatepost is killed, in the last third")
    parser.add_argument("--flat", type=float, default=5.0, help="percent by which memory may change")
    with tempfile.TemporaryDirectory(prefix="gatepost-soak-") as name:
        wrong = soak(Path(name), parser.parse_args())
    for each in wrong:
        print(f"WRONG: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
