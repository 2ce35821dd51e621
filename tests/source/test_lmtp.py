"""The LMTP server: an answer for each recipient, limits, and a mail that is never lost."""

import asyncio
import smtplib
import stat
from pathlib import Path

import pytest
from tests.live.ports import free_port

from gatepost.core.errors import ConfigError, StoreError
from gatepost.source import lmtp
from gatepost.source.lmtp import Take, opened

MAIL = "Subject: a\r\n\r\nhello\r\n"


async def counted(recipient: str, mail: bytes) -> str:
    """Takes everything and says what it got, with what does not belong into a reply."""
    return f"250 2.0.0 {recipient}\r\n{len(mail)} é" + "x" * 600


async def broken(recipient: str, mail: bytes) -> str:
    """Cannot write, for one of them."""
    if recipient == "b@example.org":
        msg = "the disk is full"
        raise StoreError(msg)
    return "250 2.0.0 counted"


async def delivered(take: Take, to: list[str]) -> tuple[dict[str, tuple[int, bytes]], tuple[int, bytes]]:
    """What the standard library's client is told by a server on loopback: refused recipients, the end of the mail."""
    port = free_port()

    def work() -> tuple[dict[str, tuple[int, bytes]], tuple[int, bytes]]:
        with smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            refused = {one: said for one in to if (said := client.rcpt(one))[0] != 250}
            return refused, client.data(MAIL)

    async with opened(f"inet:127.0.0.1:{port}", take):
        return await asyncio.to_thread(work)


def test_a_mail_is_taken() -> None:
    """The reply is one line of ASCII within the limit of RFC 5321, whatever it was made of."""
    refused, (code, reply) = asyncio.run(delivered(counted, ["a@example.org"]))
    assert (refused, code) == ({}, 250)
    assert reply.startswith(b"2.0.0 a@example.org??21 ?xxx") and len(reply) < 512


def test_each_recipient_has_an_answer_of_its_own(tmp_path: Path) -> None:
    """One that cannot be counted comes again (451); the others are not asked for twice. The socket is the group's."""

    async def talk() -> bytes:
        async with opened(f"unix:{tmp_path}/s", broken):
            assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o660
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
            to = b"".join(b"RCPT TO:<%s@example.org>\r\n" % name for name in (b"a", b"b", b"c"))
            writer.write(b"LHLO x\r\nMAIL FROM:<>\r\n" + to + b"DATA\r\n\r\n.\r\nQUIT\r\n")
            said = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return said

    said = asyncio.run(talk()).splitlines()
    assert [line[:9] for line in said[-4:]] == [b"250 2.0.0", b"451 4.3.0", b"250 2.0.0", b"221 2.0.0"]
    assert not (tmp_path / "s").exists()


def test_too_many_and_too_slow_are_told_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """421, which no mail server takes for a refusal of the mail; a stranger to the protocol is told so, too."""
    monkeypatch.setattr(lmtp, "IDLE", 0.3)
    monkeypatch.setattr(lmtp, "MOST", 1)

    async def ends(data: bytes = b"") -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        writer.write(data)
        said = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return said

    async def talk() -> tuple[bytes, bytes, bytes]:
        async with opened(f"unix:{tmp_path}/s", counted):
            slow = asyncio.create_task(ends(b"LHLO x\r\nMAIL"))
            await asyncio.sleep(0)
            many = await ends()
            return await slow, many, await ends(b"x" * 5000)

    slow, many, strange = asyncio.run(talk())
    assert b"421 4.4.2" in slow + many and b"421 4.3.2" in many + slow and b"421 4.7.0" in strange


def test_where_nobody_can_listen(tmp_path: Path) -> None:
    """The mistake names the address and the settings; no address is no server."""

    async def open_(listen: str, group: str = "") -> None:
        async with opened(listen, counted, group):
            pass

    asyncio.run(open_(""))
    for listen, group in ((f"unix:{tmp_path}/no/s", ""), (f"unix:{tmp_path}/s", "no such group")):
        with pytest.raises(ConfigError, match="lmtp_group"):
            asyncio.run(open_(listen, group))
