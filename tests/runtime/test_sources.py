"""Sources that are no files: what they received survives, what they lost is said."""

import asyncio
import shutil
import socket
from pathlib import Path

import pytest
from tests.live.ports import free_port, until
from tests.runtime.process import Process, now
from tests.runtime.scene import ANN, Fixed, Machine, configured, theft
from tests.source.journalled import LINES, unpacked

from gatepost.config.streams import Syslog
from gatepost.core.errors import ConfigError
from gatepost.core.units import iso
from gatepost.runtime.desk import Desk
from gatepost.runtime.sources import Heard, sources
from gatepost.source.lines import length
from gatepost.store.sqlite import Sqlite

LISTENER = """
[[source]]
kind = "syslog"
name = "collector"
listen = "tcp:127.0.0.1:{port}"
peers = [{{ name = "127.0.0.1", host = "mx2" }}]
"""


def syslog(lines: list[str], at: float) -> bytes:
    """Exim's lines as another host's syslog sends them, counted."""
    messages = [f"<22>1 {iso(at)} mx1 exim 7 - - {line}".encode() for line in lines]
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


def send(port: int, data: bytes) -> None:
    """One connection."""
    with socket.create_connection(("127.0.0.1", port), 10) as peer:
        peer.sendall(data)


def spooled(folder: Path) -> int:
    """Lines that lie in a spool."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("state.db.spool/collector/mx2/*"))


def test_what_was_received_survives_kill_9(tmp_path: Path) -> None:
    """A theft on another host, killed as soon as its lines are here: the next start stops the account, once."""
    port = free_port()
    configured(tmp_path, more=LISTENER.format(port=port))
    process = Process(tmp_path)
    process.learn()
    process.start()
    lines = theft(now(), messages=6)
    half = len(lines) // 2
    send(port, syslog(lines[:half], now()))
    until(lambda: spooled(tmp_path) == half, "it is spooled")
    process.kill()
    process.start()
    send(port, syslog(lines[half:], now()))
    until(lambda: process.denied == [ANN], "the account is denied", 60)
    process.kill()
    process.start()
    assert [found["incident"] for found in process.incidents()] == [f"{ANN}#1"]
    process.kill()
    assert "Traceback" not in process.said


def test_a_listener_that_cannot_listen_is_one_sentence(tmp_path: Path) -> None:
    """The port is taken: place and remedy, no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        configured(tmp_path, more=LISTENER.format(port=other.getsockname()[1]))
        found = Process(tmp_path).run("watch")
    assert found.returncode == 2 and "Traceback" not in found.stderr
    assert "source collector: cannot listen" in found.stderr and "check listen" in found.stderr


def test_each_host_has_its_own_messages_and_position(tmp_path: Path) -> None:
    """One listener, two mail servers: two followed sources, whatever hosts their lines name."""
    peers = 'peers = [{ name = "192.0.2.1", host = "mx2" }, { name = "192.0.2.2", host = "mx3" }]'
    more = LISTENER.format(port=601).replace('peers = [{ name = "127.0.0.1", host = "mx2" }]', peers)
    machine = Machine(configured(tmp_path, more=more), Fixed(), [])
    followed, _ = sources(machine.house)
    assert [one.name for one in followed] == ["collector:mx2", "collector:mx3", "mx1"]
    assert [one.feed.thread.host for one in followed] == ["mx2", "mx3", "mx1"]
    machine.close()


def test_lost_lines_are_said_and_reach_the_abuse_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Once for each change, with the reason; a letter at most once an hour."""
    machine = Machine(configured(tmp_path, more=LISTENER.format(port=601)), Fixed(), [])
    (settings,) = (one for one in machine.settings.source if one.name == "collector")
    assert isinstance(settings, Syslog)
    heard, desk = Heard(settings, {}), Desk(machine.house)
    heard.report(desk)
    heard.listener.counts.strangers, heard.listener.trouble = 1, "192.0.2.9 sends, but is not in peers"
    heard.report(desk)
    heard.report(desk)
    assert not desk._letters
    heard.listener.counts.dropped = 7
    heard.report(desk)
    heard.listener.counts.overrun = 2
    heard.report(desk)
    said = capsys.readouterr().out
    assert said.count("a listener had trouble") == 3 and said.count("log lines were lost") == 1
    assert [subject for subject, _ in desk._letters] == ["log lines were lost: datagrams came faster than they fit"]
    machine.close()


def test_a_spool_that_cannot_be_made_is_a_mistake(tmp_path: Path) -> None:
    """A file stands in its place."""
    settings = configured(tmp_path, more=LISTENER.format(port=601))
    (tmp_path / "state.db.spool").write_text("")
    with pytest.raises(Exception, match="what it receives cannot be kept"):
        asyncio.run(asyncio.to_thread(Machine, settings, Fixed(), []))


JOURNAL = """
[[source]]
kind = "journal"
name = "mx2"
units = ["postfix@-.service"]
users = [{users}]
path = "postfix.journal"
"""


def test_a_journal_is_followed_and_read_on(tmp_path: Path) -> None:
    """Its lines reach the engine, and after a kill none comes twice: its cursor is in the state."""
    if shutil.which("journalctl") is None:
        pytest.skip("journalctl is not installed")
    unpacked(tmp_path)
    configured(tmp_path, more=JOURNAL.format(users='"root", "89"'))
    process = Process(tmp_path)
    told = process.config.read_text()
    process.config.write_text(told.replace('observe_for = "0s"', 'observe_for = "0s", learn = "3650d"'))
    process.append([])
    for _ in range(2):
        process.start()
        until(lambda: _offset(tmp_path) > 0, "its position is durable")
        offset = _offset(tmp_path)
        process.kill()
    assert offset == sum(map(length, LINES)) == _offset(tmp_path)
    assert "Traceback" not in process.said


def _offset(folder: Path) -> int:
    with Sqlite.open(folder / "state.db", readonly=True) as store:
        position = store.position("mx2")
    return position.offset if position is not None else 0


def test_a_user_that_is_not_here_is_a_mistake(tmp_path: Path) -> None:
    """Named, with the remedy."""
    with pytest.raises(ConfigError, match="no user nobody-knows on this host; write its number"):
        Machine(configured(tmp_path, more=JOURNAL.format(users='"nobody-knows"')), Fixed(), [])
