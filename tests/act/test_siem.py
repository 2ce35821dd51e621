"""Lines for a SIEM."""

import asyncio
import re
import socket
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.act.book import NOON, Book, incident, order, proof, target
from tests.source.certificates import Authority

from gatepost.act.cef import FACILITIES, MOST, line
from gatepost.act.siem import Siem
from gatepost.act.tidings import News, end, step
from gatepost.act.trust import context
from gatepost.core.errors import ActionError
from gatepost.core.evidence import Level
from gatepost.core.incident import State
from gatepost.wire.frames import Frames
from gatepost.wire.syslog import read_header

HEADER = re.compile(r"CEF:0((?:\|(?:[^|\\]|\\[|\\])*){6})\|")
FIELD = re.compile(r"(?:^| )([A-Za-z0-9]+)=((?:[^=\\\n]|\\[=\\n])*?)(?= [A-Za-z0-9]+=|$)")


def news(account: str = "ann@example.org", says: str = "7 networks", level: Level = Level.BLOCK) -> News:
    """A step of a theft about which something was done."""
    about, book = incident(account, peak=level, because=(proof(says=says),)), Book()
    measure = order(about)
    book.claim(measure, "table:exim/deny", "x", NOON)
    book.close_row(measure.key, "table:exim/deny", "done", "added", NOON)
    return step(order(about, "notified"), target(about), book)


def read(said: bytes) -> tuple[list[str], dict[str, str]]:
    """Header and fields, as a SIEM reads them: by the rules of CEF, not by ours."""
    text = said.decode()
    top = read_header(text)
    assert top is not None and (top.host, top.program) == ("mx1", "gatepost")
    message = text[top.end :]
    found = HEADER.match(message)
    assert found is not None, message
    names = [re.sub(r"\\([|\\])", r"\1", part) for part in re.split(r"(?<!\\)\|", found[1])[1:]]
    rest = message[found.end() :]
    fields = {name: re.sub(r"\\([=\\])", r"\1", value) for name, value in FIELD.findall(rest)}
    assert " ".join(f"{name}={value}" for name, value in FIELD.findall(rest)) == rest
    return names, fields


def test_a_step_is_one_line_of_cef_in_syslog() -> None:
    """Who, which incident, when, how bad, why, what was done, and what takes it back."""
    said = line(news(), "mx1", "auth")
    assert said.startswith(b"<33>1 2026-03-01T12:00:00Z mx1 gatepost - block - CEF:0|gatepost|gatepost|")
    names, fields = read(said)
    assert names[3:] == ["block", "account blocked", "9"]
    assert (fields["suser"], fields["externalId"], fields["rt"]) == (
        "ann@example.org",
        "ann@example.org#1",
        "1772366400000",
    )
    assert (fields["cn1Label"], fields["cn1"], fields["cn3"]) == ("score", "88", "39")
    assert fields["cs1"] == "spread: 7 networks"
    assert fields["cs2"] == "table:exim/deny blocked done"
    assert fields["cs4"] == "gatepost release 'ann@example.org#1' --password-changed"


def test_the_end_is_a_line_without_a_command() -> None:
    """It says how the incident ended, and is less severe."""
    about = replace(incident(), state=State.RELEASED)
    names, fields = read(line(end(order(about, "notified"), target(about), Book()), "mx1", "local7"))
    assert names[3:] == ["end", "incident released", "2"]
    assert fields["outcome"] == "released" and "cs4" not in fields


@pytest.mark.parametrize(("level", "severity"), [(Level.THROTTLE, "4"), (Level.HOLD, "7"), (Level.BLOCK, "9")])
def test_a_higher_level_is_more_severe(level: Level, severity: str) -> None:
    """So that rules of a SIEM can go by it."""
    assert read(line(news(level=level), "mx1", "mail"))[0][5] == severity


HOSTILE = st.text(max_size=400) | st.sampled_from(
    ["a|b", "a\\", "x=1 act=none", "\r\n<33>1 - x", "\u202egpj", "\0", "\udcff", "\u2028", "ü" * 400, "\\=", "a=\\|"]
)


@given(HOSTILE, HOSTILE)
def test_no_foreign_value_ends_a_field_or_the_line(account: str, says: str) -> None:
    """Header and fields are the same ones, at most 2,048 octets, whatever stands in account and evidence."""
    said = line(news(account, says), "mx1", "auth")
    assert len(said) <= MOST
    names, fields = read(said)
    assert names[3:] == ["block", "account blocked", "9"]
    known = {"suser", "externalId", "rt", "start", "outcome", *(f"c{kind}{n}" for kind in "ns" for n in range(1, 5))}
    assert {name.removesuffix("Label") for name in fields} <= known
    assert "act" not in fields
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2028\u2029]", said.decode())


def test_facilities_have_the_numbers_of_the_rfc() -> None:
    """auth is 4, authpriv 10, local0 16, local7 23."""
    assert [FACILITIES.index(name) for name in ("auth", "authpriv", "local0", "local7")] == [4, 10, 16, 23]


def siem(to: str, tls: ssl.SSLContext | None = None, timeout: float = 10) -> Siem:
    """What sends lines there."""
    return Siem(to=to, host="mx1", facility="auth", tls=tls, timeout=timeout)


@pytest.mark.parametrize("kind", ["udp", "unix"])
def test_a_datagram_holds_one_line(kind: str, tmp_path: Path) -> None:
    """By UDP and to the socket of a syslog daemon."""
    family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log") if kind == "unix" else ("127.0.0.1", 0))
        place = server.getsockname()
        to = f"unix:{place}" if kind == "unix" else f"udp:127.0.0.1:{place[1]}"
        assert asyncio.run(siem(to).say(news())) == f"sent to {to}"
        server.settimeout(10)
        assert server.recv(65536) == line(news(), "mx1", "auth")


class Collector:
    """A syslog server for streams; what it reads, message by message."""

    def __init__(self, *, closes: bool = True) -> None:
        self.heard: list[bytes] = []
        self.closes = closes

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        frames = Frames()
        while data := await reader.read(4096):
            self.heard += frames.receive(data)
        if self.closes:
            writer.close()


def sent(collector: Collector, tls: tuple[Path, Path] | None = None, trust: ssl.SSLContext | None = None) -> None:
    """Send one step to it."""

    async def run() -> None:
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if secure is not None and tls is not None:
            secure.load_cert_chain(*tls)
        server = await asyncio.start_server(collector.serve, "127.0.0.1", 0, ssl=secure)
        port = server.sockets[0].getsockname()[1]
        to = f"tls:localhost:{port}" if tls else f"tcp:127.0.0.1:{port}"
        await siem(to, trust).say(news())
        async with asyncio.timeout(10):
            while not collector.heard:
                await asyncio.sleep(0.01)
        server.close()

    asyncio.run(run())


@pytest.mark.parametrize("closes", [True, False])
def test_a_stream_holds_a_counted_line(closes: bool) -> None:
    """By TCP, whether the server closes the connection or keeps it open."""
    collector = Collector(closes=closes)
    sent(collector)
    assert collector.heard == [line(news(), "mx1", "auth")]


def test_tls_asks_for_a_valid_certificate(tmp_path: Path) -> None:
    """The line goes to who can prove his name, and to nobody else."""
    authority, collector = Authority(tmp_path), Collector()
    sent(collector, authority.sign("localhost"), context(str(authority.file)))
    assert collector.heard == [line(news(), "mx1", "auth")]
    other = Collector()
    with pytest.raises(ActionError, match="certificate") as caught:
        sent(other, authority.sign("localhost"), context())
    assert caught.value.retry and other.heard == []


def test_a_server_that_wants_our_certificate_is_no_success(tmp_path: Path) -> None:
    """In TLS 1.3 the refusal comes after our first octets: it is waited for."""
    authority = Authority(tmp_path)
    certificate, key = authority.sign("localhost")
    collector = Collector()

    async def run(trust: ssl.SSLContext) -> None:
        secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.file))
        secure.verify_mode = ssl.CERT_REQUIRED
        secure.load_cert_chain(certificate, key)
        server = await asyncio.start_server(collector.serve, "127.0.0.1", 0, ssl=secure)
        try:
            await siem(f"tls:localhost:{server.sockets[0].getsockname()[1]}", trust).say(news())
        finally:
            server.close()

    with pytest.raises(ActionError) as caught:
        asyncio.run(run(context(str(authority.file))))
    assert caught.value.retry and collector.heard == []
    asyncio.run(run(context(str(authority.file), str(certificate), str(key))))
    assert collector.heard == [line(news(), "mx1", "auth")]


@pytest.mark.parametrize("to", ["tcp:127.0.0.1:1", "unix:/nowhere/log", "tls:127.0.0.1:1"])
def test_nobody_there_is_an_error_worth_another_try(to: str) -> None:
    """The address is named."""
    with pytest.raises(ActionError, match=f"{to} took no line") as caught:
        asyncio.run(siem(to, context() if to.startswith("tls") else None).say(news()))
    assert caught.value.retry


def test_a_silent_server_costs_its_time_and_no_more() -> None:
    """One that never shakes hands is given up."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        to = f"tls:127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ActionError, match=r"no answer within 0\.2 s"):
            asyncio.run(siem(to, context(), 0.2).say(news()))
