"""A new configuration takes the place of the old one in a running gatepost, or not at all."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.ports import free_port, until
from tests.runtime.process import Process, now
from tests.runtime.scene import ANN, BEN, CLEO, configured, theft
from tests.runtime.test_daemon import messages

from gatepost.store.sqlite import Sqlite

DEAF = "levels = { watch = 96, throttle = 97, hold = 98, block = 99 }\n"
"""Three messages of a thief would reach 99.3 points, two reach 67.4."""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A gatepost that enforces and runs, and hears nothing."""
    configured(tmp_path, more=DEAF + QUOTA)
    process = Process(tmp_path)
    process.learn(days=14, accounts=(ANN, BEN, CLEO))
    process.start()
    yield process
    process.kill(signal.SIGTERM)
    assert "Traceback" not in process.said


QUOTA = '[[detector]]\nkind = "quota"\nenabled = false\n'


def hang_up(process: Process) -> None:
    """SIGHUP."""
    assert process.child is not None
    os.kill(process.child.pid, signal.SIGHUP)


def read(process: Process) -> int:
    """How far the log is read and written down."""
    with Sqlite.open(process.folder / "state.db", readonly=True) as store:
        position = store.position("mx1")
    return position.offset if position is not None else 0


def recipients(process: Process, account: str) -> int:
    """How many recipients stand in the log as accepted for an account."""
    lines = process.log.read_text().splitlines()
    return sum(len(line.partition(" for ")[2].split()) for line in lines if f"A=plain:{account}" in line)


def test_a_threshold_changes_what_happens(process: Process) -> None:
    """The same theft: no incident before the reload, a hold after it; and nothing more once it observes."""
    process.append(theft(now(), ANN, messages=1))
    until(lambda: read(process) == process.log.stat().st_size, "everything is read and written down")
    assert process.incidents() == [] and process.denied == []
    configured(process.folder, more=QUOTA)
    said = process.run("reload")
    assert (said.returncode, said.stdout) == (0, "reloaded: mode enforce, sources 1, actions 1\n")
    process.append(theft(now(), BEN, messages=1))
    until(lambda: BEN in process.denied, "the table has Ben")
    assert [incident["account"] for incident in process.incidents()] == [BEN]
    configured(process.folder, "observe", more=QUOTA)
    hang_up(process)
    until(lambda: "mode=observe" in process.said, "it says that it observes")
    assert process.said.count("event=reloaded") == 2
    assert process.run("release", BEN, "--honest").returncode == 0
    assert BEN not in process.denied


def test_a_broken_file_changes_nothing_and_every_mistake_is_said(process: Process) -> None:
    """In the log after a signal, to the caller of the command; and the old configuration goes on working."""
    configured(process.folder, more=QUOTA)
    assert process.run("reload").returncode == 0
    good = process.config.read_text()
    process.config.write_text(good.replace('mode = "enforce"', 'mode = "enforcing"\ntagg = 5'))
    hang_up(process)
    until(lambda: process.said.count("the new configuration is not used") == 2, "both mistakes")
    assert "gatepost.toml:1: mode:" in process.said and "gatepost.toml:2: tagg:" in process.said
    said = process.run("reload")
    assert said.returncode == 2 and "mode:" in said.stderr and "tagg:" in said.stderr
    process.append(theft(now(), ANN))
    until(lambda: ANN in process.denied, "the old configuration stops Ann")


def test_the_caller_hears_what_the_running_one_could_not_use(process: Process, tmp_path: Path) -> None:
    """Also when the caller's own file is good: every mistake with its place, and that the old one stays."""
    other = tmp_path / "good.toml"
    other.write_text(process.config.read_text())
    process.config.write_text(process.config.read_text() + "[nothing]\n[breaker]\nshare = 2\n")
    process.config, broken = other, process.config
    said = process.run("reload")
    assert said.returncode == 2 and "the old configuration stays in force" in said.stderr
    assert f"{broken}:" in said.stderr and "breaker.share" in said.stderr and "nothing" in said.stderr


def test_what_cannot_change_while_it_runs_is_refused(process: Process) -> None:
    """The state is open and locked, blocks that wait were read with the old tag, listeners hear."""
    plain = process.config.read_text()
    ear = '[[source]]\nkind = "syslog"\nname = "far"\nlisten = "unix:/run/nowhere"\nhost = "far"\n'
    for text, reason in (
        ('state = { path = "other.db" }\n' + plain, "state.path and state.group change with a restart only"),
        ('tag = "[other]"\n' + plain, "the tag changes with a restart only"),
        (plain + ear, "sources of kind syslog, journal and stdin change with a restart only"),
    ):
        process.config.write_text(text)
        hang_up(process)
        until(lambda: reason in process.said, reason)  # noqa: B023
    assert not (process.folder / "other.db").exists()


def test_without_a_running_gatepost_there_is_nothing_to_reload(tmp_path: Path) -> None:
    """Exit 1, and when the configuration is read."""
    configured(tmp_path)
    said = Process(tmp_path).run("reload")
    assert said.returncode == 1 and "reads its configuration when it starts" in said.stderr


def test_reloads_lose_no_line_and_read_none_twice(process: Process) -> None:
    """A reload before, between and after lines that pour in, sources changed and back: every recipient counts once."""
    plain = process.config.read_text()
    zones = (plain.replace('zone = "UTC"', 'zone = "+00:00"'), plain)
    for number in range(12):
        process.append(theft(now(), ANN, messages=5, bad=0))
        process.config.write_text(zones[number % 2])
        hang_up(process)
        process.append(theft(now(), BEN, messages=5, bad=0))
        until(lambda: process.said.count("event=reloaded") >= number + 1, "it reloaded")  # noqa: B023
    size = process.log.stat().st_size
    until(lambda: process.run("reload").returncode == 0, "a last reload")
    process.kill(signal.SIGTERM)
    assert process.log.stat().st_size == size
    for account in (ANN, BEN):
        assert messages(str(process.folder / "state.db"), account) == recipients(process, account)


def test_sources_and_actions_come_and_go(process: Process) -> None:
    """A second log is read from the reload on, a second table is filled; the first ones are let go."""
    second = process.folder / "second"
    second.write_text("")
    text = process.config.read_text().replace(DEAF, "").replace('"mainlog"', '"second"').replace('"mx1"', '"mx2"')
    process.config.write_text(text.replace('"exim/deny"', '"exim/other"'))
    said = process.run("reload")
    assert said.returncode == 0, said.stderr
    process.append(theft(now(), ANN))
    with second.open("a") as file:
        file.writelines(f"{line}\n" for line in theft(now(), BEN))
    other = process.folder / "exim" / "other"
    until(lambda: other.exists() and BEN in other.read_text(), "the second table has Ben")
    assert ANN not in other.read_text() and process.denied == []


def test_a_door_that_stays_keeps_its_connections(process: Process) -> None:
    """Postfix notices nothing of a reload; a door that is gone is closed, a new one answers."""
    ask = b"request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=ann@example.org\n\n"
    plain = process.config.read_text()

    def doors(*names: str) -> str:
        places = [f'[[door]]\nkind = "postfix"\nname = "{n}"\nlisten = "unix:{process.folder / n}"\n' for n in names]
        return plain + "".join(places)

    def answer(client: socket.socket) -> bytes:
        client.sendall(ask)
        return client.recv(100)

    process.config.write_text(doors("one", "two"))
    assert process.run("reload").returncode == 0
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as three:
        one.connect(str(process.folder / "one"))
        assert answer(one) == b"action=DUNNO\n\n"
        process.config.write_text(doors("one", "three"))
        assert process.run("reload").returncode == 0
        assert answer(one) == b"action=DUNNO\n\n"
        three.connect(str(process.folder / "three"))
        assert process.run("block", ANN, "--reason", "test").returncode == 0
        assert answer(one).startswith(b"action=REJECT") and answer(three).startswith(b"action=REJECT")
    assert not (process.folder / "two").exists()


def test_who_may_ask_at_an_open_door_changes_with_a_reload(process: Process) -> None:
    """A door is opened to a user more: whoever is connected is hung up on and comes again."""
    plain = process.config.read_text()
    port = free_port()

    def door(users: str) -> None:
        more = f'[[door]]\nkind = "postfix"\nlisten = "inet:127.0.0.1:{port}"\nusers = [{users}]\n'
        process.config.write_text(plain + more)
        done = process.run("reload")
        assert done.returncode == 0, done.stderr

    door('"root"')
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=ann@example.org\n\n")
        assert client.recv(100) == b"action=DUNNO\n\n"
        door('"root", "nobody"')
        assert client.recv(100) == b""
