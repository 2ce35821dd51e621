"""What a login is answered: sending is shut or slowed, reading passes, whatever stands."""

import asyncio
import json
from base64 import b64encode
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.live.ports import free_port
from tests.runtime.scene import ANN, BEN, HOME, NIGHT, Machine, configured, habits, theft

from gatepost.core.asked import Answer, Question
from gatepost.core.errors import ConfigError
from gatepost.core.evidence import Level
from gatepost.runtime.desk import Desk
from gatepost.runtime.doors import Doors
from gatepost.wire.posted import post

BODY = b'{"login":"ann@example.org","protocol":"smtp","remote":"192.0.2.7"}'


class Asking(Machine):
    """A machine with one door for Dovecot."""

    def __init__(self, folder: Path, mode: str = "enforce", more: str = "", on: str = '["block"]') -> None:
        self.secret = folder / "secret"
        self.write("0123456789abcdef")
        self.port = free_port()
        door = f'[[door]]\nkind = "dovecot"\nlisten = "inet:127.0.0.1:{self.port}"\nsecret = "{self.secret}"\n'
        super().__init__(configured(folder, mode, on=on, more=door + more))
        self.doors = Doors(self.house, Desk(self.house), lambda: True)

    def write(self, secret: str) -> None:
        """Another secret."""
        self.secret.write_text(secret)
        self.secret.chmod(0o600)

    def answer(self, account: str = ANN, service: str = "smtp") -> Answer:
        """What one login is answered."""
        question = Question(stage="auth", login=account, client=HOME[ANN], service=service)
        return self.doors.answer(self.settings.door[0], question)

    def acts(self, account: str = ANN) -> dict[str, str]:
        """What each service is answered."""
        return {name: self.answer(account, name).act for name in ("smtp", "submission", "sieve", "imap", "pop3", "")}

    async def post(self, secret: bytes) -> bytes:
        """What a login is answered at the port."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(post("allow", secret, BODY))
        writer.write_eof()
        said = await asyncio.wait_for(reader.read(10_000), 10)
        writer.close()
        return said


READS = {"imap": "pass", "pop3": "pass", "": "pass"}
PASSES = dict.fromkeys(("smtp", "submission", "sieve"), "pass") | READS
DENIED = dict.fromkeys(("smtp", "submission", "sieve"), "deny") | READS


def test_a_block_shuts_sending_and_not_reading(tmp_path: Path) -> None:
    """Also the filters; in words with the tag; a neighbour is not touched, and a release undoes it."""
    here = Asking(tmp_path)
    here.read(habits())
    assert here.acts() == PASSES
    here.read(theft())
    assert here.acts() == DENIED and here.acts(BEN) == PASSES
    assert here.answer().text.startswith("[gatepost] sending is stopped")
    here.say("release", how="honest")
    here.carry()
    assert here.acts() == PASSES
    here.close()


def test_services_say_what_is_shut(tmp_path: Path) -> None:
    """With every service in the list nobody reads either."""
    here = Asking(tmp_path, more='services = ["imap", "smtp"]\n')
    here.read(habits())
    here.read(theft())
    assert here.acts() == PASSES | {"imap": "deny", "smtp": "deny"}
    here.close()


def test_observe_mode_lets_everybody_in(tmp_path: Path) -> None:
    """Whatever was found."""
    here = Asking(tmp_path, "observe")
    here.read(habits())
    here.read(theft())
    assert here.acts() == PASSES
    here.close()


def test_throttle_is_a_wait_that_few_have(tmp_path: Path) -> None:
    """Ten seconds; who comes when `sleepers` wait already passes at once; reading never waits."""
    here = Asking(tmp_path, more="sleepers = 2\n")
    here.read(habits())
    here.read(theft(messages=2, bad=0))
    assert here.answer(service="imap").act == "pass"
    assert [here.answer() for _ in range(3)] == [Answer("slow", seconds=10)] * 2 + [Answer("pass")]
    here.close()


def test_a_hold_goes_on_as_a_wait(tmp_path: Path) -> None:
    """No login can keep a message, and what was slowed before stays so."""
    here = Asking(tmp_path)
    here.read(habits())
    here.read(theft(messages=3, bad=0))
    assert here.incidents()[0].peak == Level.HOLD
    assert here.answer() == Answer("slow", seconds=10)
    here.close()


def test_a_hold_in_the_place_of_a_block_is_a_refusal(tmp_path: Path) -> None:
    """The breaker's: a login keeps no message, and a tripped breaker must protect no thief."""
    here = Asking(tmp_path, more="[breaker]\nblocks_per_hour = 1\nshare = 0\n")
    here.read(habits())
    here.read(theft())
    here.read(theft(NIGHT, BEN))
    assert {row.order.ensure for row in here.store.standing("doors") if row.order.account == BEN} == {"held"}
    assert here.acts() == here.acts(BEN) == DENIED
    here.close()


def test_only_who_knows_the_secret_is_answered(tmp_path: Path) -> None:
    """Others are told so and counted; a new secret holds from the next connection on; a bad one leaves the old."""
    here = Asking(tmp_path)

    async def run() -> None:
        async with here.doors.open():
            assert (await here.post(b"0123456789abcdef")).endswith(b'{"status":0,"msg":""}')
            assert (await here.post(b"0123456789abcdeX")).startswith(b"HTTP/1.1 401 ")
            here.write("another-secret-of-ours")
            await here.doors.listen(here.settings.door)
            assert (await here.post(b"0123456789abcdef")).startswith(b"HTTP/1.1 401 ")
            here.write("short")
            with pytest.raises(ConfigError, match="no secret"):
                await here.doors.listen(here.settings.door)
            assert (await here.post(b"another-secret-of-ours")).endswith(b'{"status":0,"msg":""}')
            ((_, counts),) = here.doors.counts()
            assert (counts.asked, counts.strangers, counts.garbled) == (2, 2, 0)

    asyncio.run(run())
    here.close()


def test_a_client_of_weakforced_is_answered(tmp_path: Path) -> None:
    """With a name and a password, by an HTTP client that is not Dovecot, on one connection."""
    here = Asking(tmp_path)
    here.read(habits())
    here.read(theft())

    def client() -> list[tuple[int, str]]:
        link = HTTPConnection("127.0.0.1", here.port, timeout=10)
        login = {"Authorization": "Basic " + b64encode(b"wforce:0123456789abcdef").decode()}
        found = []
        for method, command in (("GET", "ping"), ("POST", "allow"), ("POST", "report"), ("POST", "reset")):
            link.request(method, f"/?command={command}", BODY if method == "POST" else None, login)
            answer = link.getresponse()
            found.append((answer.status, str(json.loads(answer.read())["status"])))
        link.close()
        return found

    async def run() -> list[tuple[int, str]]:
        async with here.doors.open():
            return await asyncio.to_thread(client)

    assert asyncio.run(run()) == [(200, "ok"), (200, "-1"), (200, "ok"), (404, "failure")]
    here.close()


def test_without_a_secret_no_door_opens(tmp_path: Path) -> None:
    """gatepost does not start."""
    here = Asking(tmp_path)
    here.secret.unlink()

    async def run() -> None:
        async with here.doors.open():
            pass

    with pytest.raises(ConfigError, match="cannot be read"):
        asyncio.run(run())
    here.close()
