"""gatepost doctor on a door with TLS: does it show the file's certificate, is nobody answered without one?"""

import asyncio
import ssl
from pathlib import Path

from tests.live.ports import free_port
from tests.source.certificates import Authority

from gatepost.config import answering
from gatepost.config.asking import PostfixDoor
from gatepost.core.asked import PASS
from gatepost.mta.postfix.door import Talk
from gatepost.source.inline import Door, opened
from gatepost.source.tls import tls_context
from gatepost.surface.doctor import doors, feeds
from gatepost.surface.doctor.check import Check


def settings(folder: Path, *, asks: bool) -> PostfixDoor:
    """A door with certificates."""
    authority = Authority(folder)
    certificate, key = map(str, authority.sign("gatepost.example.org"))
    more = (str(authority.file), ("mx1.example.org",)) if asks else ("", ())
    listen = f"inet:127.0.0.1:{free_port()}"
    return PostfixDoor(listen=listen, certificate=certificate, key=key, authority=more[0], peers=more[1])


def live(door: PostfixDoor, tls: ssl.SSLContext | None) -> Check:
    """What is said of a door that stands open with other certificates, perhaps."""

    async def run() -> Check:
        made = Door("door", Talk, lambda question: PASS, admit=answering.askers(door).admit)
        if tls is None or not tls.verify_mode:
            made.admit = lambda transport: True
        async with opened(made, door.listen, tls=tls):
            return await asyncio.to_thread(doors.live, door)

    return asyncio.run(run())


def test_a_door_that_speaks_tls_as_configured_is_well(tmp_path: Path) -> None:
    """Answered where no certificate is asked for; where one is, this program has none and is hung up on."""
    for asks, said in ((False, "a question was answered"), (True, "hung up on")):
        door = settings(tmp_path, asks=asks)
        check = live(door, answering.manner(door).tls)
        assert check.state == "ok" and said in check.says, check


def test_another_certificate_than_the_files_is_said(tmp_path: Path) -> None:
    """The file was renewed and nobody said `gatepost reload`."""
    door = settings(tmp_path, asks=True)
    old = answering.manner(door).tls
    Authority(tmp_path, "new").sign("gatepost.example.org")
    check = live(door, old)
    assert check.state == "warn" and "another certificate" in check.says and "reload" in (check.remedy or ""), check


def test_a_door_that_answers_without_a_certificate_fails(tmp_path: Path) -> None:
    """It must ask for one, and does not; or it speaks no TLS at all."""
    door = settings(tmp_path, asks=True)
    check = live(door, tls_context(door.certificate, door.key))
    assert check.state == "fail" and "without a certificate is answered" in check.says, check
    assert live(door, None).state == "fail"


def test_certificates_that_cannot_be_read_fail(tmp_path: Path) -> None:
    """Each file by its setting; a door without TLS needs none."""
    door = settings(tmp_path, asks=True)
    assert not list(feeds.files("door postfix", door)) and not list(feeds.files("d", PostfixDoor(listen="unix:/a")))
    Path(door.key).unlink()
    (check,) = feeds.files("door postfix", door)
    assert check.state == "fail" and check.name == "door postfix: key" and "does not exist" in check.says
