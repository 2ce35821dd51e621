"""A reload and certificates: new ones hold for everybody at once, and one that cannot be used changes nothing."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.live.ports import free_port
from tests.runtime.scene import Machine, configured
from tests.source.certificates import Authority
from tests.source.test_doorway import ask, theirs

from gatepost.config.asking import DoorSettings
from gatepost.core.errors import ConfigError
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors

PASSES = b"action=DUNNO\n\n"


class Standing(Machine):
    """A machine with one door for Postfix that asks for certificates."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.certificate, key = self.authority.sign("gatepost.example.org")
        self.port = free_port()
        super().__init__(
            configured(
                folder,
                more=f'[[door]]\nkind = "postfix"\nlisten = "inet:127.0.0.1:{self.port}"\n'
                f'certificate = "{self.certificate}"\nkey = "{key}"\nauthority = "{self.authority.file}"\n'
                'peers = ["mx1.example.org"]\n',
            )
        )
        self.doors = Doors(self.house, Desk(self.house), lambda: True)

    @property
    def door(self) -> DoorSettings:
        """Its settings."""
        return self.settings.door[0]

    async def ask(self, authority: Authority, name: str = "mx1.example.org") -> bytes:
        """What somebody with a certificate of this authority is answered."""
        return await ask(self.port, theirs(authority, authority, name))

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncio.StreamReader]:
        """Somebody who is connected."""
        tls = theirs(self.authority, self.authority)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=tls, server_hostname="gatepost.example.org"
        )
        writer.write(b"request=smtpd_access_policy\n\n")
        assert await asyncio.wait_for(reader.readuntil(b"\n\n"), 10) == PASSES
        yield reader
        writer.transport.abort()


async def hung_up(reader: asyncio.StreamReader) -> bool:
    """Whether the door hangs up."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        return await asyncio.wait_for(reader.read(1), 10) == b""
    return True


def test_a_new_authority_holds_for_everybody(tmp_path: Path) -> None:
    """Who was let in by the old one is hung up on and does not come in again; who has one of the new one does."""
    here, other = Standing(tmp_path), Authority(tmp_path, "other")
    old = theirs(here.authority, here.authority)

    async def run() -> None:
        async with here.doors.open(), here.connected() as reader:
            here.authority.file.write_bytes(other.file.read_bytes())
            await here.doors.listen([here.door])
            assert await hung_up(reader) and await ask(here.port, old) == b""
            trusting_old = Authority(tmp_path, "gone")
            trusting_old.file = here.certificate
            context = theirs(trusting_old, other)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            assert await ask(here.port, context) == PASSES

    asyncio.run(run())
    here.close()


def test_who_is_no_peer_any_more_is_hung_up_on(tmp_path: Path) -> None:
    """And others may ask from then on; a reload that changes nothing of it leaves everybody alone."""
    here = Standing(tmp_path)

    async def run() -> None:
        async with here.doors.open(), here.connected() as reader:
            await here.doors.listen([replace(here.door, deny="another text")])
            assert await here.ask(here.authority) == PASSES and not reader.at_eof()
            await here.doors.listen([replace(here.door, peers=("mx2.example.org",))])
            assert await hung_up(reader) and await here.ask(here.authority) == b""
            assert await here.ask(here.authority, "mx2.example.org") == PASSES

    asyncio.run(run())
    here.close()


def test_a_certificate_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    """Said with the file; nobody is hung up on, and a door that is new beside it is not opened."""
    here = Standing(tmp_path)

    async def run() -> None:
        async with here.doors.open(), here.connected() as reader:
            (tmp_path / "x").write_text("no PEM")
            broken = replace(here.door, certificate=str(tmp_path / "x"), peers=("mx2.example.org",))
            beside = replace(here.door, name="other", listen=f"unix:{tmp_path}/other", certificate="")
            with pytest.raises(ConfigError, match="PEM files"):
                await here.doors.listen([beside, broken])
            assert await here.ask(here.authority) == PASSES and not reader.at_eof()
            assert not (tmp_path / "other").exists()

    asyncio.run(run())
    here.close()
