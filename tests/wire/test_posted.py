"""JSON over HTTP: any split gives the same, nothing can be read in two ways, and nobody can make it long."""

import contextlib
from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import BadRequest, TooLong, WireError
from gatepost.wire.posted import MAX_BODY, MAX_HEAD, MAX_HEADERS, Posted, Requests, post

KEY = b"0123456789abcdef"


def head(*lines: bytes, first: bytes = b"POST /?command=allow HTTP/1.1") -> bytes:
    """The head of a request."""
    return b"\r\n".join([first, *lines, b"", b""])


def read(data: bytes) -> list[Posted]:
    """Every request in some bytes."""
    return list(Requests().feed(data))


@given(st.lists(st.binary(max_size=60), max_size=4), st.lists(st.integers(0, 900), max_size=20))
def test_any_split_of_the_bytes_gives_the_same_requests(bodies: list[bytes], cuts: list[int]) -> None:
    """Also several on one connection, and bodies that look like heads."""
    data = b"".join(post("report", KEY, body) for body in bodies)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    reader = Requests()
    found = [one for start, end in pairwise(places) for one in reader.feed(data[start:end])]
    assert found == [Posted("report", KEY, body) for body in bodies] and not reader.halfway


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_an_error(data: bytes) -> None:
    """Noise never raises anything but a WireError."""
    for noise in (data, head(data), head(b"Content-Length: 3", data) + data):
        with contextlib.suppress(WireError):
            read(noise)


def test_the_secret_is_a_header_or_a_password() -> None:
    """In any spelling of the header's name; whatever else is no secret."""
    coded = b64encode(b"wforce:" + KEY)
    for line in (b"x-api-key:" + KEY, b"X-API-KEY: " + KEY + b" ", b"Authorization: basic " + coded):
        assert read(head(line, b"content-length: 2") + b"{}") == [Posted("allow", KEY, b"{}")]
    for line in (b"Authorization: Bearer " + KEY, b"Authorization: Basic ???", b"Authorization:", b"Cookie: a"):
        assert read(head(line, b"Content-Length: 0"))[0].key == b""


def test_the_command_is_in_the_query() -> None:
    """Behind other words too; without one it is empty."""
    for target, command in ((b"/a?b=c&command=reset", "reset"), (b"/", ""), (b"/?xcommand=allow", "")):
        first = b"POST " + target + b" HTTP/1.1"
        assert read(head(b"Content-Length: 0", first=first))[0].command == command
    assert not read(head(b"Content-Length: 0", b"Connection: Close"))[0].lasting
    ping = head(first=b"GET /?command=ping HTTP/1.1")
    assert [one.command for one in read(ping + post("allow", KEY, b"{}"))] == ["ping", "allow"]


@pytest.mark.parametrize(
    "data",
    [
        head(b"Content-Length: 0", first=b"PUT / HTTP/1.1"),
        head(b"Content-Length: 0", first=b"POST / HTTP/1.0"),
        head(b"Content-Length: 0", first=b"POST http://192.0.2.1/ HTTP/1.1"),
        head(b"Host: a"),
        head(b"Content-Length: -1"),
        head(b"Content-Length: 2, 2"),
        head(b"Content-Length: 2", b"content-length: 2"),
        head(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        head(b"Content-Length : 2"),
        head(b"Content-Length: 2", b" folded"),
        head(b"Content-Length: 2", b"A: b\nX: y"),
    ],
)
def test_what_can_be_read_in_two_ways_is_no_request(data: bytes) -> None:
    """Each is refused before a body is looked at."""
    with pytest.raises(BadRequest):
        read(data)


def test_nothing_can_be_long() -> None:
    """Neither the head, nor what it announces, nor the number of its lines; no more than that is ever kept."""
    with pytest.raises(TooLong, match="head"):
        read(b"POST / HTTP/1.1\r\nA: " + b"a" * MAX_HEAD)
    with pytest.raises(TooLong, match="body"):
        read(head(b"Content-Length: %d" % (MAX_BODY + 1)))
    with pytest.raises(TooLong, match="headers"):
        read(head(*[b"H%d: a" % number for number in range(MAX_HEADERS + 1)]))
    assert read(head(b"Content-Length: %d" % MAX_BODY) + b" " * MAX_BODY)[0].body == b" " * MAX_BODY
