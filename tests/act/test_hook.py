"""Web hooks on their way."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, Book, Fixed, incident, order, proof, target
from tests.act.carrier import Carrier
from tests.act.receiver import Receiver, listening
from tests.docs.pages import DOCS
from tests.source.certificates import Authority

from gatepost.act.hook import Hook, content, key_of, signed
from gatepost.act.reach import Reach
from gatepost.act.tidings import News, Teller
from gatepost.act.trust import context
from gatepost.act.url import url_of
from gatepost.core.errors import ActionError
from gatepost.core.evidence import Level
from gatepost.core.incident import State

SECRET = b"0123456789abcdef"
SCHEMA = jsonschema.Draft202012Validator(json.loads((DOCS / "schemas" / "hook.json").read_text()))


def hook(url: str, *, secret: bytes = SECRET, tls: ssl.SSLContext | None = None, timeout: float = 10) -> Hook:
    """What posts there."""
    return Hook(url=url_of(url), secret=secret, reach=Reach(), tls=tls or context(), clock=Fixed(), timeout=timeout)


def news(account: str = "ann@example.org", says: str = "7 networks", value: str = "as64500") -> News:
    """A step of a theft."""
    about = incident(account, because=(proof(says=says, values=(value,)),))
    return News(order(about, "notified").key, "step", NOON, about, 1, (("held", says),))


def told(url: str, **more: Any) -> str:
    """Post a step; the note."""
    return asyncio.run(hook(url, **more).say(news()))


def test_a_step_arrives_signed_and_as_the_schema_says() -> None:
    """Whoever has the secret can prove who wrote it and when; the content is what the schema publishes."""
    receiver = Receiver()
    with listening(receiver) as port:
        assert told(f"http://127.0.0.1:{port}/in?x=1") == f"127.0.0.1:{port} was told: 204"
    ((path, headers, body),) = receiver.posted
    told_at = headers["webhook-timestamp"]
    made = hmac.new(SECRET, f"{headers['webhook-id']}.{told_at}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"
    assert (path, int(told_at), headers["host"]) == ("/in?x=1", int(NOON), f"127.0.0.1:{port}")
    said = json.loads(body)
    SCHEMA.validate(said)
    assert (said["type"], said["incident"], said["id"]) == ("incident.step", "ann@example.org#1", headers["webhook-id"])
    assert said["commands"][0] == "gatepost release 'ann@example.org#1' --password-changed"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example that the specification publishes has our signature."""
    key = key_of(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = dict(signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'))
    assert headers["Webhook-Signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_same_news_have_the_same_id() -> None:
    """A repeat is recognised; another incident of that name, after a lost state, is not taken for one."""
    again = news()
    other = replace(again, incident=replace(again.incident, opened=NOON + 1))
    assert content(again)["id"] == content(news())["id"] != content(other)["id"]


@pytest.mark.parametrize(
    ("status", "said"), [(302, "redirects are not followed"), (401, "another secret"), (500, "500")]
)
def test_any_answer_but_success_is_worth_another_try(status: int, said: str) -> None:
    """A redirect is not followed, a refusal and a failure are tried again by the journal."""
    receiver = Receiver(status, Location="http://127.0.0.1:1/")
    with listening(receiver) as port, pytest.raises(ActionError, match=said) as caught:
        told(f"http://127.0.0.1:{port}/")
    assert caught.value.retry and len(receiver.posted) == 1


def test_tls_asks_for_a_valid_certificate_of_that_name(tmp_path: Path) -> None:
    """A certificate of an authority that is named is believed; of any other, or for another name, it is not."""
    authority = Authority(tmp_path)
    certificate = authority.sign("localhost")
    receiver = Receiver()
    trusted = context(str(authority.file))
    with listening(receiver, certificate) as port:
        assert "204" in told(f"https://localhost:{port}/", tls=trusted)
        for url, tls in ((f"https://localhost:{port}/", context()), (f"https://127.0.0.1:{port}/", trusted)):
            with pytest.raises(ActionError, match="certificate") as caught:
                told(url, tls=tls)
            assert caught.value.retry
    assert len(receiver.posted) == 1


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answered(answer: Answer, timeout: float = 10) -> None:
    """Post to a server that answers so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(1)
            await answer(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            await hook(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", timeout=timeout).say(news())
        finally:
            server.close()

    asyncio.run(run())


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 2")


async def _babbles(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()


async def _never_ends(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


async def _lies(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.org ESMTP\r\n")


@pytest.mark.parametrize("answer", [_silent, _hangs_up, _babbles, _never_ends, _lies])
def test_a_receiver_that_fails_in_any_way_costs_its_time_and_no_more(answer: Answer) -> None:
    """Silence, half an answer, an endless one and one of another protocol end in an error worth another try."""
    with pytest.raises(ActionError, match="was not told") as caught:
        answered(answer, 0.3 if answer is _silent else 10)
    assert caught.value.retry


def test_nobody_there_is_an_error_worth_another_try() -> None:
    """The address is named."""
    with pytest.raises(ActionError, match=r"127\.0\.0\.1:1 was not told") as caught:
        told("http://127.0.0.1:1/")
    assert caught.value.retry


@pytest.mark.parametrize(
    "text",
    ["", "hooks.example.org", "ftp://example.org/", "https://", "https://u:p@example.org/", "https://example.org/#x",
     "https://example.org:99999/", "https://exa mple.org/", "https://example.org/\r\nX: y", "https://[::1/", "http://a:0/"],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused_with_an_example(text: str) -> None:
    """The remedy shows what one looks like."""
    with pytest.raises(ValueError, match=r"write such as"):
        url_of(text)


def test_an_address_is_read_as_it_is_meant() -> None:
    """Port, path and query, also of an IPv6 address."""
    assert (url_of("https://example.org").port, url_of("https://example.org").target) == (443, "/")
    assert url_of("http://[2001:db8::1]:8080/a?b=c").authority == "[2001:db8::1]:8080"
    assert url_of("http://[2001:db8::1]:8080/a?b=c").target == "/a?b=c"


class Notes:
    """A speaker that notes what it is told."""

    def __init__(self) -> None:
        self.news: list[News] = []

    async def say(self, news: News) -> str:
        """Note it."""
        self.news.append(news)
        return "noted"


def test_each_step_is_told_and_the_end_once() -> None:
    """Three steps, then one end, with the last step that was told; what was done stands in the news."""
    book, notes = Book(), Notes()
    carrier = Carrier(Teller("hook:x", notes, book, frozenset({"hold", "block"})), book)
    levels = (Level.THROTTLE, Level.HOLD, Level.BLOCK)
    for step, level in enumerate(levels, 1):
        about = incident(peak=level)
        if level is Level.BLOCK:
            measure = order(about, "blocked", step)
            book.claim(measure, "table:deny", "x", NOON)
            book.close_row(measure.key, "table:deny", "done", "added", NOON)
        asyncio.run(carrier.ensure(order(about, "notified", step), target(about)))
    ended = replace(incident(), state=State.RELEASED, step=3)
    for row in reversed(book.rows("ann@example.org#1")):
        if row.action == "hook:x":
            asyncio.run(carrier.action.undo(row.order, target(ended), row.undo))
    assert [(one.what, one.step) for one in notes.news] == [("step", 2), ("step", 3), ("end", 3)]
    assert [(row.action, row.state) for row in notes.news[1].measures] == [("table:deny", "done")]
    said = content(notes.news[-1])
    SCHEMA.validate(said)
    assert (said["type"], said["state"], said["commands"]) == ("incident.end", "released", [])


@settings(max_examples=50)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_whatever_stands_in_it_the_content_keeps_to_the_schema(account: str, says: str, value: str) -> None:
    """Foreign values are short, and control and bidi characters in them are escapes."""
    said = content(news(f"{account}\udcff\u202e", f"{says}\0", f"{value}\x1b"))
    SCHEMA.validate(json.loads(json.dumps(said)))
    assert not {*"\0\x1b\u202e\udcff"} & {*json.dumps(said, ensure_ascii=False)}


def test_a_secret_may_be_base64_and_must_then_be_it() -> None:
    """whsec_ says so, as the receivers' libraries have it."""
    assert key_of(b"whsec_" + base64.b64encode(b"octets")) == b"octets"
    assert key_of(SECRET) == SECRET
    with pytest.raises(ValueError, match="base64"):
        key_of(b"whsec_not base64")
