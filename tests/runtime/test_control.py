"""The door for the operator: who may speak, who did, and what is answered."""

import asyncio
import getpass
import grp
import json
import os
import socket
import stat
from pathlib import Path

import pytest
from tests.runtime.scene import ANN, NIGHT, Counter, Fixed, Machine, World, configured, habits, theft

from gatepost.core.errors import ConfigError
from gatepost.runtime import control
from gatepost.runtime.control import Reply, Request

ME = getpass.getuser()
GROUP = grp.getgrgid(os.getgid()).gr_name


async def _obey(request: Request, by: str) -> Reply:
    return Reply(error=f"{by} said {request.verb} {request.account}")


def talk(folder: Path, *lines: bytes, group: str = "") -> list[bytes]:
    """What the door answers to raw lines, each on a connection of its own."""

    async def run() -> list[bytes]:
        found: list[bytes] = []
        async with control.listening(folder / "state.db", group, _obey), asyncio.timeout(10):
            for line in lines:
                reader, writer = await asyncio.open_unix_connection(control.socket_path(folder / "state.db"))
                writer.write(line)
                writer.write_eof()
                found.append(await reader.read())
                writer.close()
        return found

    return asyncio.run(run())


def said(verb: str = "block", **more: object) -> bytes:
    """One request."""
    return json.dumps({"verb": verb, "account": ANN, **more}).encode() + b"\n"


def test_the_speaker_is_the_peer_and_never_what_he_says(tmp_path: Path) -> None:
    """SO_PEERCRED: the user at the other end of the socket."""
    (answer,) = talk(tmp_path, said(by="somebody"))
    assert b"no request" in answer
    (answer,) = talk(tmp_path, said())
    assert f"{ME} said block {ANN}".encode() in answer


@pytest.mark.parametrize(
    ("uid", "sudo", "expected"),
    [
        (0, "", "root"),
        (0, "ada", "ada (sudo)"),
        (0, "root", "root"),
        (54321, "ada", "uid 54321"),
        (54321, "", "uid 54321"),
    ],
)
def test_the_name_behind_sudo_is_believed_from_root_only(uid: int, sudo: str, expected: str) -> None:
    """Anybody can set SUDO_USER; only root got it from sudo."""
    assert control.speaker(uid, sudo) == expected


def test_the_socket_is_for_its_owner_and_its_group(tmp_path: Path) -> None:
    """Mode 0660, the configured group, and gone at the end."""
    path = control.socket_path(tmp_path / "state.db")

    async def look() -> os.stat_result:
        async with control.listening(tmp_path / "state.db", GROUP, _obey):
            return path.stat()

    found = asyncio.run(look())
    assert stat.S_IMODE(found.st_mode) == 0o660
    assert found.st_gid == os.getgid()
    assert not path.exists()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"\xff\x00\n",
        b"[]\n",
        b'{"verb": "delete", "account": "x"}\n',
        b'{"verb": "release", "account": "x", "how": "somehow"}\n',
        b'{"verb": "block"}\n',
        b'{"verb": "block", "account": "\\udcff@example.org"}\n',
        b"x" * 100_000 + b"\n",
        b'{"verb": "block", "account": "' + b"[" * 5000 + b"\n",
    ],
)
def test_what_is_no_request_breaks_nothing(tmp_path: Path, line: bytes) -> None:
    """It is refused or hung up on, and the next request is obeyed."""
    bad, good = talk(tmp_path, line, said())
    assert bad == b"" or b"no request" in bad
    assert b"said block" in good


def test_a_group_that_does_not_exist_is_said(tmp_path: Path) -> None:
    """With the setting's name and no traceback."""
    with pytest.raises(ConfigError, match=r"\[state\] path and group"):
        talk(tmp_path, said(), group="no-such-group-here")


def test_a_path_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    """The system allows 107 octets; asking there finds nobody."""
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    with pytest.raises(ConfigError, match="control socket"):
        talk(deep, said())
    assert asyncio.run(control.ask(deep / "state.db", Request("block", ANN), 1.0)) is None


def test_a_socket_that_a_crash_left_behind_is_replaced(tmp_path: Path) -> None:
    """Asking a dead socket finds nobody; the next start takes its place."""
    path = control.socket_path(tmp_path / "state.db")
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    assert asyncio.run(control.ask(tmp_path / "state.db", Request("block", ANN), 1.0)) is None
    assert b"said block" in talk(tmp_path, said())[0]


def test_a_gatepost_that_hangs_up_is_an_error(tmp_path: Path) -> None:
    """No answer is not "nobody is running": the order may be under way."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async def ask() -> Reply | None:
        server = await asyncio.start_unix_server(hang_up, control.socket_path(tmp_path / "state.db"))
        async with server:
            return await control.ask(tmp_path / "state.db", Request("block", ANN), 5.0)

    reply = asyncio.run(ask())
    assert reply is not None and "hung up" in reply.error


@pytest.fixture
def robbed(tmp_path: Path) -> Machine:
    """ann is blocked."""
    machine = Machine(configured(tmp_path), Fixed(), [Counter(World())])
    machine.read(habits((ANN,)))
    machine.read(theft())
    return machine


def test_an_old_letters_command_does_not_release_the_new_incident(robbed: Machine) -> None:
    """Notices name incidents: #1 is over, what stands is #2, and that is said."""
    robbed.say("release", incident=f"{ANN}#1", how="password-changed")
    robbed.clock.at += 86400
    robbed.read(theft(NIGHT + 86400))
    reply = robbed.say("release", incident=f"{ANN}#1", how="honest")
    assert f"{ANN}#2" in reply.error
    assert robbed.incidents()[-1].state.value == "contained"
    assert robbed.say("release", incident=f"{ANN}#2", how="honest").error == ""


def test_a_release_must_say_which(robbed: Machine) -> None:
    """The two teach opposite things."""
    assert "password was changed" in robbed.say("release").error


@pytest.mark.parametrize("account", ["", "x" * 501])
def test_an_account_has_a_length(robbed: Machine, account: str) -> None:
    """Nothing else is written down."""
    assert "characters" in robbed.say("block", account).error
    assert list(robbed.store.told(0)) == []


def test_a_reason_is_cut(robbed: Machine) -> None:
    """At 200 characters."""
    robbed.say("confirm", reason="r" * 1000)
    (told,) = robbed.store.told(0)
    assert len(told.instruction.reason) == 200


def test_instructions_survive_a_crash_between_writing_and_doing(robbed: Machine) -> None:
    """What was written down is done at the next start, once, by whom it was said."""
    robbed.tell("block", "ben@example.org", reason="phone call")
    robbed.close()
    world = World()
    again = Machine(robbed.settings, robbed.clock, [Counter(world)])
    again.house.catch_up_with_operator()
    again.house.catch_up_with_operator()
    again.carry()
    assert world.effects == ["stop ben@example.org#1"]
    (incident,) = [found for found in again.incidents() if found.account == "ben@example.org"]
    assert "blocked by root: phone call" in incident.verdict.because[0].says
