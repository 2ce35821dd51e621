"""A syslog listener: it hears its peers and nobody else, and loses nothing silently."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.live.ports import free_port
from tests.source.certificates import Authority

from gatepost.core.errors import ConfigError
from gatepost.source import spool as spools
from gatepost.source import syslog
from gatepost.source.peers import Peers
from gatepost.source.spool import Spool
from gatepost.source.syslog import Listener, listening
from gatepost.source.tls import tls_context

LINE = b"<22>Mar  2 10:03:04 lies postfix/smtpd[7]: %d"
KEPT = "Mar  2 10:03:04 lies postfix/smtpd[7]: %d"


async def until(holds: Callable[[], bool]) -> None:
    """Poll until something holds."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.002)


def kept(listener: Listener, host: str = "mx1") -> list[str]:
    """What came for a host and was not asked for before."""
    return [line for lines in iter(listener.spools[host]._next, None) for line in lines.lines]


@contextlib.asynccontextmanager
async def heard(
    folder: Path, listen: str, tls: ssl.SSLContext | None = None, most: int = 1 << 30
) -> AsyncIterator[Listener]:
    """A listener whose peers are this machine and a certificate; nothing that it keeps becomes durable."""
    peers = {"127.0.0.1": "mx1", "mx1.example.org": "mx1", "mx2.example.org": "mx2"}
    made = {host: Spool(folder / host, None, lambda: None, most) for host in ("mx1", "mx2")}
    listener = Listener("collector", Peers(peers), made)
    async with listening(listener, listen, tls):
        yield listener
    for spool in made.values():
        spool.close()


async def say(port: int, *pieces: bytes, tls: ssl.SSLContext | None = None) -> None:
    """One connection that says something and ends."""
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=tls, server_hostname="log.example.org" if tls else None
    )
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@pytest.mark.parametrize("counted", [True, False])
def test_both_framings_of_tcp_are_heard(tmp_path: Path, counted: bool) -> None:
    """RFC 6587; the host a line names is only text: what matters is the spool it lies in."""

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"tcp:127.0.0.1:{port}") as listener:
            lines = [LINE % number for number in range(5)]
            data = b"".join(b"%d %s" % (len(line), line) for line in lines) if counted else b"\n".join(lines)
            await say(port, data[:70], data[70:])
            await until(lambda: listener.counts.received == 5)
            assert kept(listener) == [KEPT % number for number in range(5)] and kept(listener, "mx2") == []

    asyncio.run(run())


def test_udp_is_heard(tmp_path: Path) -> None:
    """A datagram is a message (RFC 5426)."""

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"udp:127.0.0.1:{port}") as listener:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number in range(100):
                    sender.sendto(LINE % number, ("127.0.0.1", port))
            await until(lambda: listener.counts.received == 100)
            assert kept(listener) == [KEPT % number for number in range(100)]

    asyncio.run(run())


def test_a_unix_socket_is_heard_and_goes_with_the_listener(tmp_path: Path) -> None:
    """As syslog(3) writes: without a host, which we add; a dead socket's place is taken."""

    async def run() -> None:
        place = tmp_path / "log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
            dead.bind(str(place))
        async with heard(tmp_path, f"unix:{place}") as listener:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"<22>Mar  2 10:03:04 postfix/smtpd[7]: x", str(place))
            await until(lambda: listener.counts.received == 1)
            assert kept(listener) == ["Mar  2 10:03:04 mx1 postfix/smtpd[7]: x"]
            with pytest.raises(ConfigError, match="listens there already"):
                async with heard(tmp_path / "second", f"unix:{place}"):
                    pass
        assert not place.exists()

    asyncio.run(run())


def test_a_certificate_says_who_speaks(tmp_path: Path) -> None:
    """RFC 5425: ours is verified, theirs too; one of another authority, or of nobody we know, is not heard."""
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    tls = tls_context(*map(str, (*authority.sign("log.example.org"), authority.file)))

    def client(by: Authority, name: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=authority.file)
        context.load_cert_chain(*by.sign(name))
        return context

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"tls:127.0.0.1:{port}", tls) as listener:
            await say(port, LINE % 1 + b"\n", tls=client(authority, "mx2.example.org"))
            await until(lambda: listener.counts.received == 1)
            for wrong in (client(other, "mx1.example.org"), ssl.create_default_context(cafile=authority.file)):
                with contextlib.suppress(OSError):
                    await say(port, LINE % 2 + b"\n", tls=wrong)
            with contextlib.suppress(OSError):
                await say(port, LINE % 3 + b"\n", tls=client(authority, "mx9.example.org"))
            await until(lambda: listener.counts.strangers == 1)
            await say(port, LINE % 4 + b"\n", tls=client(authority, "mx1.example.org"))
            await until(lambda: listener.counts.received == 2)
            assert (kept(listener, "mx2"), kept(listener)) == ([KEPT % 1], [KEPT % 4])

    asyncio.run(run())


def test_certificates_that_cannot_be_used_are_a_mistake_with_a_remedy(tmp_path: Path) -> None:
    """A missing file, and one that is no PEM."""
    (tmp_path / "x").write_text("no PEM")
    for name in ("missing", "x"):
        with pytest.raises(ConfigError, match="PEM files that this user can read"):
            tls_context(*[str(tmp_path / name)] * 3)


@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_strangers_are_counted_and_not_heard(tmp_path: Path, kind: str) -> None:
    """Whatever they say of themselves."""

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"{kind}:127.0.0.1:{port}") as listener:
            listener.peers = Peers({"192.0.2.1": "mx1"})
            if kind == "tcp":
                with contextlib.suppress(OSError):
                    await say(port, LINE % 1 + b"\n")
            else:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(LINE % 1, ("127.0.0.1", port))
            await until(lambda: listener.counts.strangers == 1)
            assert "127.0.0.1" in listener.trouble and kept(listener) == []

    asyncio.run(run())


def test_a_stream_waits_while_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sender is held back, nothing is dropped, and everything comes once there is room."""
    monkeypatch.setattr(spools, "SEGMENT", 10_000)
    monkeypatch.setattr(syslog, "SWEEP", 0.01)

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"tcp:127.0.0.1:{port}", most=100_000) as listener:
            spool, number, found = listener.spools["mx1"], 200_000, list[str]()
            data = b"".join(LINE % at + b"\n" for at in range(number))
            sending = asyncio.create_task(say(port, *(data[at : at + 65536] for at in range(0, len(data), 65536))))
            await until(lambda: spool.full)
            await until(lambda: "no more is taken" in spool.trouble)
            assert not sending.done() and listener.counts.received < number
            spool._durable = lambda: spool.position
            async with asyncio.timeout(30):
                while len(found) < number:
                    found += kept(listener)
                    await asyncio.sleep(0.002)
            await sending
            assert found == [KEPT % at for at in range(number)]
            assert listener.counts.dropped == 0

    asyncio.run(run())


def test_what_a_peer_said_before_it_went_is_kept_though_there_was_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is gone, its last lines wait."""
    monkeypatch.setattr(syslog, "SWEEP", 0.01)

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"tcp:127.0.0.1:{port}", most=0) as listener:
            await say(port, LINE % 1)
            await until(lambda: bool(listener.spools["mx1"].trouble))
            listener.spools["mx1"]._most = 1000
            await until(lambda: not listener._streams)
            assert kept(listener) == [KEPT % 1]

    asyncio.run(run())


def test_datagrams_without_room_are_counted(tmp_path: Path) -> None:
    """They cannot wait: the mail server that writes them must not."""

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"udp:127.0.0.1:{port}", most=0) as listener:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number in range(10):
                    sender.sendto(LINE % number, ("127.0.0.1", port))
            await until(lambda: listener.counts.dropped == 10)
            assert kept(listener) == []

    asyncio.run(run())


def test_what_the_kernel_drops_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than its buffer holds while nobody reads: received and overrun are all that was sent."""
    monkeypatch.setattr("gatepost.source.sockets.BUFFER", 4096)
    monkeypatch.setattr(syslog, "SWEEP", 0.01)

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"udp:127.0.0.1:{port}") as listener:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number in range(500):
                    sender.sendto(LINE % number, ("127.0.0.1", port))
                await until(lambda: listener.counts.received + listener.counts.overrun == 500)
            assert listener.counts.overrun > 0

    asyncio.run(run())


def test_a_stream_that_breaks_its_framing_is_closed(tmp_path: Path) -> None:
    """What came whole before is kept."""

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"tcp:127.0.0.1:{port}") as listener:
            with contextlib.suppress(OSError):
                await say(port, b"8 <22>one x<22>Mar")
            await until(lambda: listener.counts.garbled == 1)
            assert "one framing" in listener.trouble and kept(listener) == ["<22>one "]

    asyncio.run(run())


def test_more_connections_than_allowed_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those before keep theirs."""
    monkeypatch.setattr(syslog, "MOST", 1)

    async def run() -> None:
        port = free_port()
        async with heard(tmp_path, f"tcp:127.0.0.1:{port}") as listener:
            _, first = await asyncio.open_connection("127.0.0.1", port)
            await until(lambda: len(listener._streams) == 1)
            with contextlib.suppress(OSError):
                await say(port, LINE % 1 + b"\n")
            await until(lambda: listener.counts.refused == 1)
            first.write(LINE % 2 + b"\n")
            await until(lambda: listener.counts.received == 1)
            assert kept(listener) == [KEPT % 2]
            first.close()

    asyncio.run(run())
