"""Customers who end a block themselves: as narrowly as contracts 19 says."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.live.ports import free_port
from tests.runtime.scene import (
    ANN,
    BEN,
    BOTNET,
    HOME,
    NIGHT,
    Counter,
    Fixed,
    Machine,
    Post,
    World,
    configured,
    habits,
    theft,
)

from gatepost.act.page import Page, page
from gatepost.core.units import DAY
from gatepost.runtime.control import Reply, Request
from gatepost.runtime.desk import Desk
from gatepost.runtime.links import LENGTH
from gatepost.runtime.obey import obey
from gatepost.runtime.selfservice import CUSTOMER, SelfService
from gatepost.source.visits import Visits, opened
from gatepost.store import audit, links

PAGE = """
[selfservice]
listen = "unix:/run/gatepost/page"
url = "https://mail.example.org/unlock/"
{more}
"""
DATABASE = """
database = "sqlite://{folder}/mail.db"
statement = "SELECT changed FROM mailbox WHERE username = :login"
"""


class Desked:
    """A blocked account, its owner, and the desk."""

    def __init__(self, folder: Path, more: str) -> None:
        self.folder = folder
        settings = configured(folder, more=PAGE.format(more=more))
        self.machine = Machine(settings, Fixed(), [Counter(World()), Post()])
        self.machine.read(habits())
        self.machine.read(theft(NIGHT, ANN))
        self.desk = Desk(self.machine.house)
        self.page = SelfService(self.machine.house, self.desk, self._obey)

    async def _obey(self, request: Request, by: str) -> Reply:
        return await obey(self.machine.house, self.machine.carrier, request, by)

    def secret(self) -> str:
        """What the letter's link ends with."""
        link = self.machine.house.links.make(self.machine.incidents(ANN)[-1])
        assert link.startswith("https://mail.example.org/unlock/")
        return link.rpartition("/")[2]

    def visit(self, secret: str, client: str = HOME[ANN], *, pressed: bool = True) -> tuple[int, str]:
        """One visit of the page."""
        found = asyncio.run(self.page.answer(secret, client, pressed=pressed))
        return found.status, found.body.decode()

    def changed(self, at: object) -> None:
        """The operator's portal writes down a new password."""
        with sqlite3.connect(self.folder / "mail.db") as database:
            database.execute("CREATE TABLE IF NOT EXISTS mailbox (username TEXT, changed)")
            database.execute("DELETE FROM mailbox")
            database.execute("INSERT INTO mailbox VALUES (?, ?)", (ANN, at))

    @property
    def state(self) -> str:
        """Of the incident."""
        return self.machine.incidents(ANN)[-1].state.value


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Desked]:
    """A page with a database that knows when passwords change."""
    made = Desked(tmp_path, DATABASE.format(folder=tmp_path))
    made.changed(None)
    yield made
    made.machine.close()


LATER = [NIGHT + 3600, datetime.fromtimestamp(NIGHT + 3600, UTC).isoformat(), "2026-12-01 00:00:00"]


@pytest.mark.parametrize("at", LATER, ids=["seconds", "zone", "text"])
def test_a_new_password_and_a_place_of_his_own_release(asked: Desked, at: object) -> None:
    """Everything is taken back, as an operator's release does, and the trail says who it was."""
    asked.changed(at)
    secret = asked.secret()
    assert len(secret) == LENGTH
    assert "button" in asked.visit(secret, pressed=False)[1] and asked.state != "released"
    status, body = asked.visit(secret)
    assert status == 200 and "can send again" in body
    assert asked.state == "released"
    (told,) = [entry for entry in audit.entries(asked.machine.store, ANN) if entry.who == CUSTOMER]
    assert told.what == "release --password-changed"
    assert {row.state for row in asked.machine.store.rows(f"{ANN}#1") if row.action.startswith("counter")} == {"undone"}


@pytest.mark.parametrize(
    ("changed", "client", "why"),
    [
        (NIGHT + 3600, BOTNET[0], "no habit of the account before"),
        (NIGHT + 3600, "203.0.113.200", "no habit of the account before"),
        (NIGHT + 3600, "not an address", "nobody can say where he is"),
        (NIGHT - 3600, HOME[ANN], "was not changed since"),
        (None, HOME[ANN], "was not changed since"),
        ("soon", HOME[ANN], "could not be asked"),
    ],
)
def test_everything_else_is_a_request(asked: Desked, changed: object, client: str, why: str) -> None:
    """Another network, no address, an old password, a database that talks nonsense: an operator decides."""
    asked.changed(changed)
    status, body = asked.visit(asked.secret(), client)
    assert status == 200 and "look at it" in body and asked.state != "released"
    (link,) = links.asked(asked.machine.store)
    assert (link.incident, link.client) == (f"{ANN}#1", client) and why in link.why
    ((subject, lines),) = asked.desk._letters
    assert "asks to send again" in subject and any(f"gatepost release {ANN}#1" in line for line in lines)
    asked.machine.say("release", ANN, how="password-changed")
    assert links.asked(asked.machine.store) == []


def test_without_a_database_an_operator_decides(tmp_path: Path) -> None:
    """The page only asks."""
    made = Desked(tmp_path, "")
    made.visit(made.secret())
    assert "no database" in links.asked(made.machine.store)[0].why
    made.machine.close()


def test_a_link_works_once_for_two_days_and_for_one_incident(asked: Desked) -> None:
    """Neither twice, nor later, nor after the incident, nor for another account, nor by guessing."""
    secret = asked.secret()
    for wrong in ("", "x", secret[:-1], secret + "x", "\udcff", secret.swapcase()):
        assert asked.visit(wrong)[0] == 404
    asked.visit(secret)
    assert asked.visit(secret)[0] == 404
    asked.machine.say("release", ANN, how="password-changed")
    asked.machine.read(theft(NIGHT + 7200, ANN))
    again = asked.secret()
    assert again != secret and asked.visit(again, pressed=False)[0] == 200
    asked.machine.clock.at += 2 * DAY
    assert asked.visit(again, pressed=False)[0] == 404


def test_the_same_letter_has_the_same_link(asked: Desked) -> None:
    """A letter that is sent twice is one letter; another state makes other secrets."""
    assert asked.secret() == asked.secret()
    other = asked.machine.house.links
    other._key = b"another"
    assert other.find(asked.secret()) is not None
    assert asked.machine.incidents(BEN) == []


async def _fetch(place: Path, request: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(place))
    writer.write(request)
    found = await reader.read()
    writer.close()
    return found


def served(
    page: SelfService, place: Path, ask: Callable[[Path], Awaitable[bytes]], proxies: tuple[str, ...] = ()
) -> bytes:
    """What a web server in front gets."""

    async def serve() -> bytes:
        async with opened(f"unix:{place}", Visits(page.answer, (("X-Test", "1"),), ())):
            return await ask(place)

    return asyncio.run(serve())


def test_over_http(asked: Desked, tmp_path: Path) -> None:
    """GET shows the button and does nothing, POST acts; the visitor is who the web server in front says last."""
    asked.changed(NIGHT + 3600)
    path = f"/unlock/{asked.secret()}".encode()
    place = tmp_path / "page"
    head = b" HTTP/1.1\r\nHost: mail.example.org\r\nX-Forwarded-For: 203.0.113.9, " + HOME[ANN].encode() + b"\r\n\r\n"
    shown = served(asked.page, place, lambda at: _fetch(at, b"GET " + path + head))
    assert shown.startswith(b"HTTP/1.1 200") and b"<button>" in shown and b"X-Test: 1" in shown
    assert asked.state != "released"
    post = b"POST " + path + head.replace(b"Host", b"Content-Length: 0\r\nHost")
    done = served(asked.page, place, lambda at: _fetch(at, post))
    assert b"can send again" in done and asked.state == "released"


NOISE = (
    b"\0" * 5000,
    b"GET / HTTP/1.1\r\n" + b"A: " + b"x" * 20000,
    b"BREW /x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET",
)


@pytest.mark.parametrize("request_", NOISE)
def test_what_is_no_visit_is_hung_up_on(asked: Desked, tmp_path: Path, request_: bytes) -> None:
    """Noise, endless headers, other methods, half a request: nothing is answered and nothing happens."""

    async def noise(place: Path) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(place))
        writer.write(request_)
        writer.write_eof()
        return await reader.read()

    assert not served(asked.page, tmp_path / "page", noise).startswith(b"HTTP/1.1 200")
    assert asked.state != "released"


@pytest.mark.parametrize(("proxies", "client"), [(("127.0.0.0/8",), "192.0.2.10"), (("192.0.2.0/24",), "127.0.0.1")])
def test_only_a_web_server_of_ours_says_who_visits(proxies: tuple[str, ...], client: str) -> None:
    """Whoever reaches the address himself is who he is, whatever he writes into his headers."""
    seen: list[str] = []

    async def answer(secret: str, client: str, *, pressed: bool) -> Page:
        seen.append(client)
        return page("gone")

    async def visit() -> None:
        port = free_port()
        async with opened(f"inet:127.0.0.1:{port}", Visits(answer, (), proxies)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1, 192.0.2.10\r\n\r\n")
            await reader.read()
            writer.close()

    asyncio.run(visit())
    assert seen == [client]
