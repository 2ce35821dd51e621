"""One server for every door: it answers, it is bounded, and it fails open."""

import asyncio
import contextlib
import os
import socket
import stat
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.live.ports import free_port

from gatepost.core.asked import PASS, Answer, Asked
from gatepost.core.errors import ConfigError
from gatepost.mta.postfix.door import Talk
from gatepost.source import inline
from gatepost.source.askers import Askers, owner
from gatepost.source.inline import Door, opened

ASK = b"request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=ann@example.org\n\n"
DENY = b"action=REJECT 5.7.1 no\n\n"


def deny(question: Asked) -> Answer:
    """Nobody may."""
    return Answer("deny", "no")


@contextlib.asynccontextmanager
async def door(
    place: Path,
    judge: Callable[[Asked], Answer] = deny,
    *,
    most: int = 100,
    deadline: float = 5.0,
    keeps_back: bool = False,
) -> AsyncIterator[Door]:
    """A door at a unix socket."""
    made = Door("postfix", Talk, judge, most=most, deadline=deadline, keeps_back=keeps_back)
    async with opened(made, f"unix:{place}"):
        yield made


async def ask(place: Path, data: bytes = ASK, size: int = 10_000) -> bytes:
    """What one connection is answered before it hangs up, or is hung up on."""
    reader, writer = await asyncio.open_unix_connection(str(place))
    writer.write(data)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(size), 10)
    writer.close()
    return answer


def test_every_question_on_a_connection_is_answered(tmp_path: Path) -> None:
    """Two in one write; the answers come in order."""

    async def run() -> None:
        async with door(tmp_path / "door") as made:
            assert await ask(tmp_path / "door", ASK + ASK.replace(b"RCPT", b"VRFY")) == DENY + b"action=DUNNO\n\n"
            assert made.counts.asked == 2

    asyncio.run(run())


def test_a_slow_answer_is_kept_back_where_the_protocol_has_no_word_for_it(tmp_path: Path) -> None:
    """It comes late, before the answer to what was asked after it; somebody else is answered meanwhile."""
    slow = ASK.replace(b"ann@", b"sly@")

    def judge(question: Asked) -> Answer:
        return Answer("slow", seconds=1) if question.login.startswith("sly@") else Answer("deny", "no")

    async def run() -> None:
        async with door(tmp_path / "door", judge, keeps_back=True):
            clock = asyncio.get_running_loop().time
            began = clock()
            sly = asyncio.create_task(ask(tmp_path / "door", slow + ASK))
            assert await ask(tmp_path / "door") == DENY and not sly.done()
            assert await sly == b"action=sleep 1\n\n" + DENY and clock() - began >= 1

    asyncio.run(run())


def test_the_socket_is_its_groups_and_goes_with_the_server(tmp_path: Path) -> None:
    """0660, never more, and a dead one's place is taken."""

    async def run() -> None:
        place = tmp_path / "door"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(place))
        async with door(place):
            assert stat.S_IMODE(place.stat().st_mode) == 0o660
            with pytest.raises(ConfigError, match="listens there already"):
                async with door(place):
                    pass
        assert not place.exists()

    asyncio.run(run())


def test_bytes_that_are_no_request_get_no_answer(tmp_path: Path) -> None:
    """Garbage closes its own connection; others are served."""

    async def run() -> None:
        async with door(tmp_path / "door") as made:
            assert await ask(tmp_path / "door", b"\x16\x03\x01 hello\n\n") == b""
            assert await ask(tmp_path / "door", b"a" * 100_000) == b""
            assert await ask(tmp_path / "door") == DENY
            assert made.counts.garbled == 2 and "longer" in made.trouble

    asyncio.run(run())


def test_a_judge_that_fails_lets_mail_flow(tmp_path: Path) -> None:
    """Counted, and said."""

    def fails(question: Asked) -> Answer:
        raise ZeroDivisionError

    async def run() -> None:
        async with door(tmp_path / "door", fails) as made:
            assert await ask(tmp_path / "door") == b"action=DUNNO\n\n"
            assert made.counts.failed == 1 and "ZeroDivisionError" in made.trouble

    asyncio.run(run())


def test_who_would_wait_too_long_passes(tmp_path: Path) -> None:
    """Beyond the deadline of one turn questions are answered unjudged."""

    async def run() -> None:
        async with door(tmp_path / "door", deadline=-1.0) as made:
            assert await ask(tmp_path / "door") == b"action=DUNNO\n\n"
            assert made.counts.overloaded == 1

    asyncio.run(run())


def test_more_connections_than_allowed_are_closed(tmp_path: Path) -> None:
    """The first ones keep theirs; a place becomes free when one goes."""

    async def run() -> None:
        place = tmp_path / "door"
        async with door(place, most=1) as made:
            _, first = await asyncio.open_unix_connection(str(place))
            await until(lambda: made.open == 1)
            with contextlib.suppress(ConnectionError):
                assert await ask(place) == b""
            assert made.counts.refused == 1
            first.close()
            await until(lambda: made.open == 0)
            assert await ask(place) == DENY

    asyncio.run(run())


def test_half_a_request_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One octet now and then keeps no connection open."""
    monkeypatch.setattr(inline, "SWEEP", 0.01)
    monkeypatch.setattr(inline, "HALFWAY", 0.05)

    async def run() -> None:
        async with door(tmp_path / "door") as made:
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "door"))
            writer.write(b"request=")
            assert await asyncio.wait_for(reader.read(), 10) == b""
            writer.close()
            assert made.counts.timed_out == 1

    asyncio.run(run())


def test_a_client_that_takes_no_answers_is_not_read(tmp_path: Path) -> None:
    """A megabyte of questions without reading the answers stays with the client."""

    async def run() -> None:
        async with door(tmp_path / "door") as made:
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "door"), limit=1024)
            number = 20_000
            writer.write(ASK * number)
            await until(lambda: made.counts.asked > 100)
            stopped = made.counts.asked
            while len(await asyncio.wait_for(reader.read(4096), 10)) == 4096 and made.counts.asked < number:
                pass
            assert stopped < number
            writer.close()

    asyncio.run(run())


def test_a_port_is_a_door_too() -> None:
    """On loopback; a port that is taken is said with the remedy."""

    async def run() -> None:
        port = free_port()
        made = Door("postfix", Talk, lambda question: PASS)
        async with opened(made, f"inet:127.0.0.1:{port}"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            assert await reader.readuntil(b"\n\n") == b"action=DUNNO\n\n"
            writer.close()
            with pytest.raises(ConfigError, match="check listen"):
                async with opened(made, f"inet:127.0.0.1:{port}"):
                    pass

    asyncio.run(run())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
@pytest.mark.parametrize("kind", ["unix", "inet"])
def test_other_users_of_this_host_may_not_ask(kind: str) -> None:
    """The kernel says who they are, on a unix socket and on a port: others are hung up on, who is named is served."""

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            address = f"unix:{folder}/door" if kind == "unix" else f"inet:127.0.0.1:{free_port()}"
            made = Door("postfix", Talk, deny, admit=Askers(["4711"]).admit)
            async with opened(made, address, 0o666):
                assert await asyncio.to_thread(asked_by, 4712, address) == b""
                assert (made.counts.asked, made.counts.strangers) == (0, 1)
                assert "users" in made.trouble
                for user in (4711, 0):
                    assert await asyncio.to_thread(asked_by, user, address) == DENY

    asyncio.run(run())


CLIENT = """
import socket, sys
kind, _, place = sys.argv[1].partition(":")
host, _, port = place.rpartition(":")
link = socket.socket(socket.AF_UNIX) if kind == "unix" else socket.socket()
link.settimeout(10)
try:
    link.connect(place if kind == "unix" else (host, int(port)))
    link.sendall(sys.argv[2].encode())
    sys.stdout.write(link.recv(1000).decode())
except ConnectionError:
    pass
"""


def asked_by(user: int, address: str) -> bytes:
    """What a process of some user is answered."""
    command = ["/usr/bin/env", "-i", "python3", "-c", CLIENT, address, ASK.decode()]
    return subprocess.run(command, user=user, capture_output=True, timeout=30, check=True, cwd="/").stdout


def test_other_hosts_need_leave() -> None:
    """Their address is looked up among the peers, whatever users are named."""
    ours, theirs = ("192.0.2.1", 4002), ("198.51.100.7", 40_000)

    class Link(asyncio.Transport):
        def get_extra_info(self, name: str, default: object = None) -> object:
            return {"socket": socket.socket(), "peername": theirs, "sockname": ours}[name]

    assert Askers(peers=["198.51.100.0/24"]).admit(Link())
    assert not Askers().admit(Link()) and not Askers(["root"], ["198.51.100.8"]).admit(Link())


def test_the_owner_of_a_connection_is_told_by_the_kernel() -> None:
    """IPv4 and IPv6; of what is no connection nothing is said."""
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        with socket.create_server((host, 0), family=family) as server:
            with socket.create_connection(server.getsockname()[:2]) as link, server.accept()[0] as heard:
                assert owner(heard.getpeername()[:2], heard.getsockname()[:2]) == os.geteuid()
                assert owner(link.getsockname()[:2], link.getpeername()[:2]) == os.geteuid()
            assert owner(("127.0.0.1", 1), ("127.0.0.1", 2)) is None


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something, ten seconds at most."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)
