"""A service manager: what gatepost tells it, and the sockets it hands over."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.ports import until
from tests.runtime.process import Process
from tests.runtime.scene import configured

from gatepost.runtime.supervisor import Supervisor
from gatepost.source.handed import handed

HANDS_OVER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)
"""What systemd does before it runs a program: the socket is descriptor 3, and the process is the one meant."""


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, place: str) -> None:
        self._heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._heard.bind(place)
        self._heard.setblocking(False)
        self.said: list[str] = []

    def listen(self) -> list[str]:
        """Everything said so far."""
        try:
            while True:
                self.said.append(self._heard.recv(4096).decode())
        except BlockingIOError:
            return self.said


@pytest.fixture
def door(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket of a door, bound before gatepost is there."""
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    heard.bind(str(tmp_path / "asked"))
    heard.listen(16)
    yield heard
    heard.close()


def ask(place: Path) -> socket.socket:
    """A question that may have to wait."""
    asks = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    asks.settimeout(60)
    asks.connect(str(place))
    asks.sendall(b"ask stage=auth client=192.0.2.9 login:YW5u\n")
    return asks


def test_a_service_begins_lives_and_ends(tmp_path: Path, door: socket.socket) -> None:
    """Ready, how it goes, signs of life, the end; who asked before it was there is answered, and after it waits."""
    configured(tmp_path, more=f'[[door]]\nkind = "exim"\nlisten = "unix:{tmp_path}/asked"\n')
    manager, process = Manager(str(tmp_path / "notify")), Process(tmp_path)
    process.append([])
    early = ask(tmp_path / "asked")
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    through = (sys.executable, "-c", HANDS_OVER, str(door.fileno()))
    process.start(through=through, pass_fds=[door.fileno()], env={**os.environ, **told})
    assert early.recv(100).strip() == b"pass"
    until(lambda: manager.listen().count("WATCHDOG=1") >= 3, "signs of life")
    assert manager.said[0] == "READY=1"
    assert "STATUS=enforcing, caught up, 1 sources" in manager.said
    assert process.kill(signal.SIGTERM) == 0
    assert manager.listen()[-1] == "STOPPING=1"
    late = ask(tmp_path / "asked")
    late.settimeout(0.1)
    with pytest.raises(TimeoutError):
        late.recv(100)


def test_without_a_manager_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No address, an address nobody listens at, another process's watchdog: nothing happens and nothing fails."""
    for told in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"NOTIFY_SOCKET": "@gatepost-gone"}):
        supervisor = Supervisor(told)
        supervisor.ready()
        supervisor.alive("observing")
    heard = Manager(str(tmp_path / "notify"))
    other = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}
    Supervisor(other).alive("observing")
    assert heard.listen() == ["STATUS=observing"]
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert handed("unix:/run/gatepost/exim") is None


def test_only_the_address_that_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind, family, address and port have to be those of the configuration."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        monkeypatch.setattr("gatepost.source.handed.FIRST", made.fileno())
        monkeypatch.setenv("LISTEN_FDS", "1")
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        port = made.getsockname()[1]
        found = handed(f"inet:127.0.0.1:{port}")
        assert found is not None
        found.close()
        assert handed(f"inet:127.0.0.1:{port}", socket.SOCK_DGRAM) is None
        assert handed(f"inet:127.0.0.2:{port}") is None
        assert handed(f"inet:127.0.0.1:{port + 1}") is None
        assert handed(f"inet:localhost:{port}") is None
        assert handed(f"unix:/run/{port}") is None
