"""TLS at a door: who may ask is let in, others are hung up on, and certificates change while the door is open."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from tests.live.ports import free_port
from tests.source.certificates import Authority
from tests.source.test_inline import ASK, DENY, deny, until

from gatepost.mta.postfix.door import Talk
from gatepost.source.askers import Askers
from gatepost.source.doorway import Doorway
from gatepost.source.inline import Door, opened
from gatepost.source.tls import tls_context

NAMED = Askers(peers=["MX1.example.org"], certified=True)


def ours(authority: Authority, name: str = "gatepost.example.org", *, asks: bool = True) -> ssl.SSLContext:
    """What a door listens with."""
    certificate, key = map(str, authority.sign(name))
    return tls_context(certificate, key, str(authority.file) if asks else "")


def theirs(trusted: Authority, by: Authority | None = None, name: str = "mx1.example.org") -> ssl.SSLContext:
    """What a client connects with: a certificate of a name by an authority, or none."""
    context = ssl.create_default_context(cafile=trusted.file)
    if by is not None:
        context.load_cert_chain(*by.sign(name))
    return context


async def ask(port: int, tls: ssl.SSLContext | None, name: str = "gatepost.example.org") -> bytes:
    """What one question is answered; nothing when the door hangs up."""
    with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname=name if tls is not None else None
        )
        writer.write(ASK)
        said = await asyncio.wait_for(reader.readuntil(b"\n\n"), 10)
        writer.transport.abort()
        return said
    return b""


@contextlib.asynccontextmanager
async def standing(tls: ssl.SSLContext | None, askers: Askers = NAMED) -> AsyncIterator[tuple[int, Door, Doorway]]:
    """A door at a port."""
    port, made = free_port(), Door("postfix", Talk, deny, admit=askers.admit)
    async with opened(made, f"inet:127.0.0.1:{port}", tls=tls) as way:
        yield port, made, way


def test_a_certificate_says_who_may_ask(tmp_path: Path) -> None:
    """Its name is in peers: answered; another name, another authority, no certificate, no TLS: not a word."""
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")

    async def run() -> None:
        async with standing(ours(authority)) as (port, made, _):
            assert await ask(port, theirs(authority, authority)) == DENY
            assert await ask(port, theirs(authority, authority, "mx9.example.org")) == b""
            assert made.counts.strangers == 1
            for wrong in (theirs(authority, other), theirs(authority), None):
                assert await ask(port, wrong) == b""
            assert made.counts.asked == 1
            assert await ask(port, theirs(authority, authority)) == DENY

    asyncio.run(run())


def test_without_an_authority_nobody_is_asked_for_a_certificate(tmp_path: Path) -> None:
    """The address says who it is, and TLS is spoken all the same: who speaks none is hung up on."""
    authority = Authority(tmp_path)

    async def run() -> None:
        async with standing(ours(authority, asks=False), Askers()) as (port, made, _):
            assert await ask(port, theirs(authority)) == DENY
            assert await ask(port, None) == b"" and made.counts.asked == 1

    asyncio.run(run())


def test_users_of_this_host_need_the_certificate_and_the_name(tmp_path: Path) -> None:
    """A named user without one is a stranger: what the kernel says comes on top."""
    authority = Authority(tmp_path)

    async def run() -> None:
        async with standing(ours(authority), Askers(["0"], ["mx1.example.org"], certified=True)) as (port, _, _):
            assert await ask(port, theirs(authority)) == b""
            assert await ask(port, theirs(authority, authority)) == DENY

    asyncio.run(run())


def test_certificates_change_while_the_door_is_open(tmp_path: Path) -> None:
    """Who connects then sees the new one and needs the new authority; the address is never free in between."""
    old, new = Authority(tmp_path), Authority(tmp_path, "new")

    async def run() -> None:
        async with standing(ours(old)) as (port, made, way):
            await way.renew(ours(new, "door2.example.org"))
            assert await ask(port, theirs(new, new), "door2.example.org") == DENY
            assert await ask(port, theirs(new, old), "door2.example.org") == b""
            assert await ask(port, theirs(old, old)) == b"" and made.counts.asked == 1
            await way.renew(None)
            assert await ask(port, None) == b"" and made.counts.strangers == 1
        assert await ask(port, None) == b""

    asyncio.run(run())


def test_who_is_hung_up_on_is_gone_also_in_the_middle_of_a_handshake(tmp_path: Path) -> None:
    """A connection begun under the old certificates does not enter under the new ones."""
    authority = Authority(tmp_path)

    async def run() -> None:
        async with standing(ours(authority)) as (port, made, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            _, inside = await asyncio.open_connection(
                "127.0.0.1", port, ssl=theirs(authority, authority), server_hostname="gatepost.example.org"
            )
            await until(lambda: made.open == 1)
            made.hang_up()
            await until(lambda: made.open == 0)
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.start_tls(theirs(authority, authority), server_hostname="gatepost.example.org")
                writer.write(ASK)
                assert await asyncio.wait_for(reader.read(100), 10) == b""
            assert made.counts.asked == 0
            inside.close()
            writer.transport.abort()

    asyncio.run(run())
