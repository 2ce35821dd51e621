"""sessions.py and doveadm.py: the account's sessions end, nobody else's; nobody there is success."""

import asyncio
import base64
import json
import ssl
import sys
from pathlib import Path

import pytest
from tests.act.book import NOON, Book, incident, order
from tests.act.carrier import Carrier

from gatepost.act import doveadm
from gatepost.act.doveadm import Api, Program
from gatepost.act.sessions import Sessions
from gatepost.act.url import url_of
from gatepost.core.errors import ActionError

ANN = "ann@example.org"
KEY = b"sesame-sesame-sesame"

PROGRAM = """\
import sys
place, words = sys.argv[1], sys.argv[2:]
with open(place, "a") as calls:
    print(*words, file=calls)
if words[0] == "kick":
    code = {"ann@example.org": 0, "broken@example.org": 75}.get(words[2], 68)
    print("no users kicked" if code == 68 else "kicked" if not code else "cannot connect to anvil")
    sys.exit(code)
"""


class Heard:
    """A Dovecot that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def kick(self, name: str) -> int:
        """Two sessions."""
        self.told.append(f"kick {name}")
        return 2

    async def forget(self, names: list[str]) -> None:
        """Fine."""
        self.told.append(f"forget {' '.join(names)}")


def carrier(told: object, book: Book | None = None) -> Carrier:
    """The action and its journal."""
    book = book or Book()
    return Carrier(Sessions(book, told, name="sessions:x", on=frozenset({"blocked"})), book)  # type: ignore[arg-type]


def test_every_spelling_is_ended_once(tmp_path: Path) -> None:
    """The password is forgotten first, then each name's sessions end; a release forgets refusals, and takes nothing."""
    heard = Heard()
    made = carrier(heard)
    note = asyncio.run(made.stop(ANN, ANN, "Ann@Example.org", "ann"))
    assert heard.told == ["forget ann ann@example.org", "kick ann", "kick ann@example.org"]
    assert note == "sessions ended: 4"
    heard.told.clear()
    (said,) = asyncio.run(made.release(ANN))
    assert heard.told == ["forget ann@example.org"] and "stay ended" in said


@pytest.mark.parametrize(
    "name", ["*", "a*@example.org", "?", "0.0.0.0/0", "0/0", "10", "0x7f.1", "::/0", "[::1]", "a|b", "x\n", "\\xff", ""]
)
def test_a_name_that_means_others_is_never_told(name: str) -> None:
    """Patterns, networks and what is no text would end other people's sessions: they are left out, and it is said."""
    heard = Heard()
    note = asyncio.run(carrier(heard).stop(ANN, ANN, name))
    assert heard.told == [f"forget {ANN}", f"kick {ANN}"]
    assert name == "" or "not told" in note
    with pytest.raises(ActionError, match="by hand"):
        asyncio.run(carrier(heard).stop(name, name))


@pytest.mark.parametrize("name", ["ada", "dead", "ann", "abe@10", "x1"])
def test_names_of_people_are_no_networks(name: str) -> None:
    """Bare names of the letters of hexadecimal numbers are told."""
    heard = Heard()
    asyncio.run(carrier(heard).stop(name, name))
    assert f"kick {name}" in heard.told


def test_sessions_end_at_once_and_again_behind_the_lock() -> None:
    """Another measure that is under way delays nothing; when it is done, whoever came back meanwhile is out, too."""
    heard, book = Heard(), Book()
    made = carrier(heard, book)
    blocked = order(incident())
    book.claim(blocked, "table:deny", "x", NOON)
    book.claim(blocked, "queue:exim", "x", NOON)

    async def both() -> None:
        doing = asyncio.ensure_future(made.stop(ANN))
        async with asyncio.timeout(5):
            while len(heard.told) < 2:
                await asyncio.sleep(0.01)
        assert not doing.done()
        book.close_row(blocked.key, "table:deny", "done", "", NOON)
        await doing

    asyncio.run(both())
    assert heard.told == [f"forget {ANN}", f"kick {ANN}"] * 2


def program(tmp_path: Path) -> tuple[Program, Path]:
    """doveadm, and where it writes down what it is called with."""
    (tmp_path / "doveadm.py").write_text(PROGRAM)
    return Program((sys.executable, "-I", str(tmp_path / "doveadm.py"), str(tmp_path / "calls"))), tmp_path / "calls"


def test_the_program_is_called_without_a_shell(tmp_path: Path) -> None:
    """A name is one word, whatever is in it; nobody there is success; another exit code is an error with the remedy."""
    made, calls = program(tmp_path)
    assert asyncio.run(made.kick(ANN)) == 1
    assert asyncio.run(made.kick("-f $(touch x); 'ann")) == 0
    with pytest.raises(ActionError, match="cannot connect to anvil; let gatepost call doveadm through sudo") as caught:
        asyncio.run(made.kick("broken@example.org"))
    assert caught.value.retry
    asyncio.run(made.forget([ANN, "ann"]))
    assert calls.read_text().splitlines() == [
        f"kick -- {ANN}", "kick -- -f $(touch x); 'ann", "kick -- broken@example.org", f"auth cache flush -- {ANN} ann",
    ]  # fmt: skip


ANSWERS = {
    b'[["doveadmResponse",[{"result":"a"},{"result":"b"}],"gatepost"]]': 2,
    b'[["error",{"type":"exitCode", "exitCode":68},"gatepost"]]': 0,
    b'[["error",{"type":"exitCode", "exitCode":75},"gatepost"]]': None,
    b'[["error",{"type":"unknownMethod"},"gatepost"]]': None,
    b"[]": None,
    b"\xff": None,
    b"x" * 100_000: None,
}


@pytest.mark.parametrize("body", ANSWERS, ids=lambda body: body[:50].decode("latin-1"))
@pytest.mark.parametrize("status", [200, 401])
def test_the_api_is_asked_with_the_key(body: bytes, status: int) -> None:
    """The key is in the head alone; whatever is answered is a number of sessions or an ActionError."""
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        asked = json.loads(await reader.readexactly(length))
        assert asked == [["kick", {"mask": [ANN]}, "gatepost"]]
        heads.append(head)
        writer.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body)) + body)
        writer.close()

    async def ask() -> int:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            api = Api(url_of(f"http://127.0.0.1:{port}/doveadm/v1"), KEY, ssl.create_default_context())
            return await api.kick(ANN)

    if status == 200 and ANSWERS[body] is not None:
        assert asyncio.run(ask()) == ANSWERS[body]
    else:
        with pytest.raises(ActionError) as caught:
            asyncio.run(ask())
        assert caught.value.retry and KEY.decode() not in str(caught.value)
    assert b"X-Dovecot-API " + base64.b64encode(KEY) in heads[0]


def test_an_api_that_does_not_answer_delays_nothing_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listening, or a listener that says nothing, is an ActionError worth another try."""
    monkeypatch.setattr(doveadm, "PATIENCE", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def ask() -> None:
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        api = Api(url_of(f"http://127.0.0.1:{port}/"), KEY, ssl.create_default_context())
        for _ in range(2):
            with pytest.raises(ActionError) as caught:
                await api.forget([ANN])
            assert caught.value.retry
            server.close()

    asyncio.run(ask())
