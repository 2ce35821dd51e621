"""The soak finds what it looks for; a small one runs every time."""

import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from bench.soak import Line, Load, Said, _told

ROOT = Path(__file__).parents[2]


def test_a_small_soak_finds_nothing() -> None:
    """All doors under load, one kill -9: every verdict stands, what the owning door counted was let through."""
    command = [sys.executable, "-m", "bench.soak", "--seconds", "15", "--accounts", "100", "--rate", "20"]
    command += ["--kills", "1", "--flat", "30"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for door in ("postfix", "exim", "dovecot"):
        figures = re.findall(rf"(?m)^{door} .*", done.stdout)[0].replace(",", "").split()
        asked, answered, refused, wrong = map(int, figures[1:5])
        assert asked >= answered > refused > 10 and not wrong, done.stdout


@pytest.mark.parametrize(("blocked", "wrong"), [(True, 1), (False, 0)])
def test_a_lost_verdict_is_found(tmp_path: Path, blocked: bool, wrong: int) -> None:
    """A door that lets everybody pass."""
    said, place = Said(), tmp_path / "door"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen(1)
        threading.Thread(target=_pass, args=(server,), daemon=True).start()
        line = Line(place, said, lasting=True)
        assert line.ask(b"x\n\n", refuses=b"REJECT", blocked=blocked)
        line.close()
    assert (said.asked, said.answered, len(said.wrong)) == (1, 1, wrong)


def _pass(server: socket.socket) -> None:
    with server.accept()[0] as link:
        link.recv(100)
        link.sendall(b"action=DUNNO\n\n")


def test_nobody_there_is_no_wrong_answer(tmp_path: Path) -> None:
    """Mail flows without gatepost."""
    said = Said()
    assert not Line(tmp_path / "door", said, lasting=True).ask(b"x\n\n", refuses=b"REJECT", blocked=True)
    assert (said.asked, said.answered, said.wrong) == (1, 0, [])


@pytest.mark.parametrize(
    ("recorded", "grown", "found"),
    [(8, 0.0, 0), (10, 4.9, 0), (12, -4.9, 0), (7, 0.0, 1), (13, 0.0, 1), (8, 5.1, 1), (8, -5.1, 1)],
)
def test_what_is_lost_doubled_or_leaks_is_found(tmp_path: Path, recorded: int, grown: float, found: int) -> None:
    """Four messages of two recipients answered of six asked; memory within five percent."""
    load = Load(tmp_path, 10, 1.0)
    load.said = {name: Said(asked=6, answered=4) for name in load.said}
    assert len(_told(load, grown, [1.0], recorded, 5.0)) == found
