"""Exim's requests: any split gives the same, no value becomes a field, and nobody can make one long."""

import contextlib
from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.errors import BadRequest, TooLong, WireError
from gatepost.wire.readsocket import MAX_FIELDS, MAX_REQUEST, Request, Requests, line
from gatepost.wire.texts import MAX_VALUE

FIELDS = st.dictionaries(st.from_regex("[a-z_]{1,12}", fullmatch=True), st.binary(max_size=60), max_size=8)


def written(fields: dict[str, bytes]) -> bytes:
    """A request whose values all come from strangers."""
    return b" ".join([b"ask", *(name.encode() + b":" + b64encode(value) for name, value in fields.items())]) + b"\n"


def only(data: bytes) -> Request:
    """The one request in some bytes."""
    (found,) = Requests().feed(data)
    return found


@given(FIELDS, st.lists(st.integers(0, 400), max_size=20))
def test_any_split_of_the_bytes_gives_the_same_request(fields: dict[str, bytes], cuts: list[int]) -> None:
    """However the network cuts them."""
    data = written(fields)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    reader = Requests()
    found = [one for start, end in pairwise(places) for one in reader.feed(data[start:end])]
    assert found == [only(data)] and not reader.halfway


@given(FIELDS)
def test_whatever_a_stranger_writes_stays_in_its_field(fields: dict[str, bytes]) -> None:
    """Newlines, blanks, equals signs and NUL change no other field, and no control character survives."""
    found = only(written(fields)).fields
    assert found.keys() == fields.keys()
    assert all(character >= " " and character != "\x7f" for value in found.values() for character in value)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_an_error(data: bytes) -> None:
    """Noise never raises anything but a WireError."""
    with contextlib.suppress(WireError):
        list(Requests().feed(data))


def test_plain_values_are_the_mail_servers_own() -> None:
    """An address with colons; base64 beside it."""
    assert only(b"ask stage=rcpt client=2001:db8::1 login:YW5u\n") == Request(
        "ask", {"stage": "rcpt", "client": "2001:db8::1", "login": "ann"}
    )
    assert only(b"ask queue_id= login:\n").fields == {"queue_id": "", "login": ""}


def test_a_request_without_end_is_an_error_not_memory() -> None:
    """One octet more than a request may hold."""
    reader = Requests()
    assert list(reader.feed(b"a" * MAX_REQUEST)) == [] and reader.halfway
    with pytest.raises(TooLong):
        list(reader.feed(b"a"))


def test_too_many_fields_are_an_error() -> None:
    """One more than a request may hold."""
    with pytest.raises(TooLong):
        only(
            b"ask"
            + b"".join(f" {chr(97 + n // 26)}{chr(97 + n % 26)}=1".encode() for n in range(MAX_FIELDS + 1))
            + b"\n"
        )


@pytest.mark.parametrize(
    "data",
    [b"\n", b"ask a=1 a=2\n", b"ask a:1 b\n", b"ask a:YW5\n", b"ask  a=1\n", b"GET / HTTP/1.1\r\n", b"ask a=\xff\n"],
)
def test_what_is_no_request_is_an_error(data: bytes) -> None:
    """Nothing, a name twice, no value, half base64, two blanks, another protocol, octets above ASCII."""
    with pytest.raises(BadRequest):
        only(data)


def test_nothing_is_asked_twice_on_a_connection() -> None:
    """What follows the first line is not looked at."""
    reader = Requests()
    assert len(list(reader.feed(b"ask a=1\nask a=2\n"))) == 1
    assert list(reader.feed(b"\xff" * 10_000)) == []


def test_long_values_are_cut() -> None:
    """A sender of 3,000 characters."""
    assert only(written({"sender": b"a" * 3000})).fields["sender"] == "a" * MAX_VALUE


def test_an_answer_is_one_line() -> None:
    """Whatever stands in its words."""
    assert line("deny a\nb\r") == b"deny a?b?"
